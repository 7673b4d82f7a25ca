"""Streaming: server-sent events that come as they are generated, and join to the whole answer."""

import asyncio
import json
import statistics
from collections.abc import Sequence
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.bursts import INSTANT_S, burst_s, end_s, is_live
from assisters_verify.contract.completions import (
    CHAT,
    LONG_PROMPT,
    chat_body,
    complete,
    expect_completion,
    expect_messages,
    word_count,
)
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.joining import expect_sound_joint, expect_text_like_plain
from assisters_verify.contract.models import UNKNOWN_MODEL
from assisters_verify.contract.repeating import (
    expect_nothing_of_others,
    marked,
    own_word,
    repeat_prompt,
    require_repeating,
)
from assisters_verify.contract.routes import expect_let_in, valid_answer
from assisters_verify.contract.streams import DONE, Stream, expect_stream, expect_unbroken, read_stream, stream
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

_LONG = 120
_MANY_WORDS = 20
_SIDE_BY_SIDE = 6
_SCRIPTS = {
    "accents": "Crème brûlée à la façade où naïveté règne",
    "cyrillic": "Привет большой и добрый мир сегодня вечером",
    "chinese": "你好世界量子计算机科学技术进步发展",
    "emoji": "🚀 👩‍👩‍👧‍👦 🇫🇷 👍🏽 🎉 🧑‍💻 ❤️",
    "mixed": "π≈3.14 — “ça” 日本 🚀 Ω été",
    "lines": 'A first line.\nA "second" one, with a \\ in it.\nA third.\n\nThe last.',
    "long": " ".join(
        f"{number} {words}" for number in range(10, 30) for words in ("red fox,", "grey owl and", "old oak;")
    ),
}
_ROOM = {"long": 500}


@clause("STREAM-01")
@pytest.mark.parametrize("prompt", ["Say hello.", LONG_PROMPT])
async def test_stream_is_answered_with_events(probe: Probe, prompt: str) -> None:
    """`stream: true` gives an event stream."""
    answer = await probe.post(
        CHAT, await chat_body(probe, prompt, stream=True), is_stream=True, label="with stream: true"
    )
    expect_let_in(answer)
    expect_stream(answer)


@clause("STREAM-02", needs=["STREAM-01"])
@pytest.mark.parametrize("max_tokens", [10, _LONG])
async def test_content_comes_in_deltas(probe: Probe, max_tokens: int) -> None:
    """Each event's data is a JSON object, and the content stands in `choices[].delta`."""
    found = await _counting(probe, max_tokens)
    _expect_objects(found)
    for chunk in found.chunks:
        if chunk.document is not None:
            _expect_choices_with_deltas(chunk.document, found)
    if not found.text.strip():
        received = f"{len(found.chunks)} events without any"
        raise Broken(expected="content in `choices[].delta.content`", received=received, answer=found.answer)


@clause("STREAM-03", needs=["STREAM-01"])
async def test_longer_answer_comes_in_several_chunks(probe: Probe) -> None:
    """Twenty words and more do not come in one piece."""
    for again in range(2):
        found = await (stream(probe, LONG_PROMPT, max_tokens=_LONG) if again else _counting(probe, _LONG))
        if len(found.pieces) > 1:
            return
    count = word_count(found.text)
    if count < _MANY_WORDS:
        raise Undecided(f"the model gives no longer answer than {count} words", answer=found.answer)
    raise Broken(expected="several chunks", received=f"{count} words in {len(found.pieces)} chunk", answer=found.answer)


@clause("STREAM-04", needs=["STREAM-01", "STREAM-02"])
@pytest.mark.parametrize("encoding", ["identity", "gzip, deflate"])
async def test_chunks_come_as_they_are_generated(probe: Probe, encoding: str) -> None:
    """No content waits for the end.

    A server that holds content back gives most of it in one burst, and the burst comes the later the longer the answer
    is. One that is merely slow to begin, or too fast to be seen, shows one or the other, not both.
    """
    long: list[Stream] = []
    short: list[Stream] = []
    for _ in range(2):
        for _ in range(3):
            long.append(await _stream_as(probe, encoding, max_tokens=_LONG))
            if is_live(long[-1]):
                return
            short.append(await _stream_as(probe, encoding, max_tokens=4))
        waits, controls = [burst_s(found) for found in long], [end_s(found) for found in short]
        if max(end_s(found) for found in long) < INSTANT_S:
            return  # there is nothing that could be waited for
        if min(waits) < max(controls) or statistics.median_high(waits) < 1.5 * statistics.median_high(controls):
            break
    else:
        received = (
            f"most of {word_count(long[-1].text)} words at once after {statistics.median_high(waits):.3f} s, all of "
            f"{word_count(short[-1].text)} words after {statistics.median_high(controls):.3f} s"
        )
        raise Broken(expected="chunks as they are generated", received=received, answer=long[-1].answer)
    raise Undecided(
        f"most content comes at once after {statistics.median_high(waits):.3f} s, whatever its length: "
        "held back, or generated at once",
        answer=long[-1].answer,
    )


