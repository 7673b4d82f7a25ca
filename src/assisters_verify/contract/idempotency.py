"""Send requests with an idempotency key, and tell whether two answers come of one run."""

import json
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT, LONG_PROMPT, chat_body, expect_messages, expect_success
from assisters_verify.contract.streams import expect_stream
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import RUN_KEY, Probe
from assisters_verify.surroundings import fresh_hex, fresh_uuid

HEADER = "Idempotency-Key"
_CONTROLS = 3
_TRIES = 3
_SERVER_ERROR = 500
# Shorter runs than this cannot be told from an answer out of a store.
_SHORTEST_RUN_S = 0.15
_REPLAY_SHARE = 0.25
# The documented pauses before a third repeat, 1, 2 and 4 seconds, and what requests take; how much longer an answer is
# kept is not documented.
_SURELY_KEPT_S = 12.0
_SAME = ("content", "tool_calls", "reasoning")


class TooLate(Undecided):
    """A repeat was held up, so that its answer need not be the first one any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What of an answer must be the same when it is given again: its id, None where it shows none, and its text."""

    id: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What differs between runs of one and the same request: ids, texts, or nothing that an answer shows.

    `shortest_s` is the shortest time that a run took.
    """

    has_ids: bool
    has_texts: bool
    shortest_s: float

    @property
    def is_telling(self) -> bool:
        """Whether answers show which run they come of."""
        return self.has_ids or self.has_texts

    def is_same_run(self, one: Mark, other: Mark) -> bool | None:
        """Tell whether two answers come of one run; None where they do not show it."""
        if self.has_ids and one.id is not None and other.id is not None:
            return one.id == other.id
        return one.text == other.text if self.has_texts else None


def fresh_idempotency_key() -> str:
    """Return an idempotency key that nobody has used."""
    return f"assisters-verify-{fresh_uuid()}"


def fresh_prompt() -> str:
    """Return a prompt that nobody has sent, so that no cache knows its answer, and that an echo can be told by."""
    return f"Write one sentence about anything you like. (note {fresh_hex(10)})"


async def send_with_key(
    probe: Probe,
    body: Any,
    idempotency_key: str | None,
    *,
    path: str = CHAT,
    key: str | None = RUN_KEY,
    spelling: str = HEADER,
    is_patient: bool = True,
    label: str = "",
) -> Answer:
    """Send a request with this idempotency key, or without one; one that asks for a stream is read as such."""
    headers = [] if idempotency_key is None else [(spelling, idempotency_key)]
    is_stream = isinstance(body, dict) and body.get("stream") is True
    return await probe.post(
        path, body, headers=headers, key=key, is_stream=is_stream, is_patient=is_patient, label=label
    )


async def first_answer(probe: Probe, body: Any, *, spelling: str = HEADER, label: str = "") -> tuple[str, Answer]:
    """Return a key that nobody has used and the answer to its first request, which is judged to be a success.

    A server may keep a failure under its key, so that after one another key is tried.
    """
    for _ in range(_TRIES):
        used = fresh_idempotency_key()
        answer = await send_with_key(probe, body, used, spelling=spelling, label=label or f"with a new {spelling}")
        if answer.status < _SERVER_ERROR:
            break
    read_mark(answer)
    return used, answer


def read_mark(answer: Answer) -> Mark:
    """Return the mark of a completion, plain or streamed. Raises Broken where it is none."""
    expect_success(answer)
    return _read_stream_mark(answer) if answer.content_type == "text/event-stream" else _read_plain_mark(answer)


def expect_same(first: Answer, again: Answer, *, why: str) -> None:
    """Judge that an answer is the first one given again: the same id, and the same text. Raises Broken, TooLate."""
    try:
        _expect_same(first, again, why=why)
    except Broken as problem:
        age_s = again.sent_s - first.sent_s - first.total_s
        if age_s > _SURELY_KEPT_S:
            raise TooLate(f"the repeat could not be sent before {age_s:.0f} s had passed", answer=again) from problem
        raise


async def again_if_late(judge: Callable[[], Awaitable[None]]) -> None:
    """Judge once more where a repeat came too late to be judged."""
    try:
        await judge()
    except TooLate:
        await judge()


def _expect_same(first: Answer, again: Answer, *, why: str) -> None:
    one, other = read_mark(first), read_mark(again)
    if one.id != other.id:
        raise Broken(expected=f"the first answer {why}, id {one.id!r}", received=f"id {other.id!r}", answer=again)
    if first.content_type != again.content_type:
        received = f"a body of {again.content_type}"
        raise Broken(expected=f"the first answer {why}, as {first.content_type}", received=received, answer=again)
    if one.text != other.text:
        expected = f"the first answer {why}, {one.text[:100]!r}"
        raise Broken(expected=expected, received=f"{other.text[:100]!r}", answer=again)


async def control(probe: Probe, *, is_streamed: bool = False) -> Control:
    """Return what differs between runs of one request without the header; found out once in a run."""

    async def find(finder: Probe) -> Control:
        body = await chat_body(finder, fresh_prompt(), stream=True if is_streamed else None)
        answers = [
            await send_with_key(finder, body, None, label=f"the same without {HEADER}") for _ in range(_CONTROLS)
        ]
        return compare([read_mark(answer) for answer in answers], [answer.total_s for answer in answers])

    found: Control = await probe.fact(f"idempotency control {is_streamed}", find)
    return found


def compare(marks: Sequence[Mark], times_s: Sequence[float]) -> Control:
    """Return what differs between all of these runs of one request."""
    ids = [mark.id for mark in marks]
    return Control(
        has_ids=None not in ids and len(set(ids)) == len(ids),
        has_texts=len({mark.text for mark in marks}) == len(marks),
        shortest_s=min(times_s),
    )


def require_telling(found: Control) -> None:
    """Raise Undecided where answers do not show which run they come of."""
    if not found.is_telling:
        raise Undecided(
            f"without {HEADER} {_CONTROLS} runs of one request give the same answer without an id, so that none shows "
            "whether it was run again"
        )


async def require_quick_repeats(probe: Probe, *, is_streamed: bool = False) -> None:
    """Find out by time whether repeats are run again, where answers do not show it. Raises Undecided.

    A long answer takes a while each time that it is generated, which a control shows, and none out of a store.
    """
    body = await chat_body(probe, f"{LONG_PROMPT} (note {fresh_hex(10)})", max_tokens=400)
    body |= {"stream": True} if is_streamed else {}
    runs = [await send_with_key(probe, body, None, label="a long one, run again") for _ in range(_CONTROLS)]
    used, _ = await first_answer(probe, body, label="a long one")
    repeats = [await send_with_key(probe, body, used, label="a long one, repeated") for _ in range(_CONTROLS)]
    run_s, repeat_s = min(answer.total_s for answer in runs), max(answer.total_s for answer in repeats)
    if run_s < _SHORTEST_RUN_S or repeat_s > _REPLAY_SHARE * run_s:
        median_s = statistics.median(answer.total_s for answer in repeats)
        raise Undecided(
            f"neither answers nor times show whether a repeat is run again: runs take {run_s:.3f} s, repeats "
            f"{median_s:.3f} s"
        )


def _read_plain_mark(answer: Answer) -> Mark:
    messages = expect_messages(answer)
    text = json.dumps([{name: message.get(name) for name in _SAME} for message in messages], ensure_ascii=False)
    return Mark(id=_read_id(answer.document), text=text)


def _read_stream_mark(answer: Answer) -> Mark:
    found = expect_stream(answer)
    if answer.broken_off:
        raise Broken(expected="a whole stream", received=f"one that ended early: {answer.broken_off}", answer=answer)
    ids = {_read_id(chunk.document) for chunk in found.chunks} - {None}
    return Mark(id=ids.pop() if len(ids) == 1 else None, text=found.text)


def _read_id(document: Any) -> str | None:
    value = document.get("id") if isinstance(document, dict) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None
