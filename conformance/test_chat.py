"""Chat completions: what is accepted, what is refused, and what comes back."""

import asyncio
from typing import Any

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.completions import (
    CHAT,
    chat_body,
    complete,
    expect_choices,
    expect_completion,
    expect_messages,
)
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.models import UNKNOWN_MODEL, chat_model, listed_models
from assisters_verify.contract.repeating import (
    expect_nothing_of_others,
    marked,
    own_word,
    repeat_prompt,
    require_repeating,
)
from assisters_verify.contract.routes import expect_accepted, valid_answer
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe

_SIDE_BY_SIDE = 8
_TRIES = 3

SCRIPTS = {
    "latin_accents": "Crème brûlée à la façade",
    "combining_accents": "Cafe\u0301 nai\u0308ve",
    "cyrillic": "Привет большой мир",
    "greek": "Καλημέρα κόσμε",
    "chinese": "你好世界量子",
    "japanese": "こんにちは世界カタカナ",
    "korean": "안녕하세요 세계",
    "arabic": "مرحبا بالعالم",
    "hindi": "नमस्ते दुनिया",
    "emoji": "🚀 👩‍👩‍👧‍👦 🇫🇷 👍🏽",
    "beyond_the_basic_plane": "𝒜𝓁𝓅𝒽𝒶 𠜎𠜱",
    "markup": "<b>5 > 3 & \"x\" = 'y'</b>",
    "typography": "“quotes” — dash … € ½ ™",
}


@clause("CHAT-22")
async def test_documented_request_is_accepted(probe: Probe) -> None:
    """The route is there, and a valid request is answered 2xx."""
    await expect_accepted(probe, CHAT)


@clause("CHAT-01", needs=["CHAT-22"])
async def test_completion_is_answered(probe: Probe) -> None:
    """The documented request is answered with choices."""
    expect_choices(await valid_answer(probe, CHAT))


@clause("CHAT-02", needs=["CHAT-01"])
@pytest.mark.parametrize("prompt", ["Say hello.", "Explain quantum computing.", "What is 2 + 2?"])
async def test_choice_holds_an_assistants_text(probe: Probe, prompt: str) -> None:
    """Each choice has a message of the assistant with a text in it."""
    if prompt == "Say hello.":
        expect_completion(await valid_answer(probe, CHAT))
    else:
        await complete(probe, prompt)


@clause("CHAT-03", needs=["CHAT-22"])
async def test_model_is_required(probe: Probe) -> None:
    """No `model`: 400."""
    body = await chat_body(probe)
    del body["model"]
    expect_refusal(await post_once(probe, CHAT, body, label="without model"), 400, param="model", why="no model")


_NO_MESSAGES: dict[str, Any] = {
    "absent": None, "null": [None], "text": ["Hello"], "number": [5], "object": [{"role": "user", "content": "Hello"}],
    "boolean": [True], "list_of_texts": [["Hello"]], "list_of_numbers": [[1, 2]], "list_of_nulls": [[None]],
    "list_of_lists": [[[]]], "good_and_bad": [[{"role": "user", "content": "Hello"}, "Hello"]],
}  # fmt: skip


@clause("CHAT-04", needs=["CHAT-22"])
@pytest.mark.parametrize("kind", list(_NO_MESSAGES))
async def test_messages_are_a_list_of_objects(probe: Probe, kind: str) -> None:
    """No `messages`, or anything but a list of objects: 400."""
    body = await chat_body(probe)
    del body["messages"]
    if kind != "absent":
        body["messages"] = _NO_MESSAGES[kind][0]
    answer = await post_once(probe, CHAT, body, label=f"with messages: {kind.replace('_', ' ')}")
    expect_refusal(answer, 400, param="messages", why="no list of messages")


@clause("CHAT-05", needs=["CHAT-22"])
@pytest.mark.parametrize("model", [UNKNOWN_MODEL, "gpt-4.1-mini-no-such", "GPT 9"])
async def test_unknown_model_is_not_found(probe: Probe, model: str) -> None:
    """A model that is not in the list: 404, `model_not_found`."""
    answer = await post_once(probe, CHAT, await chat_body(probe, model=model), label="with an unknown model")
    expect_refusal(answer, 404, param="model", code="model_not_found", why="unknown model")


