"""The rules of the matrix: what breaks them is told, and nothing else."""

from collections.abc import Sequence

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.checks import Declaration
from assisters_verify.content import content_root
from assisters_verify.matrix.rules import is_right, needed_checks, problems, spare_problems
from assisters_verify.matrix.trial import Aim, Finding, Trial
from assisters_verify.probe import Probe
from assisters_verify.reference.variations import Fault
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Level, Verdict

CATALOGUE = load_catalogue(content_root() / "spec" / "clauses.yaml")
FAULTS = {"one": Fault(name="one", title="One.", area="chat", clause="CHAT-01")}


async def nothing(probe: Probe) -> None:
    """Judge nothing."""


def check(name: str, *, is_last: bool = False) -> Planned:
    declaration = Declaration(clause="CHAT-01", is_last=is_last)
    return Planned(name=name, declaration=declaration, level=Level.MUST, call=nothing)


def outcome(clause: str, verdict: Verdict, name: str = "test_x.py::test_y[a]") -> Outcome:
    return Outcome(check=name, clause=clause, verdict=verdict, reason="so it was")


def finding(
    aim: Aim, outcomes: Sequence[Outcome], *, faults: tuple[str, ...] = (), readings: tuple[str, ...] = ()
) -> Finding:
    trial = Trial(name="trial", aim=aim, clauses=("CHAT-01",), faults=faults, readings=readings)
    return Finding(trial=trial, outcomes=tuple(outcomes), duration_s=1, requests=1)


def told(found: Finding) -> list[str]:
    return [line for line in problems(FAULTS, [found], CATALOGUE, ["chat"]) if not line.startswith("no fault breaks")]


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN, Verdict.NOT_IMPLEMENTED])
def test_caught_fault_is_right(verdict: Verdict) -> None:
    found = finding(Aim.KILL, [outcome("CHAT-01", verdict)], faults=("one",))
    assert (is_right(found), told(found)) == (True, [])


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.SKIPPED])
def test_fault_that_nothing_decides_gets_past(verdict: Verdict) -> None:
    found = finding(Aim.KILL, [outcome("CHAT-01", verdict)], faults=("one",))
    assert (is_right(found), told(found)) == (False, ["fault one gets past CHAT-01"])


def test_fault_that_makes_another_area_fail_is_told() -> None:
    found = finding(Aim.SPILL, [outcome("AUDIT-01", Verdict.FAIL)], faults=("one",))
    assert (is_right(found), told(found)) == (False, ["one: AUDIT-01 is broken too: so it was"])


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.ERROR])
def test_blamed_reading_is_told(verdict: Verdict) -> None:
    found = finding(Aim.READING, [outcome("CHAT-01", verdict)], readings=("odd",))
    assert told(found) == ["odd: CHAT-01 is broken too: so it was"]


@pytest.mark.parametrize("verdict", [Verdict.WARN, Verdict.INCONCLUSIVE])
def test_reading_may_be_warned_about(verdict: Verdict) -> None:
    assert told(finding(Aim.READING, [outcome("CHAT-01", verdict)], readings=("odd",))) == []


def test_must_without_a_fault_is_told() -> None:
    lines = list(problems(FAULTS, [], CATALOGUE, ["chat"]))
    assert ("no fault breaks CHAT-01" in lines, "no fault breaks CHAT-03" in lines) == (False, True)


def test_check_that_catches_a_fault_alone_is_needed() -> None:
    alone = finding(Aim.KILL, [outcome("CHAT-01", Verdict.FAIL, name) for name in ("a[1]", "a[2]")], faults=("one",))
    both = finding(Aim.KILL, [outcome("CHAT-01", Verdict.FAIL, name) for name in ("b", "c")], faults=("one",))
    assert needed_checks([alone, both], [check("a[1]"), check("a[2]"), check("b"), check("c")]) == {"a"}


def test_observer_does_not_make_needless_what_it_observes() -> None:
    seen = finding(Aim.KILL, [outcome("CHAT-01", Verdict.FAIL, name) for name in ("a", "last")], faults=("one",))
    assert needed_checks([seen], [check("a"), check("last", is_last=True)]) == {"a"}


def test_observer_that_catches_alone_is_needed() -> None:
    seen = finding(Aim.KILL, [outcome("CHAT-01", Verdict.FAIL, "last")], faults=("one",))
    assert needed_checks([seen], [check("a"), check("last", is_last=True)]) == {"last"}


def test_spare_checks_are_listed_and_no_others() -> None:
    checks = [check("needed[1]"), check("spare"), check("forgotten")]
    lines = list(spare_problems(checks, frozenset({"needed"}), {"needed": "x", "spare": "x", "gone": "x"}))
    assert lines == [
        "forgotten: no fault is caught by it alone",
        "needed is listed as spare, but a fault is caught by it alone",
        "gone is listed as spare, but there is no such check",
    ]
