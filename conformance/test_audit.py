"""Audit: the log tells what was done, for the days that are asked for, and never tells a key."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.audit import (
    Days,
    Log,
    around,
    ask_log,
    entries_out_of,
    expect_log,
    read_log,
    single_days,
)
from assisters_verify.contract.audit_of_streams import expect_streams_told
from assisters_verify.contract.audit_trail import Trail, find_trail
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.leaks import expect_no_key, own_keys
from assisters_verify.contract.models import MODELS
from assisters_verify.contract.routes import is_missing
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import Broken, Judgement, LeftOut, NotApplicable, NotThere
from assisters_verify.probe import Probe
from assisters_verify.surroundings import fresh_hex, utc_now

_PAUSES_S = (0.3, 0.7, 1.5, 2.5)
_LONG_AGO = ("2020-01-01", "2020-01-31")


@clause("AUDIT-01", needs=["AUTH-01"])
@pytest.mark.parametrize(
    ("start", "end"),
    [("2024-01-01", "2024-01-31"), ("2024-02-29", "2024-02-29"), ("2023-12-15", "2024-01-14")],
    ids=["documented", "leap_day", "over_the_year"],
)
async def test_log_is_a_list(probe: Probe, start: str, end: str) -> None:
    """The documentation's own range, and others, are answered with a list of entries, be it empty."""
    answer = await ask_log(probe, start, end)
    if is_missing(answer):
        raise NotThere(f"GET /v1/audit is not there: {answer.describe()}", answer=answer)
    expect_log(answer)


@clause("AUDIT-02", needs=["AUDIT-01"])
async def test_what_was_done_shows_up(probe: Probe) -> None:
    """Keys, completions and refusals of just now are told of, at least one of them by a sign of its own."""
    await _trail(probe)


@clause("AUDIT-02", needs=["AUDIT-01"])
async def test_one_day_holds_what_was_done_on_it(probe: Probe) -> None:
    """A range of one day holds that day: the last day belongs to the range, as January's does in the documentation."""
    trail = await _trail(probe)
    days = single_days(trail.days)
    logs = await asyncio.gather(*(read_log(probe, day) for day in days))
    if not any(trail.shown_in(log) for log in logs):
        received = f"none of it on {', '.join(str(day.start) for day in days)}, each asked for by itself"
        raise Broken(
            expected="what the log tells of just now on the day it was done", received=received, answer=logs[1].answer
        )


@clause("AUDIT-02", needs=["AUDIT-01"])
async def test_streamed_completions_show_up_as_others_do(probe: Probe) -> None:
    """Where each completion of a key makes an entry, a streamed one makes one too."""
    await expect_streams_told(probe, (await _trail(probe)).days)


@clause("AUDIT-03", needs=["AUDIT-02"])
async def test_entries_are_of_the_days_asked_for(probe: Probe) -> None:
    """Each entry that shows a time shows one within the range."""
    trail = await _trail(probe)
    yesterday = single_days(trail.days)[0]
    for days, log in ((trail.days, trail.log), (yesterday, await read_log(probe, yesterday))):
        _expect_within(log, days)


