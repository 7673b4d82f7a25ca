"""Places to replace are joined where they overlap and cut where a body is."""

import pytest

from assisters_verify.redaction.spans import Span, cut_spans, join_overlapping, replace_spans


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([Span(5, 8, "b"), Span(0, 3, "a")], [Span(0, 3, "a"), Span(5, 8, "b")]),
        ([Span(0, 3, "a"), Span(3, 8, "b")], [Span(0, 3, "a"), Span(3, 8, "b")]),
        ([Span(0, 4, "a"), Span(3, 8, "b")], [Span(0, 8, "b")]),
        ([Span(0, 6, "a"), Span(3, 8, "b")], [Span(0, 8, "a")]),
        ([Span(0, 9, "a"), Span(1, 2, "b"), Span(8, 10, "c")], [Span(0, 10, "a")]),
        ([Span(0, 5, "a"), Span(0, 5, "b")], [Span(0, 5, "a")]),
        ([Span(0, 5, "a"), Span(0, 5, "")], [Span(0, 5, "")]),
        ([Span(0, 5, ""), Span(0, 6, "a")], [Span(0, 6, "a")]),
    ],
)
def test_overlapping_spans_become_one(spans: list[Span], expected: list[Span]) -> None:
    assert join_overlapping(spans) == expected


def test_spans_are_replaced() -> None:
    assert replace_spans(b"0123456789", [Span(0, 2, "é"), Span(2, 3, ""), Span(9, 10, "x")]) == "é345678x".encode()


def test_without_spans_the_data_stays() -> None:
    assert replace_spans(b"0123", []) == b"0123"


@pytest.mark.parametrize(
    ("spans", "ends", "expected"),
    [
        ([], [], []),
        ([], [5, 9], [[], []]),
        ([Span(1, 3, "a"), Span(6, 7, "b")], [5, 9], [[Span(1, 3, "a")], [Span(1, 2, "b")]]),
        ([Span(1, 5, "a"), Span(5, 7, "b")], [5, 9], [[Span(1, 5, "a")], [Span(0, 2, "b")]]),
        ([Span(3, 8, "a")], [5, 9], [[Span(3, 5, "a")], [Span(0, 3, "")]]),
        ([Span(3, 8, "a")], [5, 5, 7, 9], [[Span(3, 5, "a")], [], [Span(0, 2, "")], [Span(0, 1, "")]]),
        ([Span(1, 2, "a"), Span(3, 4, "b")], [5], [[Span(1, 2, "a"), Span(3, 4, "b")]]),
    ],
)
def test_spans_are_cut_with_their_body(spans: list[Span], ends: list[int], expected: list[list[Span]]) -> None:
    assert cut_spans(spans, ends) == expected
