"""A run that ends before its end, or cannot begin, leaves an outcome for each check and takes back what was made."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from tests.scheduling import API_KEY, LIMIT_S, Run, plan, result_of, wait_for_ever

from assisters_verify.judgement import Undecided
from assisters_verify.probe import Probe
from assisters_verify.verdicts import Verdict

# Ends before the end


def test_deadline_leaves_what_is_still_running_undecided(tmp_path: Path) -> None:
    run = Run(
        tmp_path, plan("A"), plan("B", wait_for_ever), plan("C", needs=("B",)), plan("D", is_last=True), deadline_s=0.1
    )
    found = run.outcomes()
    reason = "the deadline of 0.1 s passed (--deadline)"
    assert {name: (outcome.verdict, outcome.reason) for name, outcome in found.items()} == {
        "A": (Verdict.PASS, ""),
        "B": (Verdict.INCONCLUSIVE, reason),
        "C": (Verdict.INCONCLUSIVE, reason),
        "D": (Verdict.INCONCLUSIVE, reason),
    }
    assert run.scheduler.interrupted == reason


def test_interrupted_checks_keep_their_evidence(tmp_path: Path) -> None:
    """Also where others that wait for them are cancelled first, and they take some time to end."""
    has_started = threading.Event()

    async def slow_to_end(probe: Probe) -> None:
        probe.evidence.append("x0001")
        has_started.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(20):
                await asyncio.sleep(0)

    run = Run(tmp_path, plan("B", needs=("A",)), plan("A", slow_to_end), plan("C", needs=("A",)))
    run.scheduler.start()
    assert has_started.wait(LIMIT_S)
    run.scheduler.interrupt("interrupted by SIGINT")
    found = run.rest()
    assert {outcome.reason for outcome in found.values()} == {"interrupted by SIGINT"}
    assert found["A"].evidence == ("x0001",)


def test_interrupt_takes_back_what_was_made(tmp_path: Path) -> None:
    has_started = threading.Event()
    undone: list[str] = []

    async def make(probe: Probe) -> None:
        async def undo(name: str) -> None:
            undone.append(name)
            if name == "second":
                raise Undecided(f"refused, with {API_KEY}")

        for name in ("first", "second", "third"):
            probe.owe(name, partial(undo, name))
        has_started.set()
        await asyncio.Event().wait()

    run = Run(tmp_path, plan("A", make))
    run.scheduler.start()
    assert has_started.wait(LIMIT_S)
    run.scheduler.interrupt("interrupted")
    run.rest()
    assert (undone, run.scheduler.leftovers) == (
        ["third", "second", "first"],
        ("second: refused, with {{api_key}}",),
    )


def test_undoing_that_hangs_costs_the_others_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assisters_verify.session._UNDO_S", 0.05)
    monkeypatch.setattr("assisters_verify.session._SETTLING_S", -60.0)
    undone: list[str] = []

    async def make(probe: Probe) -> None:
        async def undo() -> None:
            undone.append("first")

        async def hang() -> None:
            await asyncio.Event().wait()

        probe.owe("first", undo)
        probe.owe("second", hang)

    run = Run(tmp_path, plan("A", make))
    run.outcomes()
    assert (undone, run.scheduler.leftovers) == (["first"], ("second: TimeoutError",))


def test_fact_in_the_making_makes_nothing_after_the_end(tmp_path: Path) -> None:
    order: list[str] = []
    has_started = threading.Event()

    async def check(probe: Probe) -> None:
        async def find(_: Probe) -> None:
            has_started.set()
            try:
                await asyncio.Event().wait()
            finally:
                order.append("fact ended")

        async def undo() -> None:
            order.append("taken back")

        probe.owe("something", undo)
        await probe.fact("x", find)

    run = Run(tmp_path, plan("A", check))
    run.scheduler.start()
    assert has_started.wait(LIMIT_S)
    run.scheduler.interrupt("interrupted")
    run.rest()
    assert order == ["fact ended", "taken back"]


def test_interrupt_before_the_start_runs_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, plan("A"))
    run.scheduler.interrupt("too early")
    assert (run.outcomes()["A"].reason, run.started) == ("too early", [])


def test_interrupt_after_the_end_changes_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, plan("A"))
    found = run.outcomes()
    run.scheduler.interrupt("too late")
    assert (found["A"].verdict, len(run.told)) == (Verdict.PASS, 1)


def test_check_that_swallows_its_end_is_ended_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assisters_verify.scheduler._CANCEL_AGAIN_S", 0.05)

    async def stubborn(_probe: Probe) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    run = Run(tmp_path, plan("A", stubborn), deadline_s=0.05)
    assert run.outcomes()["A"].verdict is Verdict.INCONCLUSIVE


def test_session_that_cannot_be_opened_is_an_error_of_every_check(tmp_path: Path) -> None:
    """Nobody may wait for an outcome for ever."""
    run = Run(tmp_path, plan("A"), plan("B", needs=("A",)))
    run.path = tmp_path / "no" / "such" / "folder"
    found = run.outcomes()
    assert {outcome.verdict for outcome in found.values()} == {Verdict.ERROR}
    assert "FileNotFoundError" in found["A"].reason


def test_listener_that_breaks_costs_nobody_an_outcome(tmp_path: Path) -> None:
    run = Run(tmp_path, plan("A"), plan("B", wait_for_ever), plan("C", needs=("A",)), deadline_s=0.2)

    def break_down(*_: object) -> None:
        raise BrokenPipeError

    run.scheduler.on_outcome = break_down
    run.scheduler.start()
    verdicts = {name: result_of(run.scheduler, name).verdict for name in "ABC"}
    run.scheduler.join()
    assert verdicts == {"A": Verdict.PASS, "B": Verdict.INCONCLUSIVE, "C": Verdict.PASS}


def test_several_threads_may_ask_for_outcomes(tmp_path: Path) -> None:
    run = Run(tmp_path, *[plan(f"A{number}") for number in range(20)])
    run.scheduler.start()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run.scheduler.outcome, [plan.name for plan in run.scheduler.planned] * 5))
    run.scheduler.join()
    assert {outcome.verdict for outcome in found} == {Verdict.PASS}
