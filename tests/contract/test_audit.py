"""The audit log is read in any shape, and its entries are held against the days that were asked for."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.audit import Days, around, entries_out_of, expect_log, find_entries, single_days
from assisters_verify.judgement import Broken, Undecided

ONE, TWO = {"path": "/v1/models", "time": "2026-11-22T10:00:00Z"}, {"path": "/v1/keys", "time": "2026-11-23T10:00:00Z"}
TODAY = Days(start=date(2026, 11, 22), end=date(2026, 11, 22))


def answer_with(document: Any, *, status: int = 200, broken_off: str | None = None, link: str = "") -> Answer:
    return Answer(
        exchange="x0001",
        method="GET",
        path="/v1/audit",
        status=status,
        headers={"link": link},
        body=json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
        broken_off=broken_off,
    )


@pytest.mark.parametrize(
    "document",
    [
        [ONE, TWO],
        {"entries": [ONE, TWO]},
        {"data": [ONE, TWO], "columns": ["path", "time"]},
        {"result": {"logs": [ONE, TWO], "total": 2}},
        {"whatever": [ONE, TWO], "tags": ["a", "b", "c"]},
        {"2026-11-22": [ONE], "2026-11-23": [TWO]},
        {"days": [{"day": "2026-11-22", "entries": [ONE]}, {"day": "2026-11-23", "entries": [TWO]}]},
    ],
)
def test_entries_are_found(document: Any) -> None:
    assert find_entries(document) == [ONE, TWO]


@pytest.mark.parametrize("document", [[], {"entries": []}, {"days": [{"entries": []}]}, {"logs": [], "filter": ["a"]}])
def test_empty_log_has_no_entries(document: Any) -> None:
    assert find_entries(document) == []


def test_lists_inside_entries_are_no_groups() -> None:
    entries = [{"path": "/v1/models", "tags": [], "scopes": ["a"]}]
    assert find_entries({"entries": entries}) == entries


@pytest.mark.parametrize(("lines", "expected"), [(b"", 0), (b'{"a": 1}\n', 1), (b'{"a": 1}\n{"a": 2}\n\n', 2)])
def test_log_may_come_line_by_line(lines: bytes, expected: int) -> None:
    answer = replace(answer_with(None), body=lines, headers={"content-type": "application/x-ndjson"})
    assert len(expect_log(answer).entries) == expected


@pytest.mark.parametrize("document", [{}, {"count": 0}, 5, None, "text"])
def test_what_holds_no_list_is_no_log(document: Any) -> None:
    with pytest.raises(Broken):
        expect_log(answer_with(document))


def test_log_beyond_the_bound_is_undecided() -> None:
    with pytest.raises(Undecided):
        expect_log(answer_with([ONE], broken_off="more than 4 MB"))


@pytest.mark.parametrize(
    ("document", "link", "may_go_on"),
    [
        ({"entries": [ONE]}, "", False),
        ({"entries": [ONE], "has_more": True}, "", True),
        ({"entries": [ONE], "nextCursor": None}, "", False),
        ({"entries": [ONE], "nextCursor": "c2"}, "", True),
        ({"entries": [ONE]}, '<https://api.example/v1/audit?page=2>; rel="next"', True),
        ({"entries": [ONE] * 100}, "", True),
        ([ONE] * 99, "", False),
        ({"data": [ONE], "pagination": {"next_cursor": "abc"}}, "", True),
        ({"data": [ONE], "pagination": {"next_cursor": None}}, "", False),
        ({"items": [ONE], "meta": {"page": {"total": 38}}}, "", True),
        ({"items": [ONE], "total": 1}, "", False),
    ],
)
def test_page_may_be_followed_by_another(document: Any, link: str, *, may_go_on: bool) -> None:
    assert expect_log(answer_with(document, link=link)).may_go_on is may_go_on


@pytest.mark.parametrize(
    ("time", "is_out"),
    [
        ("2026-11-22T00:00:00Z", False),
        ("2026-11-22T23:59:59Z", False),
        ("2026-11-21T12:00:00Z", False),
        ("2026-11-23T12:00:00Z", False),
        ("2026-11-21T09:00:00Z", True),
        ("2026-11-23T15:00:00Z", True),
        ("2020-01-01T00:00:00Z", True),
    ],
)
def test_entry_is_out_of_a_day_only_where_it_is_so_in_every_time_zone(time: str, *, is_out: bool) -> None:
    log = expect_log(answer_with([{"time": time}]))
    assert bool(entries_out_of(log, TODAY)) is is_out


def test_entries_without_a_time_or_with_one_inside_are_not_out() -> None:
    entries = [{"path": "/v1/models"}, {"time": "2026-11-22T10:00:00Z", "key_created": "2020-01-01T00:00:00Z"}]
    assert entries_out_of(expect_log(answer_with(entries)), TODAY) == []


def test_days_around_today_are_three() -> None:
    days = [str(day) for day in single_days(around(date(2027, 1, 1)))]
    assert days == ["2026-12-31 to 2026-12-31", "2027-01-01 to 2027-01-01", "2027-01-02 to 2027-01-02"]
