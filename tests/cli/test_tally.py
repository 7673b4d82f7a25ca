"""The running totals of a run count what was found, and say how long the rest may take."""

from typing import Any

import pytest

from assisters_verify.cli.tally import Tally, in_minutes
from assisters_verify.verdicts import Level

LEVELS = {"CHAT-01": Level.MUST, "CHAT-02": Level.SHOULD}


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s


def tally(*events: dict[str, Any], checks: int = 20, took_s: float = 0.0, since_s: float = 0.0) -> Tally:
    """Return a tally that took these events `took_s` after its beginning, as it is `since_s` later."""
    clock = Clock()
    made = Tally(levels=LEVELS, now=clock)
    clock.time_s = took_s
    for event in ({"event": "collected", "checks": checks}, *events):
        made.take(event)
    clock.time_s += since_s
    return made


def started(check: str, clause: str = "CHAT-01") -> dict[str, Any]:
    return {"event": "start", "check": check, "clause": clause}


def ended(
    verdict: str = "pass", *, clause: str = "CHAT-01", check: str = "a", asked: bool = True, requests: int = 1
) -> dict[str, Any]:
    outcome = {"check": check, "clause": clause, "verdict": verdict}
    return {"event": "outcome", "asked": asked, "requests": requests, "outcome": outcome}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ended("pass"), "1 kept, 0 broken"),
        (ended("not_applicable"), "1 kept, 0 broken"),
        (ended("fail"), "0 kept, 1 broken"),
        (ended("not_implemented"), "0 kept, 1 broken"),
        (ended("error", clause="CHAT-02"), "0 kept, 1 broken"),
        (ended("not_implemented", clause="CHAT-02"), "0 kept, 0 broken, 1 warned about"),
        (ended("warn"), "0 kept, 0 broken, 1 warned about"),
        (ended("inconclusive"), "0 kept, 0 broken, 1 undecided"),
        (ended("skipped"), "0 kept, 0 broken, 1 undecided"),
        (ended("inconclusive", clause="CHAT-02"), "0 kept, 0 broken"),
        (ended("fail", asked=False), "0 kept, 0 broken"),
    ],
)
def test_each_verdict_is_counted_once(event: dict[str, Any], expected: str) -> None:
    assert tally(event).in_words() == expected


def test_what_is_running_is_told_once_for_each_clause_oldest_first() -> None:
    found = tally(started("b", "CHAT-02"), started("a1"), started("a2"), ended(check="a1"))
    assert found.running == ("CHAT-02", "CHAT-01")


def test_a_check_that_runs_for_others_is_running_too_and_then_no_more() -> None:
    found = tally(started("a"), ended(check="a", asked=False))
    assert found.running == ()


def test_requests_never_count_back() -> None:
    assert tally(ended(requests=7), ended(requests=5)).requests == 7


def test_the_rest_takes_as_long_as_what_is_done() -> None:
    found = tally(*[ended() for _ in range(10)], checks=30, took_s=5.0)
    assert found.left_s == 10.0


def test_what_kept_everybody_waiting_is_taken_to_go_on_as_long_again() -> None:
    found = tally(*[ended() for _ in range(10)], checks=11, took_s=5.0, since_s=40.0)
    assert found.left_s == 40.0


def test_little_that_is_done_says_nothing_of_the_rest() -> None:
    assert tally(*[ended() for _ in range(9)], checks=30).left_s is None


def test_a_small_run_is_done_when_all_is_done() -> None:
    assert tally(ended(), ended(), checks=2, took_s=4.0, since_s=9.0).left_s == 0.0


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_times_are_said_as_people_say_them(seconds: float, expected: str) -> None:
    assert in_minutes(seconds) == expected
