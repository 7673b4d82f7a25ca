"""Reasoning: shown where it is asked for, beside the content, and not in its place."""

from typing import Any

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, expect_completion, expect_messages
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.models import chat_model, models_that
from assisters_verify.contract.reasoning import (
    PROBLEMS,
    expect_content,
    expect_reasoning,
    models_to_reason_with,
    reasoned_answers,
    reasoning_body,
    streamed_reasoning,
)
from assisters_verify.contract.repeating import repeat_prompt
from assisters_verify.contract.streams import DONE, Stream, expect_stream, expect_unbroken
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import fresh_hex

_TRIES = 3
_WORDS = 12


@clause("REASON-01", needs=["CHAT-02", "CHAT-07"])
@pytest.mark.parametrize("problem", list(PROBLEMS))
async def test_reasoning_is_shown(probe: Probe, problem: str) -> None:
    """Each model that lists reasoning shows a non-empty text of it."""
    for model in await models_to_reason_with(probe):
        expect_reasoning(await reasoned_answers(probe, model, problem))


@clause("REASON-02", needs=["CHAT-02", "CHAT-07"])
@pytest.mark.parametrize("problem", list(PROBLEMS))
async def test_content_stands_beside_the_reasoning(probe: Probe, problem: str) -> None:
    """The answer itself is still the content."""
    for model in await models_to_reason_with(probe):
        expect_content(await reasoned_answers(probe, model, problem))


_NO_BOOLEANS: list[Any] = ["true", "yes", "high", "", 1, 0, 0.5, [True], {"effort": "high"}]


@clause("REASON-03", needs=["CHAT-01"])
@pytest.mark.parametrize("value", _NO_BOOLEANS, ids=repr)
async def test_reasoning_that_is_no_boolean_is_refused(probe: Probe, value: Any) -> None:
    """True or false: 400 for anything else."""
    model = (await models_to_reason_with(probe))[0]
    body = await reasoning_body(probe, PROBLEMS["equation"], model=model, reasoning=value)
    answer = await probe.post(CHAT, body, label=f"with reasoning {value!r}")
    expect_refusal(answer, 400, param="reasoning", why="reasoning not a boolean")


@clause("REASON-03", needs=["CHAT-01"])
@pytest.mark.parametrize("value", ["true", 1], ids=repr)
async def test_streamed_request_is_checked_as_well(probe: Probe, value: Any) -> None:
    """With `stream: true` the refusal is the same, and plain."""
    model = (await models_to_reason_with(probe))[0]
    body = await reasoning_body(probe, PROBLEMS["equation"], model=model, reasoning=value, stream=True)
    answer = await probe.post(CHAT, body, is_stream=True, label=f"with stream: true and reasoning {value!r}")
    expect_refusal(answer, 400, param="reasoning", why="reasoning not a boolean")


@clause("REASON-04", needs=["REASON-02", "STREAM-01"])
async def test_streamed_content_is_there(probe: Probe) -> None:
    """A reasoning request may be streamed: its content comes, in a stream that ends whole."""
    for model in await models_to_reason_with(probe):
        for _ in range(_TRIES):
            found = await _stream(probe, PROBLEMS["equation"], model)
            _expect_whole(found)
            if found.text.strip():
                break
        else:
            received = f"{len(found.chunks)} events without any, {_TRIES} times"
            raise Broken(
                expected="content in `choices[].delta.content`, after the reasoning or beside it",
                received=received,
                answer=found.answer,
            )


@clause("REASON-04", needs=["REASON-02", "STREAM-06"])
async def test_streamed_content_is_whole(probe: Probe) -> None:
    """What comes streamed is what comes plain: a text to repeat, or what the model answers each time."""
    model = (await models_to_reason_with(probe))[0]
    text = " ".join(f"w{number}{fresh_hex(5)}" for number in range(_WORDS))
    streamed: list[Stream] = []
    for _ in range(_TRIES):
        streamed.append(await _stream(probe, repeat_prompt(text), model, temperature=0))
        if text in streamed[-1].text:
            return
    plain = []
    for _ in range(_TRIES):
        body = await reasoning_body(probe, repeat_prompt(text), model=model, temperature=0)
        answer = await probe.post(CHAT, body, label="with reasoning: true, to repeat a text")
        plain.append(" ".join(expect_completion(answer).split()))
    is_repeated = all(text in each for each in plain)
    if not is_repeated and any(" ".join(each.text.split()) in plain for each in streamed):
        return
    if not is_repeated and (len(set(plain)) > 1 or not _is_part(streamed[-1].text, plain[0])):
        raise Undecided(f"with reasoning the model does not repeat a text: {plain[0][:80]!r}", answer=answer)
    received = f"{streamed[-1].text[:160]!r}, {_TRIES} times"
    raise Broken(
        expected=f"the text of {_TRIES} plain answers, {plain[0][:80]!r}", received=received, answer=streamed[-1].answer
    )


