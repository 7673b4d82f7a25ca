"""Faults of reasoning."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import EventStream, Frame, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, EACH, change, content_of, drop, on_body, on_success, put
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Draft, Question
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="reasoning")
_UNREASONING = "gpt-4.1-nano"
_MESSAGE = ("choices", EACH, "message")


def _where_reasoned(edit: Callable[[Any], Any]) -> Callable[[Call, Reply], Reply]:
    """Edit plain answers that hold reasoning."""

    def edit_payload(payload: Any) -> Any:
        is_reasoned = any("reasoning" in choice["message"] for choice in payload["choices"])
        return edit(payload) if is_reasoned else payload

    return on_success(CHAT, edit_payload)


def _forget_in_conversations(call: Call, reply: Reply) -> Reply:
    is_longer = call.route == CHAT and call.body.count(b'"role"') > 1
    return _where_reasoned(drop(*_MESSAGE, "reasoning"))(call, reply) if is_longer else reply


def _merge_into_content(payload: Any) -> Any:
    for choice in payload["choices"]:
        message = choice["message"]
        message["content"] = f"<think>{message.pop('reasoning')}</think>{message['content']}"
    return payload


def _coerces(matches: Callable[[Any], bool], value: object) -> Callable[[Call, Any], Any]:
    return on_body(CHAT, lambda body: {**body, "reasoning": value} if matches(body.get("reasoning")) else body)


def _reasoning_frames(stream: EventStream) -> list[Frame]:
    return [frame for frame in stream.frames if _delta(frame).get("reasoning")]


def _delta(frame: Frame) -> dict[str, Any]:
    choices = frame.data.get("choices") if isinstance(frame.data, dict) else None
    delta: dict[str, Any] = choices[0]["delta"] if choices else {}
    return delta


def _lose_content(_call: Call, reply: Reply) -> Reply:
    """Let a reasoned stream end after its reasoning."""
    if not isinstance(reply, EventStream) or not _reasoning_frames(reply):
        return reply
    return replace(reply, frames=tuple(frame for frame in reply.frames if not content_of(frame)))


def _lose_half_of_content(_call: Call, reply: Reply) -> Reply:
    """Swallow the piece of content where the reasoning ends."""
    if not isinstance(reply, EventStream) or not _reasoning_frames(reply):
        return reply
    first = next((frame for frame in reply.frames if content_of(frame)), None)
    return replace(reply, frames=tuple(frame for frame in reply.frames if frame is not first))


def _lose_reasoning(_call: Call, reply: Reply) -> Reply:
    if not isinstance(reply, EventStream):
        return reply
    hidden = _reasoning_frames(reply)
    return replace(reply, frames=tuple(frame for frame in reply.frames if frame not in hidden))


def _refuse_false(body: dict[str, Any]) -> Any:
    if body.get("reasoning") is False:
        raise bad_request("reasoning is not supported here.", param="reasoning")
    return body


def _refuse_streamed(body: dict[str, Any]) -> Any:
    if body.get("reasoning") and body.get("stream"):
        raise bad_request("reasoning cannot be streamed.", param="stream")
    return body


def _break_streamed(body: dict[str, Any]) -> Any:
    if body.get("reasoning") and body.get("stream"):
        raise internal_error()
    return body


def _reason_always(question: Question) -> Draft:
    return compose(replace(question, wants_reasoning=True))


def _break_unlisted(body: dict[str, Any]) -> Any:
    if body.get("reasoning") is True and body.get("model") == _UNREASONING:
        raise internal_error()
    return body


def _empty_unlisted(call: Call, reply: Reply) -> Reply:
    is_meant = _UNREASONING.encode() in call.body and b'"reasoning":true' in call.body.replace(b" ", b"")
    return on_success(CHAT, put([], "choices"))(call, reply) if is_meant else reply


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="reasoning_is_missing",
        clause="REASON-01",
        title="A reasoning request is answered without `reasoning`.",
        reply=_where_reasoned(drop(*_MESSAGE, "reasoning")),
    ),
    _fault(
        name="reasoning_is_missing_in_conversations",
        clause="REASON-01",
        title="Where there is more than one message, the answer comes without `reasoning`.",
        reply=_forget_in_conversations,
    ),
    _fault(
        name="reasoning_is_empty",
        clause="REASON-01",
        title="`reasoning` is an empty text.",
        reply=_where_reasoned(put("", *_MESSAGE, "reasoning")),
    ),
    _fault(
        name="reasoning_is_a_list",
        clause="REASON-01",
        title="`reasoning` is a list of steps.",
        reply=_where_reasoned(change(lambda text: text.split(". "), *_MESSAGE, "reasoning")),
    ),
    _fault(
        name="reasoning_has_another_name",
        clause="REASON-01",
        title="The reasoning stands under `reasoning_content`.",
        reply=_where_reasoned(
            change(lambda message: {"reasoning_content": message.pop("reasoning"), **message}, "choices", 0, "message")
        ),
    ),
    _fault(
        name="reasoning_stands_in_content",
        clause="REASON-01",
        title="The reasoning stands inside the content, between tags.",
        reply=_where_reasoned(_merge_into_content),
    ),
    _fault(
        name="reasoned_content_is_null",
        clause="REASON-02",
        title="Beside the reasoning the content is null.",
        reply=_where_reasoned(put(None, *_MESSAGE, "content")),
    ),
    _fault(
        name="reasoned_content_is_empty",
        clause="REASON-02",
        title="Beside the reasoning the content is an empty text.",
        reply=_where_reasoned(put("", *_MESSAGE, "content")),
    ),
    _fault(
        name="reasoning_as_text_is_accepted",
        clause="REASON-03",
        title="`reasoning` as a text counts as true.",
        request=_coerces(lambda value: isinstance(value, str), value=True),
    ),
    _fault(
        name="reasoning_as_number_is_accepted",
        clause="REASON-03",
        title="`reasoning` as a number counts as true.",
        request=_coerces(lambda value: isinstance(value, int) and not isinstance(value, bool), value=True),
    ),
    _fault(
        name="reasoning_as_object_is_accepted",
        clause="REASON-03",
        title="`reasoning` as an object or a list is ignored.",
        request=_coerces(lambda value: isinstance(value, dict | list), value=None),
    ),
    _fault(
        name="reasoned_stream_lacks_content",
        clause="REASON-04",
        title="A reasoned stream ends after its reasoning.",
        reply=_lose_content,
    ),
    _fault(
        name="reasoned_stream_swallows_content",
        clause="REASON-04",
        title="A reasoned stream loses the first piece of content.",
        reply=_lose_half_of_content,
    ),
    _fault(
        name="reasoned_stream_is_refused",
        clause="REASON-04",
        title="Reasoning and streaming together are refused.",
        request=on_body(CHAT, _refuse_streamed),
    ),
    _fault(
        name="reasoned_stream_breaks_server",
        clause="REASON-04",
        title="Reasoning and streaming together end in 500.",
        request=on_body(CHAT, _break_streamed),
    ),
    _fault(
        name="reasoning_comes_unasked",
        clause="REASON-05",
        title="Every answer holds reasoning.",
        choices={"chat.compose": _reason_always},
    ),
    _fault(
        name="reasoning_false_is_refused",
        clause="REASON-06",
        title="`reasoning: false` is refused.",
        request=on_body(CHAT, _refuse_false),
    ),
    _fault(
        name="streamed_reasoning_is_missing",
        clause="REASON-07",
        title="A reasoned stream carries no reasoning.",
        reply=_lose_reasoning,
    ),
    _fault(
        name="unlisted_reasoning_breaks_server",
        clause="REASON-08",
        title="Asked to reason, a model that does not list it ends in 500.",
        request=on_body(CHAT, _break_unlisted),
    ),
    _fault(
        name="unlisted_reasoning_empties_answer",
        clause="REASON-08",
        title="Asked to reason, a model that does not list it answers without a message.",
        reply=_empty_unlisted,
    ),
)
