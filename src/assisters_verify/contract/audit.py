"""Read the audit log, whatever its entries look like."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import expect_success
from assisters_verify.contract.fields import plain_name
from assisters_verify.contract.timestamps import times_in
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

AUDIT = "/v1/audit"
_NAMES = (
    *("entries", "logs", "events", "items", "records", "results", "data", "audit", "auditlogs", "auditlog", "log"),
    *("auditentries", "auditevents", "activities", "history", "rows", "list", "content"),
)
# The earth's time zones lie within this of UTC; which one a day is meant in is not said.
_ZONES = timedelta(hours=14)
_PAGES = frozenset({10, 15, 20, 25, 30, 40, 50, 64, 75, 100, 128, 150, 200, 250, 256, 300, 500, 512, 1000, 1024})
_TOTALS = frozenset({"total", "totalcount", "totalentries", "totalresults", "totalitems", "count"})
# JSON, one entry a line.
LINE_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})
_MORE = frozenset({"hasmore", "next", "nextpage", "nextcursor", "cursor", "nextpagetoken", "more", "nexttoken"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A range of days, both ends included."""

    start: date
    end: date

    def holds(self, moment: datetime) -> bool:
        """Tell whether this moment is of these days in any time zone."""
        earliest = datetime.combine(self.start, time.min, UTC) - _ZONES
        latest = datetime.combine(self.end, time.max, UTC) + _ZONES
        return earliest <= moment <= latest

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What the log held for some days, as the answer's `document`. `entries` may be of any shape."""

    answer: Answer
    document: Any
    entries: tuple[Any, ...]

    @property
    def texts(self) -> list[str]:
        """Each entry as JSON, in one form for equal ones."""
        return [json.dumps(entry, sort_keys=True, ensure_ascii=False) for entry in self.entries]

    @property
    def may_go_on(self) -> bool:
        """Whether there may be entries beyond these: it says so, or their number is one that pages have."""
        return self.says_it_goes_on or len(self.entries) in _PAGES

    @property
    def says_it_goes_on(self) -> bool:
        """Whether it tells of another page."""
        count = len(self.entries)
        says_so = any(_tells_of_more(name, value, count) for name, value in _beside(self.document))
        return says_so or 'rel="next"' in self.answer.headers.get("link", "")


async def ask_log(probe: Probe, start: str, end: str, *, label: str = "") -> Answer:
    """Ask for the log from `start` to `end`, as they are."""
    return await probe.get(f"{AUDIT}?{urlencode({'start': start, 'end': end})}", label=label)


async def read_log(probe: Probe, days: Days) -> Log:
    """Return the log of these days, judged to be one. Raises Broken."""
    return expect_log(await ask_log(probe, str(days.start), str(days.end)))


def expect_log(answer: Answer) -> Log:
    """Judge that the answer is JSON with a list of entries, and return them. Raises Broken, and Undecided where it is
    longer than the suite reads."""
    if answer.is_success and answer.broken_off:
        raise Undecided(f"the log was not read to its end: {answer.broken_off}", answer=answer)
    expect_success(answer)
    document = _lines(answer) if answer.content_type in LINE_TYPES else answer.document
    found = find_entries(document)
    if found is None:
        raise Broken(expected="a list of entries", received=answer.describe(), answer=answer)
    return Log(answer=answer, document=document, entries=tuple(found))


def find_entries(document: Any) -> list[Any] | None:
    """Return the list of entries in a document, or None where there is no list."""
    lists = list(_lists(document, ""))
    for name in _NAMES:
        named = [found for called, found in lists if called == name]
        if named:
            # Where they are grouped, by day for instance, each group has a list of this name.
            return [entry for group in named for entry in group]
    if not lists:
        return None
    of_objects = [found for _, found in lists if all(isinstance(entry, dict) for entry in found)]
    if isinstance(document, dict) and len(lists) == len(of_objects) == len(document):
        return [entry for group in of_objects for entry in group]
    return max(of_objects or [found for _, found in lists], key=len)


def entries_out_of(log: Log, days: Days) -> list[Any]:
    """Return the entries that have times, none of which is of these days in any time zone."""
    return [entry for entry in log.entries if (times := times_in(entry)) and not any(map(days.holds, times))]


def around(today: date) -> Days:
    """Return yesterday, today and tomorrow: wherever the target is, what is done now is done on one of them."""
    return Days(start=today - timedelta(days=1), end=today + timedelta(days=1))


def single_days(days: Days) -> list[Days]:
    """Return each day by itself."""
    count = (days.end - days.start).days + 1
    return [Days(start=day, end=day) for day in (days.start + timedelta(days=n) for n in range(count))]


def _lines(answer: Answer) -> list[Any]:
    """Return the JSON texts of a body that holds one on each line. Raises NotJson."""
    return [replace(answer, body=line).document for line in answer.body.splitlines() if line.strip()]


def _beside(document: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the fields that stand beside a list of entries, or in an object beside it."""
    for name, value in document.items() if isinstance(document, dict) else ():
        yield plain_name(name), value
        if depth < 2:  # noqa: PLR2004 - such as `meta.pagination`
            yield from _beside(value, depth + 1)


def _tells_of_more(name: str, value: Any, count: int) -> bool:
    if name in _TOTALS:
        return isinstance(value, int) and value > count
    return name in _MORE and bool(value)


def _lists(value: Any, name: str, depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of a document by name, outermost first; the lists inside entries are their own business."""
    if isinstance(value, list) and value and all(map(_is_group, value)):
        for group in value:
            yield from _lists(group, "", depth + 1)
    elif isinstance(value, list):
        yield name, value
    elif isinstance(value, dict) and depth < 4:  # noqa: PLR2004 - deeper lies what entries are made of
        for key, part in value.items():
            yield from _lists(part, plain_name(key), depth + 1)


def _is_group(value: Any) -> bool:
    """Tell whether this is no entry, but a day or so with entries of its own."""
    return isinstance(value, dict) and any(
        isinstance(part, list) and plain_name(name) in _NAMES[:4] for name, part in value.items()
    )
