"""All checks run side by side, each gets its outcome, and no fault of one costs another its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from assisters_verify.answer import Answer
from assisters_verify.checks import Declaration
from assisters_verify.judgement import Broken, LeftOut, NotApplicable, NotThere, Undecided
from assisters_verify.probe import Probe
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned, Scheduler
from assisters_verify.session import Session, open_session
from assisters_verify.settings import RunSettings, Secrets, Target
from assisters_verify.verdicts import Level, Verdict

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
LIMIT_S = 30.0
Call = Callable[[Probe], Coroutine[Any, Any, None]]


async def hold(_probe: Probe) -> None:
    """Pass."""


async def wait_for_ever(_probe: Probe) -> None:
    await asyncio.Event().wait()


def raising(error: BaseException) -> Call:
    async def check(_probe: Probe) -> None:
        raise error

    return check


def plan(
    name: str,
    call: Call = hold,
    *,
    clause: str = "",
    needs: tuple[str, ...] = (),
    is_last: bool = False,
    level: Level = Level.MUST,
) -> Planned:
    declaration = Declaration(clause=clause or name, needs=needs, is_last=is_last)
    return Planned(name=name, declaration=declaration, level=level, call=call)


class Run:
    """A scheduler over these checks, and what it told."""

    def __init__(self, folder: Path, *planned: Planned, deadline_s: float = 60.0) -> None:
        self.told: list[Outcome] = []
        self.started: list[str] = []
        self.sessions: list[Session] = []
        self.path = folder / "exchanges.jsonl"
        self.scheduler = Scheduler(
            planned=planned,
            open_session=self.open_session,
            deadline_s=deadline_s,
            on_start=lambda plan: self.started.append(plan.name),
            on_outcome=lambda _, outcome: self.told.append(outcome),
        )

    def open_session(self) -> Session:
        target = Target.model_validate({"base_url": "http://127.0.0.1:1"})
        settings = RunSettings(target=target, secrets=Secrets(api_key=SecretStr(API_KEY)))
        self.sessions.append(open_session(settings, self.path))
        return self.sessions[0]

    def outcomes(self) -> dict[str, Outcome]:
        """Run to the end and return the outcomes, each of which must have been told once."""
        self.scheduler.start()
        return self.rest()

    def rest(self) -> dict[str, Outcome]:
        found = {plan.name: result_of(self.scheduler, plan.name) for plan in self.scheduler.planned}
        self.scheduler.join()
        assert sorted(outcome.check for outcome in self.told) == sorted(found)
        return found

    def verdicts(self) -> dict[str, Verdict]:
        return {name: outcome.verdict for name, outcome in self.outcomes().items()}


def result_of(scheduler: Scheduler, name: str) -> Outcome:
    """Return an outcome as an item does, but never wait for ever."""
    return scheduler._outcomes[name].result(timeout=LIMIT_S)


# Verdicts


def test_check_that_returns_passes(tmp_path: Path) -> None:
    assert Run(tmp_path, plan("A")).verdicts() == {"A": Verdict.PASS}


@pytest.mark.parametrize(
    ("error", "level", "expected"),
    [
        (Broken(expected="x", received="y"), Level.MUST, Verdict.FAIL),
        (Broken(expected="x", received="y"), Level.SHOULD, Verdict.WARN),
        (Broken(expected="x", received="y"), Level.MAY, Verdict.WARN),
        (NotThere("no route"), Level.MUST, Verdict.NOT_IMPLEMENTED),
        (NotThere("no route"), Level.SHOULD, Verdict.NOT_IMPLEMENTED),
        (Undecided("?"), Level.MUST, Verdict.INCONCLUSIVE),
        (Undecided("?"), Level.SHOULD, Verdict.INCONCLUSIVE),
        (NotApplicable("http"), Level.MUST, Verdict.NOT_APPLICABLE),
        (LeftOut("--x"), Level.MUST, Verdict.SKIPPED),
    ],
)
def test_what_a_check_raises_is_its_verdict(
    tmp_path: Path, error: BaseException, level: Level, expected: Verdict
) -> None:
    assert Run(tmp_path, plan("A", raising(error), level=level)).verdicts() == {"A": expected}


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("oops"),
        AssertionError(),
        KeyError("x"),
        BaseExceptionGroup("several", [ValueError("x")]),
        pytest.fail.Exception("a check must not fail in pytest's way"),
        pytest.skip.Exception("nor skip in it"),
        SystemExit(3),
        GeneratorExit(),
        RecursionError(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_unexpected_exception_is_an_error_of_ours_and_the_rest_go_on(tmp_path: Path, error: BaseException) -> None:
    found = Run(tmp_path, plan("A", raising(error)), plan("B"), plan("C", needs=("B",))).outcomes()
    assert {name: outcome.verdict for name, outcome in found.items()} == {
        "A": Verdict.ERROR,
        "B": Verdict.PASS,
        "C": Verdict.PASS,
    }
    assert type(error).__name__ in found["A"].reason


def test_body_that_is_no_json_where_json_is_needed_breaks_the_promise(tmp_path: Path) -> None:
    answer = Answer(
        exchange="x1",
        method="GET",
        path="/",
        status=200,
        headers={},
        body=b"<html>",
        first_byte_s=0.0,
        total_s=0.0,
    )

    async def check(_probe: Probe) -> None:
        _ = answer.document

    found = Run(tmp_path, plan("A", check)).outcomes()["A"]
    assert (found.verdict, found.expected, found.received) == (Verdict.FAIL, "a JSON text", "no JSON: <html>")


def test_secrets_are_not_in_an_outcome(tmp_path: Path) -> None:
    secret = f"{'.' * 990}{API_KEY}{'.' * 10_000}"
    checks = [
        plan("A", raising(Broken(expected=secret, received=secret))),
        plan("B", raising(Undecided(API_KEY))),
        plan("C", raising(ValueError(API_KEY))),
    ]
    found = Run(tmp_path, *checks).outcomes()
    assert [name for name, outcome in found.items() if API_KEY[:8] in repr(outcome)] == []
    assert max(len(outcome.expected) for outcome in found.values()) == 1_000


def test_evidence_names_the_telling_exchange_first_and_no_uncounted_one(tmp_path: Path) -> None:
    def answer(exchange: str) -> Answer:
        return Answer(
            exchange=exchange,
            method="GET",
            path="/",
            status=200,
            headers={},
            body=b"",
            first_byte_s=0.0,
            total_s=0.0,
        )

    async def check(probe: Probe) -> None:
        probe.evidence += [f"x{number:04}" for number in range(1, 13)]
        raise Broken(expected="x", received="y", answer=answer("x0003"))

    async def uncounted(probe: Probe) -> None:
        probe.evidence += ["x0020", ""]
        raise Broken(expected="x", received="y", answer=answer(""))

    found = Run(tmp_path, plan("A", check), plan("B", uncounted)).outcomes()
    assert found["A"].evidence == ("x0003", "x0012", "x0011", "x0010", "x0009", "x0008", "x0007", "x0006")
    assert found["B"].evidence == ("x0020",)


# What a check needs


def test_check_waits_for_what_it_needs(tmp_path: Path) -> None:
    order: list[str] = []

    def noting(name: str, pauses: int) -> Call:
        async def check(_probe: Probe) -> None:
            for _ in range(pauses):
                await asyncio.sleep(0)
            order.append(name)

        return check

    Run(
        tmp_path,
        plan("C", noting("C", 0), needs=("B",)),
        plan("B", noting("B", 3), needs=("A",)),
        plan("A", noting("A", 9)),
    ).outcomes()
    assert order == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("error", "is_blocked"),
    [
        (None, False),
        (NotApplicable("http"), False),
        (Broken(expected="x", received="y"), True),
        (NotThere("no route"), True),
        (Undecided("who knows"), True),
        (LeftOut("--x"), True),
        (ValueError("oops"), True),
    ],
)
def test_check_whose_need_does_not_hold_is_undecided_and_sends_nothing(
    tmp_path: Path, error: BaseException | None, *, is_blocked: bool
) -> None:
    run = Run(tmp_path, plan("A", raising(error) if error else hold), plan("B", needs=("A",)))
    found = run.outcomes()["B"]
    assert found.verdict is (Verdict.INCONCLUSIVE if is_blocked else Verdict.PASS)
    assert found.reason.startswith("undecided since A does not hold: ") is is_blocked
    assert ("B" in run.started) is not is_blocked


def test_warning_blocks_nobody(tmp_path: Path) -> None:
    root = plan("A", raising(Broken(expected="x", received="y")), level=Level.SHOULD)
    assert Run(tmp_path, root, plan("B", needs=("A",))).verdicts() == {"A": Verdict.WARN, "B": Verdict.PASS}


def test_whole_chain_names_the_root_once(tmp_path: Path) -> None:
    chain = [
        plan("D", needs=("C",)),
        plan("C", needs=("B",)),
        plan("B", needs=("A",)),
        plan("A", raising(NotThere("no A"))),
    ]
    found = Run(tmp_path, *chain).outcomes()
    assert {found[name].reason for name in "BCD"} == {"undecided since A does not hold: no A"}


def test_every_check_of_a_needed_clause_counts(tmp_path: Path) -> None:
    checks = [
        plan("A1", clause="A"),
        plan("A2", raising(Undecided("?")), clause="A"),
        plan("B", needs=("A",)),
    ]
    assert Run(tmp_path, *checks).verdicts()["B"] is Verdict.INCONCLUSIVE


def test_need_without_a_check_blocks_nobody(tmp_path: Path) -> None:
    assert Run(tmp_path, plan("B", needs=("A",))).verdicts() == {"B": Verdict.PASS}


def test_last_checks_start_when_all_others_are_done(tmp_path: Path) -> None:
    done: list[str] = []

    def noting(name: str, pauses: int) -> Call:
        async def check(_probe: Probe) -> None:
            for _ in range(pauses):
                await asyncio.sleep(0)
            done.append(name)

        return check

    Run(
        tmp_path,
        plan("Z", noting("Z", 0), is_last=True),
        plan("Y", noting("Y", 0), is_last=True, needs=("Z",)),
        plan("A", noting("A", 20)),
        plan("B", noting("B", 0), needs=("A",)),
        plan("C", raising(ValueError("oops"))),
    ).outcomes()
    assert done == ["A", "B", "Z", "Y"]


def test_last_checks_alone_are_run(tmp_path: Path) -> None:
    assert Run(tmp_path, plan("Z", is_last=True)).verdicts() == {"Z": Verdict.PASS}


def test_nothing_planned_ends(tmp_path: Path) -> None:
    assert Run(tmp_path).outcomes() == {}


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