async def _stream_as(probe: Probe, encoding: str, *, max_tokens: int) -> Stream:
    body = await chat_body(probe, LONG_PROMPT, stream=True, max_tokens=max_tokens)
    header = ("Accept-Encoding", encoding)
    return expect_stream(await probe.post(CHAT, body, headers=[header], is_stream=True, label=f"accepting {encoding}"))


@clause("STREAM-05", needs=["STREAM-01"])
@pytest.mark.parametrize("max_tokens", [1, 10, 60, _LONG])
async def test_stream_ends_whole(probe: Probe, max_tokens: int) -> None:
    """The body ends as HTTP says, and not in the middle of an event."""
    _expect_whole(await _counting(probe, max_tokens))


@clause("STREAM-05", needs=["STREAM-01"], is_last=True)
async def test_every_stream_that_was_seen_ends_whole(probe: Probe) -> None:
    """No stream of the whole run was cut; where most say how they end, all do."""
    seen = [read_stream(answer) for answer in probe.session.seen if _is_whole_stream(answer)]
    streams = [found for found in seen if not found.was_going_on]
    for found in streams:
        _expect_whole(found)
    _expect_all_or_few(streams, [found for found in streams if not found.is_done], "`[DONE]`")
    _expect_all_or_few(streams, [found for found in streams if found.finish_reason is None], "a `finish_reason`")


def _expect_all_or_few(streams: Sequence[Stream], silent: Sequence[Stream], ending: str) -> None:
    """Judge that streams end alike: one that lacks the ending that most have was cut."""
    if silent and len(silent) < len(streams) / 2:
        received = f"{len(silent)} of {len(streams)} streams that end without"
        raise Broken(
            expected=f"streams that all end with {ending}, as most do", received=received, answer=silent[0].answer
        )


def _is_whole_stream(answer: Any) -> bool:
    return (
        bool(answer.pieces)
        and answer.is_success
        and answer.content_type == "text/event-stream"
        and answer.broken_off != "left by the suite"
    )


def _expect_whole(found: Stream) -> None:
    expect_unbroken(found)
    if found.rest is not None and found.rest.strip() and DONE not in found.rest:
        raise Broken(
            expected="a stream that ends after an event",
            received=f"{found.rest!r} at its end"[:200],
            answer=found.answer,
        )


@clause("STREAM-06", needs=["STREAM-02"])
@pytest.mark.parametrize("max_tokens", [20, _LONG])
async def test_pieces_are_no_copies_of_one_another(probe: Probe, max_tokens: int) -> None:
    """Each delta carries the next piece: not all so far, and not the same twice."""
    expect_sound_joint(await _counting(probe, max_tokens))


@clause("STREAM-06", needs=["STREAM-02", "CHAT-02"])
async def test_pieces_join_to_the_plain_answer(probe: Probe) -> None:
    """The joined pieces are the text that a plain answer holds."""
    await expect_text_like_plain(probe)


@clause("STREAM-07", needs=["STREAM-02", "CHAT-02"])
@pytest.mark.parametrize("script", list(_SCRIPTS))
async def test_text_passes_unharmed(probe: Probe, script: str) -> None:
    """A model that repeats a text streams it sign by sign, wherever the chunks are cut and however long it is."""
    sample = marked(_SCRIPTS[script])
    prompt, room = repeat_prompt(sample), _ROOM.get(script, 200)
    said: list[str | None] = []
    for _ in range(2):
        found = await stream(probe, prompt, max_tokens=room, temperature=0, label=f"to repeat {script}")
        if not found.is_valid_utf8:
            raise Broken(expected="valid UTF-8", received="bytes that are none", answer=found.answer)
        _expect_objects(found)
        said.append(sample.found_in(found.text))
        if said[-1] == sample.text:
            return
        if said[-1] is None:
            await require_repeating(probe)
    plain = await complete(probe, prompt, max_tokens=room, temperature=0, label=f"to repeat {script}, not streamed")
    received = said[-1] or found.text
    if sample.found_in(expect_completion(plain)) == sample.text:
        expected, received = _from_difference(sample.text, received)
        raise Broken(expected=expected, received=received, answer=found.answer)
    raise Undecided(f"not streamed the model does not repeat this text either: {received[:80]!r}", answer=found.answer)


def _from_difference(expected: str, received: str) -> tuple[str, str]:
    """Return what stands in both from shortly before the first difference on."""
    pairs = zip(expected, received, strict=False)
    same = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(expected), len(received)))
    at = max(0, same - 20)
    return f"{expected[at : at + 80]!r} from sign {at} on", f"{received[at : at + 80]!r}"


