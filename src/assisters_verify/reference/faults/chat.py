"""Faults of chat completions: their answers."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    CHAT,
    EACH,
    Edit,
    change,
    drop,
    on_answer,
    on_body,
    on_envelope,
    on_refusal,
    on_success,
    put,
)
from assisters_verify.reference.faults.texts import decompose, escape_html, lose_astral_signs, lose_non_latin1
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Draft, Message, Question
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import SharedAnswer

_fault = partial(Fault, area="chat")
_MODEL = "gpt-4.1-mini"
_MESSAGE = ("choices", EACH, "message")


def _corrects(name: str, matches: Callable[[Any], bool], how: Edit) -> Callable[[dict[str, Any]], Any]:
    """Make something of a wrong value instead of refusing it."""
    return lambda body: {**body, name: how(body[name])} if name in body and matches(body[name]) else body


def _ignores_bound(question: Question) -> Draft:
    """Ignore the bound of a plain answer; a stream's is another clause."""
    return compose(question if question.is_streamed else replace(question, max_tokens=None))


def _one_token_more(question: Question) -> Draft:
    bound = None if question.is_streamed else question.max_tokens
    if bound is None:
        return compose(question)
    return compose(replace(question, max_tokens=bound + 1))


def _raises_small_bounds(question: Question) -> Draft:
    bound = question.max_tokens
    if question.is_streamed or bound is None:
        return compose(question)
    return compose(replace(question, max_tokens=max(bound, 4)))


def _counts_spaces(question: Question) -> Draft:
    """Take what stands between two spaces for a word, lines and all."""
    bound = question.max_tokens
    if question.is_streamed or bound is None:
        return compose(question)
    draft = compose(replace(question, max_tokens=None))
    return replace(draft, content=None if draft.content is None else " ".join(draft.content.split(" ")[:bound]))


def _bounds_letters(question: Question) -> Draft:
    """Take the bound for one on characters, four a token."""
    bound = question.max_tokens
    if question.is_streamed or bound is None:
        return compose(question)
    draft = compose(replace(question, max_tokens=None))
    return replace(draft, content=None if draft.content is None else draft.content[: bound * 12])


def _changes_text(how: Callable[[str], str]) -> dict[str, object]:
    """Harm the text of answers."""

    def harm(question: Question) -> Draft:
        draft = compose(question)
        if draft.content is None or question.is_streamed:
            return draft
        return replace(draft, content=how(draft.content))

    return {"chat.compose": harm}


def _answers(choose: Callable[[tuple[Message, ...]], tuple[Message, ...]]) -> dict[str, object]:
    """Answer another part of the conversation."""
    return {"chat.compose": lambda question: compose(replace(question, messages=choose(question.messages)))}


