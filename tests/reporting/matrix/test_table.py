"""What a matrix of runs holds: every promise of each, in the catalogue's order, and what is missing told as such."""

from typing import Any

from assisters_verify.reporting.matrix.table import Matrix, Source, side_by_side

Results = dict[str, Any]


def _words(matrix: Matrix, clause: str) -> list[str]:
    (row,) = (row for row in matrix.rows if row.id == clause)
    return [cell.words for cell in row.cells]


def test_each_clause_of_any_run_has_a_row_behind_the_one_it_follows(matrix: Matrix) -> None:
    chat = [row.id for row in matrix.rows if row.id.startswith("CHAT")]
    assert chat == ["CHAT-01", "CHAT-09", "CHAT-02", "CHAT-03"]


def test_each_run_says_its_own_verdict(matrix: Matrix) -> None:
    assert _words(matrix, "CHAT-01") == ["pass", "fail", "pass"]


def test_a_promise_that_a_run_has_not_is_told_so(matrix: Matrix) -> None:
    assert _words(matrix, "CHAT-09") == ["not in this run", "fail", "not in this run"]


def test_a_promise_that_only_one_suite_can_observe_is_told_so(results: Results, green_results: Results) -> None:
    green_results["untestable"] = [{"id": "CHAT-02", "area": "chat", "title": "x", "reason": "y"}]
    matrix = side_by_side([Source(name="a", results=results), Source(name="b", results=green_results)])
    assert _words(matrix, "CHAT-02") == ["fail", "not observable"]


def test_levels_are_told_where_suites_have_other_ones(results: Results, other: Results) -> None:
    other["clauses"][0]["level"] = "should"
    matrix = side_by_side([Source(name="a", results=results), Source(name="b", results=other)])
    assert _words(matrix, "CHAT-01") == ["pass (must)", "fail (should)"]


def test_a_known_failure_is_told_as_such(results: Results) -> None:
    results["clauses"][1]["known_failure"] = {"reason": "soon", "expires": "2027-01-01", "rest": "pass"}
    matrix = side_by_side([Source(name="a", results=results)])
    (cell,) = next(row.cells for row in matrix.rows if row.id == "CHAT-02")
    assert (cell.words, cell.reason.endswith("(known to fail until 2027-01-01: soon)")) == ("fail, known", True)


def test_a_missing_promise_is_no_difference(matrix: Matrix) -> None:
    assert [row.id for row in matrix.rows if row.differs] == ["CHAT-01"]


def test_areas_are_counted_from_the_clauses(matrix: Matrix) -> None:
    assert [(cell.kept, cell.total) for cell in matrix.areas[0].cells] == [(1, 3), (0, 4), (1, 1)]


def test_a_run_of_the_oldest_form_is_taken(results: Results) -> None:
    """Fields that the schema got later are none that a matrix rests on."""
    old = {key: value for key, value in results.items() if key not in {"recording", "replay", "known_failures"}}
    (column,) = side_by_side([Source(name="old", results={**old, "options": {}})]).columns
    assert column.scope == "no profile named"


def test_a_time_that_is_none_is_shown_as_it_is(results: Results) -> None:
    (column,) = side_by_side([Source(name="a", results={**results, "started_at": "never\x1bZ"})]).columns
    assert column.started == r"never\x1bZ"