@clause("CHAT-05", needs=["CHAT-22"])
async def test_part_of_a_models_id_is_not_found(probe: Probe) -> None:
    """An id counts whole: without its last character it is nobody's."""
    model = await chat_model(probe)
    part = model[:-1]
    if not part.strip() or part in {each.get("id") for each in await listed_models(probe)}:
        raise NotApplicable(f"without its last character {model!r} is no unknown id")
    answer = await post_once(probe, CHAT, await chat_body(probe, model=part), label="with a part of a model's id")
    expect_refusal(answer, 404, param="model", code="model_not_found", why="unknown model")


_BAD_MESSAGES: dict[str, dict[str, Any]] = {
    "no_role": {"content": "Hello"},
    "no_content": {"role": "user"},
    "empty": {},
    "null_content": {"role": "user", "content": None},
    "number_content": {"role": "user", "content": 5},
    "boolean_content": {"role": "user", "content": True},
    "object_content": {"role": "user", "content": {"text": "Hello"}},
    "system_no_content": {"role": "system"},
}


@clause("CHAT-06", needs=["CHAT-22"])
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        *((kind, "alone") for kind in _BAD_MESSAGES),
        *((kind, place) for kind in ("no_role", "no_content") for place in ("first", "last")),
    ],
)
async def test_message_without_role_or_content_is_refused(probe: Probe, kind: str, place: str) -> None:
    """Each message needs both, wherever it stands."""
    good = {"role": "user", "content": "Hello"}
    bad = _BAD_MESSAGES[kind]
    messages = {"alone": [bad], "first": [bad, good], "last": [good, bad]}[place]
    label = f"with a message: {kind.replace('_', ' ')}, {place}"
    answer = await post_once(probe, CHAT, await chat_body(probe, messages=messages), label=label)
    expect_refusal(answer, 400, param="messages", why="message without role or content")


_CALL = {"id": "call_1", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
_TOOL = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}
_CONVERSATIONS: dict[str, list[dict[str, Any]]] = {
    "system": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
    "developer": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
    "several_turns": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello. How can I help?"},
        {"role": "user", "content": "Say goodbye."},
    ],
    "tool": [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": None, "tool_calls": [_CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"time": "12:00"}'},
    ],
    "many_turns": [
        {"role": role, "content": f"Turn {number}."} for number in range(10) for role in ("user", "assistant")
    ] + [{"role": "user", "content": "Hello"}],
}  # fmt: skip


@clause("CHAT-07", needs=["CHAT-01"])
@pytest.mark.parametrize("kind", list(_CONVERSATIONS))
async def test_roles_and_turns_are_accepted(probe: Probe, kind: str) -> None:
    """The documented roles, and conversations of several turns."""
    more = {"tools": [_TOOL]} if kind == "tool" else {}
    body = await chat_body(probe, messages=_CONVERSATIONS[kind], **more)
    expect_messages(await probe.post(CHAT, body, label=f"with a conversation: {kind.replace('_', ' ')}"))


@clause("CHAT-12", needs=["CHAT-01"])
@pytest.mark.parametrize("script", list(SCRIPTS))
async def test_text_comes_back_unharmed(probe: Probe, script: str) -> None:
    """A model that repeats a text repeats it in its own script, sign by sign."""
    sample = marked(SCRIPTS[script])
    harmed: list[str] = []
    for _ in range(2):
        answer = await complete(
            probe, repeat_prompt(sample), max_tokens=200, temperature=0, label=f"to repeat {script}"
        )
        found = sample.found_in(expect_completion(answer))
        if found == sample.text:
            return
        if found is not None:
            harmed.append(found)
        if not harmed:
            break
    if len(harmed) > 1:
        raise Broken(expected=repr(sample.text), received=repr(harmed[-1])[:200], answer=answer)
    await require_repeating(probe)
    raise Undecided(f"the model repeats a plain text, but did not repeat this one: {expect_completion(answer)[:80]!r}")


_CONTENTS = {
    "one_character": "?",
    "blank": " ",
    "lines": "one\n\n\ttwo\r\nthree\n",
    "json": '{"role": "system", "content": "\\"}]}"}',
    "html": "<script>alert(1)</script> &amp; <b>",
    "template": "{{ 7 * 7 }} ${7 * 7} %s %n {0}",
    "quotes": "'; DROP TABLE users; -- \" ` \\",
    "long": "The quick brown fox jumps over the lazy dog. " * 200,
    "long_word": "x" * 4000,
}


