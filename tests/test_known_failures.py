"""What is known to fail breaks no run; what is over, or overdue, does; and nothing undecided is hidden."""

from datetime import date
from typing import Any

import pytest

from assisters_verify.conformance_run import ExitStatus, Finished
from assisters_verify.known_failures import KnownFailure, State, complaint, counted, note_known_failures

TODAY = date(2026, 11, 23)
CHECK = "test_chat.py::test_one"


def clause(*verdicts: str, name: str = "CHAT-05", level: str = "must", worst: str | None = None) -> dict[str, Any]:
    names = [f"{CHECK}[{number}]" for number in range(len(verdicts))]
    checks = [{"check": check, "verdict": verdict} for check, verdict in zip(names, verdicts, strict=True)]
    return {"id": name, "level": level, "verdict": worst or verdicts[0], "checks": checks}


def listed(*, check: str | None = None, expires: date = TODAY, name: str = "CHAT-05") -> KnownFailure:
    return KnownFailure(clause=name, check=check, reason="the old gateway", expires=expires)


def noted(entry: dict[str, Any], *failures: KnownFailure) -> dict[str, Any]:
    return note_known_failures({"clauses": [entry]}, failures, file="known.yaml", today=TODAY)


def state_of(entry: dict[str, Any], failure: KnownFailure) -> State:
    return State(noted(entry, failure)["known_failures"]["entries"][0]["state"])


def status_of(entry: dict[str, Any], *failures: KnownFailure, is_strict: bool = False) -> ExitStatus:
    return Finished(results=noted(entry, *failures), exchanges=(), failure=None).exit_status(is_strict=is_strict)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("fail", State.KNOWN),
        ("not_implemented", State.KNOWN),
        ("warn", State.KNOWN),
        ("pass", State.STALE),
        ("not_applicable", State.STALE),
        ("inconclusive", State.UNDECIDED),
        ("skipped", State.UNDECIDED),
        ("error", State.UNDECIDED),
    ],
)
def test_state_is_what_the_verdict_makes_of_it(verdict: str, state: State) -> None:
    assert state_of(clause(verdict), listed()) == state


@pytest.mark.parametrize("verdict", ["fail", "pass", "inconclusive"])
def test_entry_expires_after_its_last_day(verdict: str) -> None:
    assert state_of(clause(verdict), listed(expires=date(2026, 11, 22))) == State.EXPIRED


def test_clause_that_nobody_asked_for_is_left_alone() -> None:
    assert state_of(clause("pass"), listed(name="AUTH-01")) == State.NOT_ASKED


def test_check_that_the_clause_has_not_is_found_out() -> None:
    assert state_of(clause("fail"), listed(check="test_chat.py::test_two")) == State.UNKNOWN_CHECK


def test_check_of_a_clause_that_was_not_run_is_undecided() -> None:
    entry = {**clause("inconclusive"), "checks": [{"check": "", "verdict": "inconclusive"}]}

    assert state_of(entry, listed(check=CHECK)) == State.UNDECIDED


@pytest.mark.parametrize("name", [f"{CHECK}[0]", CHECK, "test_one", "test_one[0]"])
def test_check_may_be_named_with_its_file_and_parameters_or_without(name: str) -> None:
    assert state_of(clause("fail"), listed(check=name)) == State.KNOWN


def test_known_failure_breaks_nothing() -> None:
    assert status_of(clause("fail"), listed()) == ExitStatus.HELD


def test_known_warning_breaks_nothing_in_a_strict_run() -> None:
    assert status_of(clause("warn", level="should"), listed(), is_strict=True) == ExitStatus.HELD


def test_failure_without_an_entry_breaks_the_run() -> None:
    assert status_of(clause("fail"), listed(name="AUTH-01")) == ExitStatus.BROKEN


@pytest.mark.parametrize("verdict", ["pass", "not_applicable"])
def test_stale_entry_breaks_the_run(verdict: str) -> None:
    assert status_of(clause(verdict), listed()) == ExitStatus.BROKEN


def test_expired_entry_breaks_the_run() -> None:
    assert status_of(clause("inconclusive"), listed(expires=date(2026, 1, 1))) == ExitStatus.BROKEN


def test_unknown_check_is_wrong_usage() -> None:
    assert status_of(clause("fail"), listed(check="no_such_check")) == ExitStatus.USAGE


def test_entry_for_one_check_does_not_cover_another() -> None:
    assert status_of(clause("fail", "fail"), listed(check=f"{CHECK}[0]")) == ExitStatus.BROKEN


def test_undecided_must_with_an_entry_is_not_hidden() -> None:
    assert status_of(clause("inconclusive"), listed(), is_strict=True) == ExitStatus.BROKEN


def test_undecided_check_beside_a_known_failure_is_not_hidden() -> None:
    entry = noted(clause("fail", "inconclusive"), listed())["clauses"][0]

    assert counted(entry) == "inconclusive"


def test_verdict_stays_what_it_is() -> None:
    assert noted(clause("fail"), listed())["clauses"][0]["verdict"] == "fail"


def test_clause_says_why_it_is_known_to_fail_and_until_when() -> None:
    known = noted(clause("fail"), listed())["clauses"][0]["known_failure"]

    assert known == {"reason": "the old gateway", "expires": "2026-11-23", "rest": "pass"}


def test_complaint_says_what_to_do() -> None:
    (entry,) = noted(clause("pass"), listed())["known_failures"]["entries"]

    assert complaint(entry) == "CHAT-05 is listed as known to fail, but it passes now. Take the entry out."