def _first_turn(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    is_first = [i for i, message in enumerate(messages) if message.role == "user"]
    return messages[: is_first[0] + 1] if is_first else messages


def _previous_prompt(call: Call, value: Any) -> Any:
    """Answer the prompt of the request before, whoever sent it."""
    if call.route != CHAT or not isinstance(value, dict):
        return value
    previous = call.services.scratch.get("prompt")
    messages = value.get("messages")
    call.services.scratch["prompt"] = messages
    is_asked = isinstance(previous, list) and previous and isinstance(messages, list) and messages
    return {**value, "messages": previous} if is_asked else value


def _as_legacy(payload: Any) -> Any:
    for choice in payload["choices"]:
        choice["text"] = choice.pop("message")["content"]
    return payload


def _as_parts(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "content": [{"type": "text", "text": message["content"]}]}


def _empty_where_bound_is_one(call: Call, reply: Reply) -> Reply:
    if b'"max_tokens":1,' in call.body.replace(b" ", b"") or b'"max_tokens":1}' in call.body.replace(b" ", b""):
        return on_success(CHAT, drop(*_MESSAGE, "content"))(call, reply)
    return reply


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _with_status(status: int) -> Callable[[Any], Any]:
    return lambda answer: replace(answer, status=status)


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="choices_are_missing",
        clause="CHAT-01",
        title="The answer has no `choices`: the message stands at the top.",
        reply=on_success(CHAT, lambda payload: {**payload["choices"][0], "id": payload["id"]}),
    ),
    _fault(
        name="choices_are_empty",
        clause="CHAT-01",
        title="`choices` is empty.",
        reply=on_success(CHAT, put([], "choices")),
    ),
    _fault(
        name="choices_are_an_object",
        clause="CHAT-01",
        title="`choices` is one choice instead of a list.",
        reply=on_success(CHAT, change(lambda choices: choices[0], "choices")),
    ),
    _fault(
        name="completion_is_202",
        clause="CHAT-22",
        title="A completion is answered 202.",
        reply=on_answer(CHAT, _with_status(202)),
    ),
    _fault(
        name="message_is_legacy_text",
        clause="CHAT-02",
        title="A choice has `text`, as in the legacy API, and no `message`.",
        reply=on_success(CHAT, _as_legacy),
    ),
    _fault(
        name="message_lacks_role",
        clause="CHAT-02",
        title="The message has no `role`.",
        reply=on_success(CHAT, drop(*_MESSAGE, "role")),
    ),
    _fault(
        name="message_has_role_user",
        clause="CHAT-02",
        title="The message's role is `user`.",
        reply=on_success(CHAT, put("user", *_MESSAGE, "role")),
    ),
    _fault(
        name="content_is_null",
        clause="CHAT-02",
        title="The content is null, though there is no tool call.",
        reply=on_success(CHAT, put(None, *_MESSAGE, "content")),
    ),
    _fault(
        name="content_is_empty",
        clause="CHAT-02",
        title="The content is an empty text.",
        reply=on_success(CHAT, put("", *_MESSAGE, "content")),
    ),
    _fault(
        name="content_is_in_parts",
        clause="CHAT-02",
        title="The content is a list of parts.",
        reply=on_success(CHAT, change(_as_parts, "choices", 0, "message")),
    ),
    _fault(
        name="unknown_model_is_served",
        clause="CHAT-05",
        title="An unknown model is answered by a default one.",
        request=on_body(CHAT, _corrects("model", _is_text, lambda _model: _MODEL)),
    ),
    _fault(
        name="unknown_model_is_400",
        clause="CHAT-05",
        title="An unknown model is refused with 400.",
        reply=lambda call, reply: (
            on_refusal(_with_status(400), code="model_not_found")(call, reply) if call.route == CHAT else reply
        ),
    ),
    _fault(
        name="unknown_model_has_no_code",
        clause="CHAT-05",
        title="An unknown model is refused without `code`.",
        reply=lambda call, reply: (
            on_envelope(put(None, "code"), code="model_not_found")(call, reply) if call.route == CHAT else reply
        ),
    ),
    _fault(
        name="unknown_model_has_no_param",
        clause="CHAT-05",
        title="An unknown model is refused without `param`.",
        reply=lambda call, reply: (
            on_envelope(put(None, "param"), code="model_not_found")(call, reply) if call.route == CHAT else reply
        ),
    ),
    _fault(
        name="max_tokens_is_ignored",
        clause="CHAT-11",
        title="`max_tokens` does not bound a plain answer.",
        choices={"chat.compose": _ignores_bound},
    ),
    _fault(
        name="one_token_too_many",
        clause="CHAT-11",
        title="An answer may have one token more than `max_tokens`.",
        choices={"chat.compose": _one_token_more},
    ),
    _fault(
        name="max_tokens_counts_spaces",
        clause="CHAT-11",
        title="`max_tokens` counts words between spaces: line breaks and tabs part none.",
        choices={"chat.compose": _counts_spaces},
    ),
    _fault(
        name="small_max_tokens_is_raised",
        clause="CHAT-11",
        title="A `max_tokens` below four counts as four, since shorter answers look broken.",
        choices={"chat.compose": _raises_small_bounds},
    ),
    _fault(
        name="max_tokens_bounds_letters",
        clause="CHAT-11",
        title="`max_tokens` bounds the answer's letters, at twelve a token, so short words pass it.",
        choices={"chat.compose": _bounds_letters},
    ),
    _fault(
        name="text_is_latin1",
        clause="CHAT-12",
        title="Signs outside Latin-1 come back as question marks.",
        choices=_changes_text(lose_non_latin1),
    ),
    _fault(
        name="astral_signs_are_lost",
        clause="CHAT-12",
        title="Signs outside the basic plane, such as emoji, come back as U+FFFD.",
        choices=_changes_text(lose_astral_signs),
    ),
    _fault(
        name="text_is_mojibake",
        clause="CHAT-12",
        title="The answer's UTF-8 is decoded as Latin-1.",
        choices=_changes_text(lambda text: text.encode().decode("latin-1")),
    ),
    _fault(
        name="text_is_decomposed",
        clause="CHAT-12",
        title="Letters come back apart from their accents (NFD).",
        choices=_changes_text(decompose),
    ),
    _fault(
        name="text_is_html_escaped",
        clause="CHAT-12",
        title="The answer is escaped as HTML.",
        choices=_changes_text(escape_html),
    ),
    _fault(
        name="answers_are_mixed_up",
        clause="CHAT-18",
        title="Of two requests at a time both get the later one's answer.",
        wrapper=partial(SharedAnswer, path=CHAT),
    ),
    _fault(
        name="one_token_answer_lacks_content",
        clause="CHAT-19",
        title="With `max_tokens: 1` the message has no `content`.",
        reply=_empty_where_bound_is_one,
    ),
    _fault(
        name="mask_drops_choices",
        clause="CHAT-19",
        title="With `mask: false` the answer has no `choices`.",
        reply=lambda call, reply: (
            on_success(CHAT, drop("choices"))(call, reply) if b'"mask":false' in call.body.replace(b" ", b"") else reply
        ),
    ),
    _fault(
        name="first_message_is_answered",
        clause="CHAT-20",
        title="The first user message is answered instead of the last.",
        choices=_answers(_first_turn),
    ),
    _fault(
        name="previous_request_is_answered",
        clause="CHAT-20",
        title="The prompt of the request before is answered.",
        request=_previous_prompt,
    ),
)