@clause("REASON-05", needs=["CHAT-01"])
@pytest.mark.parametrize("reasoning", [None, False], ids=["absent", "false"])
async def test_reasoning_comes_only_when_asked_for(probe: Probe, reasoning: bool | None) -> None:  # noqa: FBT001
    """Without `reasoning: true` the message holds none."""
    model = (await models_to_reason_with(probe))[0]
    body = await reasoning_body(probe, PROBLEMS["equation"], model=model, reasoning=reasoning)
    answer = await probe.post(CHAT, body, label=f"with reasoning {'absent' if reasoning is None else 'false'}")
    for message in expect_messages(answer):
        if message.get("reasoning"):
            received = f"{message['reasoning']!r}"[:200]
            raise Broken(expected="no `reasoning`, since none was asked for", received=received, answer=answer)


@clause("REASON-06", needs=["CHAT-02", "STREAM-02"])
async def test_reasoning_false_is_answered(probe: Probe) -> None:
    """`reasoning: false` is a plain request, streamed or not."""
    for model in await models_to_reason_with(probe):
        body = await reasoning_body(probe, "Say hello.", model=model, reasoning=False, max_tokens=48)
        expect_completion(await probe.post(CHAT, body, label=f"to {model} with reasoning: false"))
    answer = await probe.post(CHAT, {**body, "stream": True}, is_stream=True, label="streamed with reasoning: false")
    found = expect_stream(answer)
    if not found.text.strip():
        raise Broken(expected="content", received=f"{len(found.chunks)} events without any", answer=answer)


@clause("REASON-07", needs=["REASON-01", "STREAM-01"])
async def test_reasoning_is_streamed(probe: Probe) -> None:
    """The deltas carry the reasoning as they carry the content: as pieces of a text."""
    model = (await models_to_reason_with(probe))[0]
    for _ in range(_TRIES):
        found = await _stream(probe, PROBLEMS["equation"], model)
        pieces = streamed_reasoning(found)
        if pieces and all(isinstance(piece, str) for piece in pieces) and "".join(pieces).strip():
            return
    received = f"{pieces[0]!r}"[:200] if pieces else f"{len(found.chunks)} events without any, {_TRIES} times"
    raise Broken(expected="texts in `choices[].delta.reasoning`", received=received, answer=found.answer)


@clause("REASON-08", needs=["CHAT-02"])
async def test_model_without_reasoning_stays_whole(probe: Probe) -> None:
    """A model that does not list reasoning answers without it, or refuses; it does not break."""
    reasoning = await models_that(probe, "reasoning")
    others = [model for model in await models_that(probe, "chat") if model not in reasoning]
    if not others:
        raise NotApplicable("no listed model that chats lacks `reasoning`")
    named = await chat_model(probe)
    body = await reasoning_body(
        probe, PROBLEMS["equation"], model=named if named in others else others[0], max_tokens=200
    )
    answer = await probe.post(CHAT, body, label=f"to {body['model']}, which lists no reasoning, with reasoning: true")
    if answer.is_success:
        expect_completion(answer)
    elif answer.status in range(400, 500):
        expect_envelope(answer)
    else:
        raise Broken(expected="an answer, or a refusal with 400", received=answer.describe(), answer=answer)


async def _stream(probe: Probe, prompt: str, model: str, **fields: Any) -> Stream:
    body = await reasoning_body(probe, prompt, model=model, stream=True, **fields)
    return expect_stream(
        await probe.post(CHAT, body, is_stream=True, label=f"to {model} with stream and reasoning: true")
    )


def _is_part(text: str, whole: str) -> bool:
    """Tell whether a text is a whole one with pieces missing, rather than another."""
    words, at = whole.split(), -1
    return bool(text.split()) and all((at := _after(words, word, at)) >= 0 for word in text.split()[1:-1])


def _after(words: list[str], word: str, at: int) -> int:
    return words.index(word, at + 1) if word in words[at + 1 :] else -1


def _expect_whole(found: Stream) -> None:
    """Judge that the stream was not cut off, and that no error came in its midst. Raises Broken."""
    expect_unbroken(found)
    for chunk in found.chunks:
        if chunk.data.strip() == DONE:
            continue
        if not isinstance(chunk.document, dict) or isinstance(chunk.document.get("error"), dict):
            raise Broken(expected="chunks of an answer", received=f"{chunk.data!r}"[:200], answer=found.answer)