@clause("CHAT-13", needs=["CHAT-01"])
@pytest.mark.parametrize("kind", list(_CONTENTS))
async def test_any_text_is_accepted(probe: Probe, kind: str) -> None:
    """Content is data, whatever signs it holds."""
    expect_messages(
        await probe.post(CHAT, await chat_body(probe, _CONTENTS[kind]), label=f"with content: {kind.replace('_', ' ')}")
    )


@clause("CHAT-14", needs=["CHAT-22"])
async def test_unknown_role_is_refused(probe: Probe) -> None:
    """A role that nobody has: 400."""
    body = await chat_body(probe, messages=[{"role": "narrator", "content": "Hello"}])
    expect_refusal(await probe.post(CHAT, body, label="with an unknown role"), 400, why="unknown role")


@clause("CHAT-15", needs=["CHAT-22"])
async def test_empty_list_of_messages_is_refused(probe: Probe) -> None:
    """Nothing to answer: 400."""
    expect_refusal(
        await probe.post(CHAT, await chat_body(probe, messages=[]), label="with no message"), 400, why="no message"
    )


_COMBINATIONS: dict[str, dict[str, Any]] = {
    "required_only": {"max_tokens": None},
    "temperature_alone": {"max_tokens": None, "temperature": 0.7},
    "documented": {"temperature": 0.7, "max_tokens": 1000},
    "not_streamed": {"stream": False},
    "all": {"temperature": 0.2, "max_tokens": 20, "stream": False},
}


@clause("CHAT-17", needs=["CHAT-01"])
@pytest.mark.parametrize("kind", list(_COMBINATIONS))
async def test_documented_combination_is_accepted(probe: Probe, kind: str) -> None:
    """Optional fields may be there or not."""
    await complete(probe, "Say only: OK", label=f"with {kind.replace('_', ' ')}", **_COMBINATIONS[kind])


@clause("CHAT-18", needs=["CHAT-01"])
async def test_answers_are_not_mixed_up(probe: Probe) -> None:
    """Requests side by side, each with a word of its own: no answer holds another's word."""
    words = [own_word() for _ in range(_SIDE_BY_SIDE)]
    is_shown = False
    for _ in range(2):
        answers = await asyncio.gather(*(complete(probe, repeat_prompt(word), max_tokens=60) for word in words))
        for word, answer in zip(words, answers, strict=True):
            text = expect_completion(answer)
            is_shown = is_shown or word in text
            others = [other for other in words if other != word and other in text]
            if others:
                raise Broken(expected=f"an answer to {word!r}", received=f"one to {others[0]!r}", answer=answer)
    if not is_shown:
        await require_repeating(probe)
        raise Undecided(f"none of {2 * _SIDE_BY_SIDE} answers held the word that it was to repeat")


@clause("CHAT-18", needs=["CHAT-01"], is_last=True)
async def test_no_answer_that_was_seen_is_anothers(probe: Probe) -> None:
    """No plain answer of the whole run holds a word that only another request brought."""
    expect_nothing_of_others([answer for answer in probe.session.seen if answer.path == CHAT and not answer.pieces])


@clause("CHAT-20", needs=["CHAT-01"])
async def test_last_message_is_answered(probe: Probe) -> None:
    """In a conversation of two turns the second is answered, not the first."""
    before: list[str] = []
    for _ in range(_TRIES):
        # Words of its own for each try: an answer to the try before is no answer to this one.
        first, last = (own_word() for _ in range(2))
        messages = [
            {"role": "user", "content": repeat_prompt(first)},
            {"role": "assistant", "content": first},
            {"role": "user", "content": repeat_prompt(last)},
        ]
        answer = await probe.post(
            CHAT, await chat_body(probe, messages=messages, temperature=0), label="with two turns"
        )
        text = expect_completion(answer)
        if last in text:
            return
        others = [word for word in before if word in text]
        if others:
            raise Broken(expected=f"an answer to {last!r}", received=f"one to {others[0]!r}", answer=answer)
        before += [first, last]
    await require_repeating(probe)
    received = "the first one's" if first in text else repr(text[:80])
    raise Broken(expected=f"the last message's word {last!r} in {_TRIES} tries", received=received, answer=answer)
