from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.reporting.findings import (
    broken,
    by_reason,
    headline,
    open_conventions,
    reason_beside,
    telling,
    undecided,
    warnings,
)
from assisters_verify.verdicts import Level, Verdict

Results = dict[str, Any]


def _ids(clauses: list[dict[str, Any]]) -> list[str]:
    return [clause["id"] for clause in clauses]


def test_broken_are_the_musts_that_fail_or_are_not_there(results: Results) -> None:
    assert _ids(broken(results)) == ["CHAT-02", "METRIC-01", "METRIC-02"]


def test_undecided_are_the_musts_without_a_judgement(results: Results) -> None:
    assert _ids(undecided(results)) == ["STREAM-01", "STREAM-02", "STREAM-03"]


def test_warnings_are_the_conventions_that_are_not_kept(results: Results) -> None:
    assert _ids(warnings(results)) == ["CHAT-03"]


def test_a_convention_that_was_not_decided_is_no_warning(results: Results) -> None:
    next(clause for clause in results["clauses"] if clause["id"] == "CHAT-03")["verdict"] = Verdict.SKIPPED
    assert (_ids(warnings(results)), _ids(open_conventions(results))) == ([], ["CHAT-03"])


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("verdict", Verdict)
def test_each_clause_stands_in_one_list_or_is_settled(
    make_results: Callable[..., Results],
    level: Level,
    verdict: Verdict,
) -> None:
    results = make_results(1)
    results["clauses"][0] |= {"level": level, "verdict": verdict}
    lists = [broken(results), undecided(results), warnings(results), open_conventions(results)]
    is_settled = verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert sum(map(len, lists)) == (0 if is_settled else 1)


def test_one_missing_route_is_said_once(results: Results) -> None:
    assert [group.ids for group in by_reason(broken(results))] == [("CHAT-02",), ("METRIC-01", "METRIC-02")]


def test_the_telling_check_is_the_first_of_the_worst(results: Results) -> None:
    clause = next(clause for clause in results["clauses"] if clause["id"] == "CHAT-02")
    assert telling(clause)["expected"] == "200 with `choices`"


def test_a_reason_says_only_what_expected_and_received_do_not() -> None:
    told = {"expected": "401", "received": "200", "reason": "expected 401, received 200 (GET /v1/models)"}
    assert reason_beside(told) == "GET /v1/models"


def test_a_reason_of_its_own_is_left_whole() -> None:
    assert reason_beside({"expected": "", "received": "", "reason": "it (so) is"}) == "it (so) is"


def test_the_headline_says_the_verdict_first(results: Results) -> None:
    assert headline(results) == "nonconformant: 1 of 9 promises kept, 3 broken, 3 undecided, 1 warned about"


def test_a_green_headline_is_short(make_results: Callable[..., Results]) -> None:
    assert headline(make_results(2, verdict=Verdict.PASS)) == "conformant: 2 of 2 promises kept"
