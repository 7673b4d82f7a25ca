"""All checks run side by side, each gets its outcome, and no fault of one costs another its own."""

import asyncio
from pathlib import Path

import pytest
from tests.scheduling import API_KEY, Call, Run, hold, plan, raising

from assisters_verify.answer import Answer
from assisters_verify.judgement import Broken, LeftOut, NotApplicable, NotThere, Undecided
from assisters_verify.probe import Probe
from assisters_verify.verdicts import Level, Verdict

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