def _expect_objects(found: Stream) -> None:
    """Judge that each event's data is a JSON object, the mark at the end left out. Raises Broken."""
    for chunk in found.chunks:
        if chunk.data.strip() != DONE and not isinstance(chunk.document, dict):
            raise Broken(expected="a JSON object as data", received=f"data {chunk.data!r}"[:200], answer=found.answer)


_BAD_REQUESTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "temperature": ({"temperature": 1.5}, 400, "temperature"),
    "max_tokens": ({"max_tokens": -1}, 400, "max_tokens"),
    "messages": ({"messages": "Hello"}, 400, "messages"),
    "message": ({"messages": [{"role": "user"}]}, 400, "messages"),
    "unknown_model": ({"model": UNKNOWN_MODEL}, 404, "model"),
}


@clause("STREAM-08", needs=["CHAT-22"])
@pytest.mark.parametrize("kind", list(_BAD_REQUESTS))
async def test_early_error_is_plain(probe: Probe, kind: str) -> None:
    """What is wrong with the request is told by the status, before any stream begins."""
    change, status, param = _BAD_REQUESTS[kind]
    body = {**await chat_body(probe, stream=True), **change}
    answer = await probe.post(CHAT, body, is_stream=True, label=f"with stream: true and a wrong {param}")
    code = "model_not_found" if kind == "unknown_model" else None
    expect_refusal(answer, status, param=param, code=code, why=f"wrong {param}")
    expect_envelope(answer)


@clause("STREAM-08", needs=["CHAT-22"])
async def test_missing_model_is_refused_plainly(probe: Probe) -> None:
    """No `model`: 400, streaming or not."""
    body = await chat_body(probe, stream=True)
    del body["model"]
    answer = await probe.post(CHAT, body, is_stream=True, label="with stream: true, without model")
    expect_refusal(answer, 400, param="model", why="no model")
    expect_envelope(answer)


@clause("STREAM-09", needs=["STREAM-02"])
@pytest.mark.parametrize("max_tokens", [1, 2, 3, 5, 10, 25])
async def test_max_tokens_bounds_the_stream(probe: Probe, max_tokens: int) -> None:
    """Never more words than that."""
    found = await _counting(probe, max_tokens)
    if word_count(found.text) > max_tokens:
        received = f"{word_count(found.text)} words"
        raise Broken(expected=f"at most {max_tokens} words", received=received, answer=found.answer)


@clause("STREAM-10", needs=["CHAT-22"])
async def test_without_stream_one_body_comes(probe: Probe) -> None:
    """Who does not ask for events gets none, but a JSON object."""
    answer = await valid_answer(probe, CHAT)
    _expect_no_events(answer)
    if not isinstance(answer.document, dict):
        raise Broken(expected="one JSON object", received=answer.describe(), answer=answer)


@clause("STREAM-10", needs=["CHAT-02"])
async def test_with_stream_false_one_body_comes(probe: Probe) -> None:
    """Who asks for no events gets what comes without asking."""
    answer = await probe.post(CHAT, await chat_body(probe, stream=False), label="with stream: false")
    _expect_no_events(answer)
    expect_messages(answer)


def _expect_no_events(answer: Answer) -> None:
    if answer.content_type == "text/event-stream" or answer.body.lstrip().startswith(b"data:"):
        raise Broken(expected="one JSON body", received=f"an event stream: {answer.describe()}", answer=answer)


_BAD_STREAMS: list[Any] = ["true", "yes", "", 1, 0, [True], {"value": True}, 0.5]


@clause("STREAM-11", needs=["CHAT-22"])
@pytest.mark.parametrize("value", _BAD_STREAMS, ids=repr)
async def test_stream_that_is_no_boolean_is_refused(probe: Probe, value: Any) -> None:
    """`stream` is true or false: 400 for anything else."""
    answer = await probe.post(
        CHAT, await chat_body(probe, stream=value), is_stream=True, label=f"with stream {value!r}"
    )
    expect_refusal(answer, 400, param="stream", why="stream not a boolean")


