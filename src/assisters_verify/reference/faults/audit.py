"""Faults of the audit log."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.audit import AuditEntry, is_within, read_day
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import AUDIT, on_answer, on_success
from assisters_verify.reference.problems import ApiError, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="audit")


def _fails(answer: Answer) -> Answer:
    return replace(answer, status=500, payload=internal_error().envelope())


def _as_csv(answer: Answer) -> Answer:
    entries = (answer.payload or {})["entries"]
    lines = [",".join(str(value) for value in entry.values()) for entry in entries]
    return replace(answer, text="\n".join(lines), content_type="text/csv")


def _with_days(is_shown: Callable[[AuditEntry, date, date], bool]) -> dict[str, object]:
    return {"audit.is_within": is_shown}


def _today() -> date:
    return datetime.now(UTC).date()


def _records(is_kept: Callable[[Call], bool]) -> dict[str, object]:
    return {"audit.is_recorded": is_kept}


def _read_loosely(call: Call, name: str) -> date | None:
    """Take what is no day for no bound."""
    try:
        return read_day(call, name)
    except ApiError:
        return None


def _read_and_break(call: Call, name: str) -> date | None:
    try:
        return read_day(call, name)
    except ApiError as error:
        raise internal_error() from error


def _roll_over(call: Call, name: str) -> date | None:
    """Let 31 February be some day of March, as lenient parsers do."""
    try:
        return read_day(call, name)
    except ApiError:
        digits = (call.query.get(name) or "").split("-")
        if [len(part) for part in digits] != [4, 2, 2] or not all(part.isdigit() for part in digits):
            raise
        year, month, _day = map(int, digits)
        return date(year + (month >= 12), month % 12 + 1, 1)  # noqa: PLR2004 - months of a year


def _add_whole_key(call: Call, reply: Any) -> Any:
    """Repeat the headers of each request."""

    def edit(payload: Any) -> Any:
        for entry in payload["entries"]:
            entry["headers"] = {"authorization": f"Bearer {call.customer.secret}"}
        return payload

    return on_success(AUDIT, edit)(call, reply)


def _swap_unordered(call: Call, name: str) -> date | None:
    """Put the two days of a reversed range in order."""
    days = sorted(filter(None, (read_day(call, "start"), read_day(call, "end"))))
    if len(days) < 2:  # noqa: PLR2004 - both ends
        return read_day(call, name)
    return days[0] if name == "start" else days[1]


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="audit_breaks",
        clause="AUDIT-01",
        title="The audit log ends in 500.",
        reply=on_answer(AUDIT, _fails),
    ),
    _fault(
        name="audit_is_csv",
        clause="AUDIT-01",
        title="The audit log is CSV.",
        reply=on_answer(AUDIT, _as_csv),
    ),
    _fault(
        name="audit_holds_a_count_alone",
        clause="AUDIT-01",
        title="The audit log says how many entries there are, and lists none.",
        reply=on_success(AUDIT, lambda payload: {"count": len(payload["entries"])}),
    ),
    _fault(
        name="nothing_is_recorded",
        clause="AUDIT-02",
        title="The log stays empty.",
        choices=_records(lambda _call: False),
    ),
    _fault(
        name="chat_is_not_recorded",
        clause="AUDIT-02",
        title="The log knows the management routes alone.",
        choices=_records(lambda call: call.path not in {"/v1/chat/completions", "/v1/embeddings"}),
    ),
    _fault(
        name="streams_are_not_recorded",
        clause="AUDIT-02",
        title="The log knows all but streamed completions.",
        choices=_records(lambda call: b'"stream":true' not in call.body.replace(b" ", b"")),
    ),
    _fault(
        name="log_lags_a_day",
        clause="AUDIT-02",
        title="Today's entries show up tomorrow.",
        choices=_with_days(lambda entry, start, end: is_within(entry, start, end) and entry.day < _today()),
    ),
    _fault(
        name="days_are_ignored",
        clause="AUDIT-03",
        title="The log shows all entries, whatever days are asked for.",
        choices=_with_days(lambda _entry, _start, _end: True),
    ),
    _fault(
        name="end_is_ignored",
        clause="AUDIT-03",
        title="The log shows all entries since the first of the days.",
        choices=_with_days(lambda entry, start, _end: entry.day >= start),
    ),
    _fault(
        name="start_is_ignored",
        clause="AUDIT-03",
        title="The log shows all entries until the last of the days, and later ones of that year.",
        choices=_with_days(lambda entry, _start, end: entry.day <= end or entry.day.year == end.year),
    ),
    _fault(
        name="days_to_come_begin_today",
        clause="AUDIT-03",
        title="A range of days to come is taken to begin today.",
        choices=_with_days(lambda entry, start, end: is_within(entry, min(start, _today()), end)),
    ),
    _fault(
        name="log_shows_other_customers",
        clause="AUDIT-09",
        title="The log shows what all customers did.",
        choices={"audit.entries_for": lambda call: call.services.audit.all_entries()},
    ),
    _fault(
        name="impossible_date_is_accepted",
        clause="AUDIT-04",
        title="What is no date counts as no bound.",
        choices={"audit.read_day": _read_loosely},
    ),
    _fault(
        name="impossible_date_breaks_server",
        clause="AUDIT-04",
        title="What is no date ends in 500.",
        choices={"audit.read_day": _read_and_break},
    ),
    _fault(
        name="impossible_date_rolls_over",
        clause="AUDIT-04",
        title="31 February counts as a day of March.",
        choices={"audit.read_day": _roll_over},
    ),
    _fault(
        name="log_shows_whole_key",
        clause="AUDIT-05",
        title="Each entry shows the API key.",
        choices={"audit.show_key": lambda key: key.secret},
    ),
    _fault(
        name="log_shows_created_keys",
        clause="AUDIT-05",
        title="Entries of a created key show it whole.",
        choices={"audit.show_key": lambda key: key.masked if key.name.startswith("initial-") else key.secret},
    ),
    _fault(
        name="log_repeats_headers",
        clause="AUDIT-05",
        title="Each entry repeats the request's headers.",
        reply=_add_whole_key,
    ),
    _fault(
        name="past_days_show_today",
        clause="AUDIT-06",
        title="A range of past days without entries is answered with today's.",
        choices=_with_days(lambda entry, start, end: is_within(entry, start, end) or end < entry.day),
    ),
    _fault(
        name="reversed_range_is_turned_round",
        clause="AUDIT-07",
        title="A range that ends before it starts is turned round.",
        choices={"audit.read_day": _swap_unordered},
    ),
    _fault(
        name="empty_day_is_accepted",
        clause="AUDIT-08",
        title="An empty `start` or `end` counts as no bound.",
        choices={"audit.read_day": lambda call, name: read_day(call, name) if call.query.get(name) else None},
    ),
)
