"""The exit status is the product: each one for its own reason, and none of them green by mistake."""

import signal
from typing import Any

import pytest

from assisters_verify.conformance_run import ExitStatus, Finished

FAILURE = "the checks ended with status -9"


def finished(*judged: tuple[str, str], **values: Any) -> Finished:
    results = {"clauses": [{"verdict": verdict, "level": level, "reason": ""} for verdict, level in judged]}
    return Finished(**{"results": results, "exchanges": (), "failure": None, **values})


HELD, BROKEN, FAILED = ExitStatus.HELD, ExitStatus.BROKEN, ExitStatus.SUITE_FAILED


@pytest.mark.parametrize(
    ("verdict", "level", "plain", "strict"),
    [
        ("pass", "must", HELD, HELD),
        ("pass", "should", HELD, HELD),
        ("not_applicable", "must", HELD, HELD),
        ("fail", "must", BROKEN, BROKEN),
        ("not_implemented", "must", BROKEN, BROKEN),
        ("not_implemented", "should", HELD, HELD),
        ("warn", "should", HELD, BROKEN),
        ("warn", "may", HELD, BROKEN),
        ("warn", "must", HELD, BROKEN),
        ("inconclusive", "must", HELD, BROKEN),
        ("inconclusive", "should", HELD, HELD),
        ("inconclusive", "may", HELD, HELD),
        ("skipped", "must", HELD, BROKEN),
        ("skipped", "should", HELD, HELD),
        ("error", "must", FAILED, FAILED),
        ("error", "may", FAILED, FAILED),
    ],
)
def test_exit_status_follows_from_the_worst_verdict(
    verdict: str, level: str, plain: ExitStatus, strict: ExitStatus
) -> None:
    run = finished(("pass", "must"), (verdict, level), ("pass", "should"))
    assert (run.exit_status(is_strict=False), run.exit_status(is_strict=True)) == (plain, strict)


def undecided(reason: str) -> Finished:
    run = finished(("inconclusive", "must"), ("inconclusive", "should"))
    for entry in run.results["clauses"]:
        entry["reason"] = reason
    return run


def test_run_in_which_all_rests_on_what_is_broken_is_never_green() -> None:
    """With a wrong key every clause of an area is undecided, and a gate that such a run goes through holds nothing."""
    run = undecided("undecided since AUTH-01 does not hold: received 401")
    assert (run.exit_status(is_strict=False), run.exit_status(is_strict=True)) == (ExitStatus.UNREACHABLE, BROKEN)


def test_run_in_which_a_model_never_does_what_is_asked_breaks_nothing() -> None:
    assert undecided("offered 8 times, the model never called a tool").exit_status(is_strict=False) == HELD


@pytest.mark.parametrize("verdict", ["not_applicable", "skipped"])
def test_run_in_which_nothing_applies_breaks_nothing(verdict: str) -> None:
    assert finished((verdict, "must"), (verdict, "should")).exit_status(is_strict=False) == HELD


@pytest.mark.parametrize("verdict", ["pass", "warn", "not_implemented"])
def test_run_that_decides_anything_is_judged_by_that(verdict: str) -> None:
    run = finished(("inconclusive", "must"), (verdict, "should"), ("skipped", "must"))
    assert (run.proves_nothing, run.exit_status(is_strict=False)) == (False, HELD)


def test_signal_that_ended_a_run_is_told_where_nothing_was_decided_until_then() -> None:
    run = finished(("inconclusive", "must"), ended_by=signal.SIGINT)
    assert run.exit_status(is_strict=False) == ExitStatus.INTERRUPTED


def test_nothing_judged_is_not_broken() -> None:
    assert finished().exit_status(is_strict=True) == HELD


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"failure": FAILURE}, 4),
        ({"gone": "Connection refused"}, 3),
        ({"ended_by": signal.SIGINT}, 130),
        ({"ended_by": signal.SIGTERM}, 143),
        ({"failure": FAILURE, "gone": "x", "ended_by": signal.SIGINT}, 4),
        ({"gone": "x", "ended_by": signal.SIGTERM}, 3),
    ],
)
@pytest.mark.parametrize("is_strict", [False, True])
def test_run_that_did_not_reach_its_end_is_never_green(
    values: dict[str, Any], expected: int, *, is_strict: bool
) -> None:
    run = finished(("pass", "must"), ("inconclusive", "must"), **values)
    assert run.exit_status(is_strict=is_strict) == expected


def test_broken_promise_goes_before_everything_else() -> None:
    run = finished(("fail", "must"), ("error", "must"), failure=FAILURE, gone="x", ended_by=signal.SIGINT)
    assert run.exit_status(is_strict=False) == BROKEN


def test_figures_are_those_that_are_documented() -> None:
    assert {status.name: int(status) for status in ExitStatus} == {
        "HELD": 0,
        "BROKEN": 1,
        "USAGE": 2,
        "UNREACHABLE": 3,
        "SUITE_FAILED": 4,
        "VOID": 5,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }
