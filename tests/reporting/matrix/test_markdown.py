"""The matrix as Markdown: whole tables, whatever a target writes."""

import re
from collections.abc import Callable
from typing import Any

from assisters_verify.reporting.matrix import Source, side_by_side
from assisters_verify.reporting.matrix.markdown import draw_matrix_markdown
from assisters_verify.reporting.matrix.table import Matrix

_BAR = re.compile(r"(?<!\\)\|")


def _text(matrix: Matrix) -> str:
    return draw_matrix_markdown(matrix).decode("utf-8")


def test_each_row_of_a_table_has_as_many_cells(matrix: Matrix) -> None:
    rows = [line for line in _text(matrix).splitlines() if line.startswith("|")]
    assert {len(_BAR.findall(row)) - 1 for row in rows if "area" in row} == {4}
    assert {len(_BAR.findall(row)) - 1 for row in rows if "CHAT-" in row} == {5}


def test_verdicts_stand_side_by_side_in_words(matrix: Matrix) -> None:
    assert "| **CHAT-01** `x` holds. | must | ✅ pass | ❌ fail | ✅ pass |" in _text(matrix)


def test_a_bar_in_a_title_ends_no_cell(green_results: dict[str, Any]) -> None:
    green_results["clauses"][0]["title"] = r"`a|b` and c\|d."
    text = _text(side_by_side([Source(name="a", results=green_results)]))
    assert r"| **CHAT-01** a\|b and c\\\|d. | must | ✅ pass |" in text


def test_texts_of_a_target_are_code_in_lists(matrix: Matrix) -> None:
    lines = [line for line in _text(matrix).splitlines() if "alert(" in line]
    assert lines
    assert [line for line in lines if not re.match(r"^(2\. |  - run \d, )[^`]*`", line)] == []


def test_no_command_of_a_ci_system_is_left(matrix: Matrix) -> None:
    found = re.findall(r"^\s*::\w|##\[|##vso\[|\x1b", _text(matrix), re.MULTILINE)
    assert found == []


def test_it_fits_a_job_summary(full_matrix: Callable[..., Matrix]) -> None:
    assert len(_text(full_matrix(nth=1, text="日" * 900)).encode()) < 1_000_000


def test_a_run_of_nothing_is_drawn(empty_results: dict[str, Any]) -> None:
    text = _text(side_by_side([Source(name="empty", results=empty_results)]))
    assert text.endswith("No promise was checked.\n")