@clause("AUDIT-03", needs=["AUDIT-02"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_other_days_hold_nothing_of_today(probe: Probe, when: str) -> None:
    """What was done just now is not told of for days long before, nor for days to come."""
    trail = await _trail(probe)
    today = trail.days.end
    first = today + timedelta(days=7 if when == "after" else -60)
    days = Days(start=first, end=first + timedelta(days=30))
    answer = await ask_log(probe, str(days.start), str(days.end), label=f"for days {when} today")
    if answer.status == 400 and when == "after":
        raise NotApplicable(f"days to come are refused: {answer.describe()}")
    log = expect_log(answer)
    _expect_within(log, days)
    shown = trail.shown_in(log)
    if shown:
        raise Broken(expected=f"entries from {days}", received=f"one of just now: {shown[0][:120]}", answer=answer)


# Each with days around the one that a lenient reader would take it for, so that nothing else is wrong with the range.
_NO_DATES = {
    "2024-02-30": ("2024-02-15", "2024-03-10"),
    "2023-02-29": ("2023-02-15", "2023-03-10"),
    "2024-04-31": ("2024-04-15", "2024-05-10"),
    "2024-01-32": ("2024-01-15", "2024-02-10"),
    "2024-13-01": ("2024-12-20", "2025-01-15"),
    "2024-00-10": ("2023-12-01", "2024-01-05"),
    "not-a-date": ("2024-01-01", "2024-01-31"),
}


@clause("AUDIT-04", needs=["AUDIT-01"])
@pytest.mark.parametrize("value", list(_NO_DATES))
@pytest.mark.parametrize("side", ["start", "end"])
async def test_impossible_date_is_refused(probe: Probe, side: str, value: str) -> None:
    """A day that no calendar has is an error of the request."""
    before, after = _NO_DATES[value]
    start, end = (value, after) if side == "start" else (before, value)
    answer = await ask_log(probe, start, end, label=f"with {side} {value}")
    expect_refusal(answer, 400, param=side, why=f"{side} is no date")
    expect_envelope(answer)


@clause("AUDIT-08", needs=["AUDIT-01"])
@pytest.mark.parametrize("side", ["start", "end"])
async def test_empty_date_is_refused(probe: Probe, side: str) -> None:
    """An empty text is no date, though it may be taken for none at all."""
    start, end = ("", "2024-01-31") if side == "start" else ("2024-01-01", "")
    answer = await ask_log(probe, start, end, label=f"with an empty {side}")
    expect_refusal(answer, 400, param=side, why=f"{side} is empty")


@clause("AUDIT-05", needs=["AUDIT-01"], is_last=True)
async def test_no_entry_holds_a_key(probe: Probe) -> None:
    """After all that the run did, with its own keys and with created ones, the log shows none of them whole."""
    with contextlib.suppress(Judgement):  # what the log lacks is another clause's
        await _trail(probe)
    await ask_log(probe, *_as_text(around(utc_now().date())), label="after everything else")
    keys = own_keys(probe)
    for answer in [seen for seen in probe.session.seen if seen.path.startswith("/v1/audit")]:
        if answer.is_success:
            expect_no_key(answer, keys)


@clause("AUDIT-06", needs=["AUDIT-01"])
async def test_days_before_any_use_are_empty(probe: Probe) -> None:
    """Nothing was done in January 2020."""
    answer = await ask_log(probe, *_LONG_AGO, label="for days long ago")
    if answer.status == 400:
        raise NotApplicable(f"days long ago are refused: {answer.describe()}")
    log = expect_log(answer)
    if log.entries:
        received = f"{len(log.entries)} entries: {log.texts[0][:120]}"
        raise Broken(expected="no entries", received=received, answer=log.answer)


@clause("AUDIT-07", needs=["AUDIT-01"])
async def test_range_that_ends_before_it_starts_holds_nothing(probe: Probe) -> None:
    """A range without days is refused, or has no entries."""
    end, start = _as_text(around(utc_now().date()))
    answer = await ask_log(probe, start, end, label="with start after end")
    if not answer.is_success:
        expect_refusal(answer, 400, why="start is after end")
    elif expect_log(answer).entries:
        raise Broken(expected="400, or no entries", received=answer.describe(), answer=answer)


@clause("AUDIT-09", needs=["AUDIT-02"])
async def test_log_shows_nothing_of_another_customer(probe: Probe) -> None:
    """Two customers ask for models that nobody has; each log may name the one that its customer asked for."""
    second = probe.settings.secrets.second_api_key
    if second is None:
        raise LeftOut("another customer's key is needed: set ASSISTERS_SECOND_API_KEY")
    days = (await _trail(probe)).days
    theirs, own = f"verify-{fresh_hex(12)}", f"verify-{fresh_hex(12)}"
    await probe.get(f"{MODELS}/{theirs}/test", key=second.get_secret_value(), label="as another customer")
    await probe.get(f"{MODELS}/{own}/test", label="of a model that nobody has")
    log = await ask_until(
        lambda: read_log(probe, days), lambda found: any(own in text for text in found.texts), pauses_s=_PAUSES_S
    )
    told = [text for text in log.texts if theirs in text]
    if told:
        raise Broken(expected="nothing of another customer", received=told[0][:160], answer=log.answer)
    if not any(own in text for text in log.texts):
        raise NotApplicable("the log does not show which model was asked for", answer=log.answer)


async def _trail(probe: Probe) -> Trail:
    trail: Trail = await probe.fact("audit trail", find_trail)
    return trail


def _expect_within(log: Log, days: Days) -> None:
    others = entries_out_of(log, days)
    if others:
        raise Broken(expected=f"entries from {days}", received=f"another: {others[0]!r}"[:200], answer=log.answer)


def _as_text(days: Days) -> tuple[str, str]:
    return str(days.start), str(days.end)
