"""The page of a matrix: whole, small, and without anything that a target could make act."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from assisters_verify.reporting.matrix import Source, side_by_side
from assisters_verify.reporting.matrix.drawing import draw_matrix_page
from assisters_verify.reporting.matrix.table import Matrix


class _Page(HTMLParser):
    def __init__(self, matrix: Matrix) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = draw_matrix_page(matrix).decode("utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def values(self, name: str) -> list[str]:
        return [value for each, value in self.attributes if each == name]


def test_no_element_comes_from_a_target(matrix: Matrix) -> None:
    page = _Page(matrix)
    assert [name for name in page.names if name in {"script", "img", "iframe", "b"}] == ["b"] * page.text.count("<b>")
    assert ("<b>second" in page.text, page.values("onerror")) == (False, [])


def test_what_a_target_writes_is_shown_as_text(matrix: Matrix) -> None:
    page = _Page(matrix)
    assert "http://a.example/&#34;&gt;&lt;script&gt;alert(3)&lt;/script&gt;" in page.text


def test_no_control_character_is_left(matrix: Matrix) -> None:
    assert [each for each in "\x1b\x07\u202e\x00\u2028\uffff" if each in _Page(matrix).text] == []


def test_the_policy_lets_nothing_load_or_run(matrix: Matrix) -> None:
    (policy,) = (value for value in _Page(matrix).values("content") if "default-src" in value)
    assert (policy.startswith("default-src 'none'; style-src 'sha256-"), "script" in policy) == (True, False)


def test_nothing_leads_outside_and_each_link_leads_somewhere(matrix: Matrix) -> None:
    page = _Page(matrix)
    links = {value.removeprefix("#") for value in page.values("href") + page.values("src")}
    assert links - set(page.values("id")) == set()


def test_ids_are_there_once(matrix: Matrix) -> None:
    ids = _Page(matrix).values("id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("nth", "text"), [(1, "x" * 2_000), (1, "<&\x00" * 700), (3, "plain"), (1000, "x")])
def test_six_full_runs_stay_small(full_matrix: Callable[..., Matrix], nth: int, text: str) -> None:
    assert len(draw_matrix_page(full_matrix(nth=nth, text=text))) < 500_000


def test_each_of_many_reasons_gets_room(full_matrix: Callable[..., Matrix]) -> None:
    page = _Page(full_matrix(nth=1, text="x" * 2_000))
    assert page.names.count("details") == sum(
        not cell.is_settled for row in full_matrix(nth=1, text="x").rows for cell in row.cells
    )


def test_a_run_of_nothing_is_drawn(empty_results: dict[str, Any]) -> None:
    page = _Page(side_by_side([Source(name="empty", results=empty_results)]))
    assert "No promise was checked." in page.text