@clause("STREAM-12", needs=["STREAM-02", "CHAT-02"], is_last=True)
async def test_client_that_leaves_harms_nobody(probe: Probe) -> None:
    """Several clients leave after the first piece; another stream goes on, and later requests are answered."""
    before = await complete(probe, label="before clients leave")
    patience_s = max(15.0, 5 * before.total_s)
    body = await chat_body(probe, LONG_PROMPT, stream=True, max_tokens=_LONG)

    async def leave() -> None:
        await probe.post(
            CHAT, body, is_stream=True, leave_after=lambda data: b"data" in data, label="left after a piece"
        )

    staying = stream(probe, LONG_PROMPT, max_tokens=_LONG, label="beside clients that leave")
    try:
        found, _ = await asyncio.gather(staying, asyncio.gather(*(leave() for _ in range(4))))
        _expect_whole(found)
        for _ in range(2):
            expect_completion(
                await probe.post(CHAT, await chat_body(probe), timeout_s=patience_s, label="after clients left")
            )
            answer = await probe.post(
                CHAT, body, is_stream=True, timeout_s=patience_s + 10, label="streamed after clients left"
            )
            _expect_whole(expect_stream(answer))
    except Undecided as undecided:
        if probe.session.gone is None:
            raise
        received = f"no answer any more: {probe.session.gone}"
        raise Broken(expected="answers after clients left", received=received, where=f"POST {CHAT}") from undecided


@clause("STREAM-13", needs=["STREAM-02"])
async def test_streams_are_not_mixed_up(probe: Probe) -> None:
    """Streams side by side, each with a word of its own: none holds another's word."""
    words = [own_word() for _ in range(_SIDE_BY_SIDE)]
    is_shown = False
    for _ in range(2):
        texts = [" ".join([word] * 6) for word in words]
        found = await asyncio.gather(*(stream(probe, repeat_prompt(text), max_tokens=80) for text in texts))
        for word, one in zip(words, found, strict=True):
            is_shown = is_shown or word in one.text
            others = [other for other in words if other != word and other in one.text]
            if others:
                raise Broken(expected=f"a stream for {word!r}", received=f"words of {others[0]!r}", answer=one.answer)
    if not is_shown:
        await require_repeating(probe)
        raise Undecided("no stream held the word that it was to repeat")


@clause("STREAM-13", needs=["STREAM-02"], is_last=True)
async def test_no_stream_that_was_seen_is_anothers(probe: Probe) -> None:
    """No stream of the whole run holds a word that only another request brought."""
    expect_nothing_of_others([answer for answer in probe.session.seen if _is_whole_stream(answer)])


@clause("STREAM-14", needs=["STREAM-01"])
async def test_stream_ends_with_done(probe: Probe) -> None:
    """`[DONE]` tells a client that nothing more comes, and nothing does."""
    found = await _greeting(probe)
    if not found.is_done:
        last = found.chunks[-1].data
        raise Broken(expected="`data: [DONE]` at the end", received=f"{last!r}"[:200], answer=found.answer)
    if found.chunks[-1].data.strip() != DONE:
        raise Broken(
            expected="nothing after `[DONE]`", received=f"{found.chunks[-1].data!r}"[:200], answer=found.answer
        )


@clause("STREAM-15", needs=["STREAM-01"])
async def test_stream_says_why_it_ends(probe: Probe) -> None:
    """A `finish_reason` tells a cut answer from a finished one."""
    found = await _greeting(probe)
    if found.finish_reason is None:
        raise Broken(expected="a `finish_reason`", received="none in any chunk", answer=found.answer)


@clause("STREAM-16", needs=["STREAM-01"])
async def test_deltas_have_the_kinds_of_a_message(probe: Probe) -> None:
    """Where a delta gives a role it is `assistant`; where it gives content it is a text or null."""
    found = await _counting(probe, 20)
    for chunk in found.chunks:
        for delta in chunk.deltas:
            if delta.get("role", "assistant") not in ("assistant", None):
                raise Broken(expected="role `assistant`", received=f"{delta['role']!r}", answer=found.answer)
            if not isinstance(delta.get("content", ""), str | None):
                raise Broken(expected="content as text", received=f"{delta['content']!r}"[:200], answer=found.answer)


async def _counting(probe: Probe, max_tokens: int) -> Stream:
    """Return a stream of numbers of this length; each is asked for once, and judged from several sides."""

    async def ask(asker: Probe) -> Stream:
        label = f"with stream: true and max_tokens {max_tokens}"
        return await stream(asker, LONG_PROMPT, max_tokens=max_tokens, label=label)

    found: Stream = await probe.fact(f"stream of numbers {max_tokens}", ask)
    return found


async def _greeting(probe: Probe) -> Stream:
    """Return the short stream whose end is judged."""
    found: Stream = await probe.fact("stream of a greeting", stream)
    return found


def _expect_choices_with_deltas(document: dict[str, Any], found: Stream) -> None:
    choices = document.get("choices")
    if not choices:
        if isinstance(document.get("error"), dict):
            raise Broken(expected="content", received=f"an error: {json.dumps(document)}"[:200], answer=found.answer)
        return
    is_sound = isinstance(choices, list) and all(
        isinstance(choice, dict) and isinstance(choice.get("delta"), dict | None) for choice in choices
    )
    if not is_sound:
        received = f"{json.dumps(document, ensure_ascii=False)}"[:200]
        raise Broken(expected="`choices`, each with a `delta`", received=received, answer=found.answer)
