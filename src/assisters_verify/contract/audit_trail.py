"""Do something that the audit log can tell of, and wait until it does."""

from collections import Counter
from dataclasses import dataclass

from assisters_verify.answer import Answer
from assisters_verify.contract.audit import AUDIT, Days, Log, around, ask_log, expect_log
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.data import completion_id
from assisters_verify.contract.keys import create_key, settle
from assisters_verify.contract.models import MODELS, UNKNOWN_MODEL
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import Broken, Judgement, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import utc_now

_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-trace-id")
_BAD_REQUEST = 400
_SHORTEST_MARK = 6
# A log may be written in batches: some seconds are nobody's fault.
_PAUSES_S = (0.3, 0.7, 1.5, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What was done, as the log shows it. `days` are those that were asked for."""

    days: Days
    log: Log
    marks: frozenset[str]
    entries: frozenset[str]

    def shown_in(self, log: Log) -> list[str]:
        """Return the entries of another log that show what was done."""
        return [text for text in log.texts if text in self.entries or any(mark in text for mark in self.marks)]


async def find_trail(probe: Probe) -> Trail:
    """Do something, and return what the log tells of it within some seconds.

    Raises Broken where it tells nothing, and Undecided where it may tell it on another page.
    """
    days = around(utc_now().date())
    if (await _ask(probe, days)).status == _BAD_REQUEST:
        days = Days(start=days.start, end=utc_now().date())  # a day to come may be refused
    before = Counter(expect_log(await _ask(probe, days)).texts)
    marks = await _act(probe)

    counts: list[int] = []

    async def read() -> Trail:
        log = expect_log(await _ask(probe, days))
        counts.append(len(log.entries))
        return Trail(days=days, log=log, marks=marks, entries=_telling(log, before, marks))

    trail = await ask_until(read, lambda found: bool(found.entries), pauses_s=_PAUSES_S)
    if not trail.entries:
        _explain(trail, is_growing=counts[-1:] > counts[-2:-1])
    return trail


async def _ask(probe: Probe, days: Days) -> Answer:
    return await ask_log(probe, str(days.start), str(days.end), label="around today")


async def _act(probe: Probe) -> frozenset[str]:
    """Create, use and delete a key, complete something, and ask for something that is not there; return the words by
    which a log may tell of it."""
    marks: list[str | None] = []
    try:
        created = await create_key(probe)
        marks += [created.id, created.name]
        await probe.get(MODELS, key=created.secret, label="with a created key")
        await settle(probe, created.debt)
    except Judgement:
        pass  # a target without keys still has completions to tell of
    body = await chat_body(probe)
    good, bad = await probe.post(CHAT, body), await probe.post(CHAT, {**body, "model": UNKNOWN_MODEL})
    marks += [answer.headers.get(name) for answer in (good, bad) for name in _REQUEST_IDS]
    if good.is_success:
        marks.append(completion_id(good))
    return frozenset(mark for mark in marks if mark and len(mark) >= _SHORTEST_MARK)


def _telling(log: Log, before: Counter[str], marks: frozenset[str]) -> frozenset[str]:
    """Return the entries that tell of what was done: those with a mark, else the new ones.

    A log of requests, which tells even of reading, must tell of the completion; one of keys and the like need not.
    """
    marked = [text for text in log.texts if any(mark in text for mark in marks)]
    new = list((Counter(log.texts) - before).elements())
    if any(path in text for text in log.texts for path in (AUDIT, MODELS)):
        completions = [text for text in new if CHAT in text]
        return frozenset(completions + marked if completions else [])
    return frozenset(marked or new)


def _explain(trail: Trail, *, is_growing: bool) -> None:
    """Judge what does not show up. A log that tells of each reading, and so grows, is no page that is full."""
    count = len(trail.log.entries)
    if trail.log.says_it_goes_on or (trail.log.may_go_on and not is_growing):
        raise Undecided(
            f"what was done is not among the {count} entries, and there may be more", answer=trail.log.answer
        )
    raise Broken(
        expected="what was done to show up in the log",
        received=f"{count} entries from {trail.days}, none of which tells of it after {sum(_PAUSES_S):g} s",
        answer=trail.log.answer,
    )
