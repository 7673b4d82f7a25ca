"""Faults of tools: the calls that a model makes."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import EventStream, Frame, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, EACH, change, drop, on_chunks, on_success, put
from assisters_verify.reference.model.composing import compose, find_results
from assisters_verify.reference.model.conversation import Draft, Message, Question, ToolCall
from assisters_verify.reference.model.tool_choosing import choose_calls
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="tools")
_DELTA_CALLS = ("choices", EACH, "delta", "tool_calls")


def _on_message(edit: Callable[[dict[str, Any]], Any]) -> Callable[[Call, Reply], Reply]:
    """Edit the message of answers that hold tool calls."""

    def edit_payload(payload: Any) -> Any:
        for choice in payload["choices"]:
            if choice["message"].get("tool_calls"):
                edit(choice["message"])
        return payload

    return on_success(CHAT, edit_payload)


def _on_calls(edit: Callable[[Any], Any]) -> Callable[[Call, Reply], Reply]:
    """Edit the list of tool calls."""
    return _on_message(change(edit, "tool_calls"))


def _changes_arguments(how: Callable[[dict[str, Any]], Any]) -> dict[str, object]:
    """Let the model write other arguments."""

    def harm(question: Question) -> Draft:
        draft = compose(question)
        calls = tuple(replace(call, arguments=json.dumps(how(json.loads(call.arguments)))) for call in draft.calls)
        return replace(draft, calls=calls)

    return {"chat.compose": harm}


def _changes_calls(how: Callable[[tuple[ToolCall, ...]], tuple[ToolCall, ...]]) -> dict[str, object]:
    """Let the model make other calls."""

    def harm(question: Question) -> Draft:
        draft = compose(question)
        return replace(draft, calls=how(draft.calls)) if draft.calls else draft

    return {"chat.compose": harm}


def _wrong_types(arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a list where a text belongs, and a text where anything else does."""
    return {name: [value] if isinstance(value, str) else str(value) for name, value in arguments.items()}


def _call_again(question: Question) -> Draft:
    """Answer a tool's result with the same call again."""
    if find_results(question):
        asked = tuple(message for message in question.messages if message.role != "tool")
        calls = choose_calls(replace(question, messages=asked))
        if calls:
            return Draft(content=None, calls=calls, finish_reason="tool_calls")
    return compose(question)


def _ignore_results(question: Question) -> Draft:
    if not find_results(question):
        return compose(question)
    user = Message(role="user", text="Hello")
    return compose(replace(question, messages=(user,), tools=()))


def _answer_nothing(question: Question) -> Draft:
    draft = compose(question)
    return replace(draft, content="") if find_results(question) else draft


def _call_unasked(question: Question) -> Draft:
    """Call a tool of one's own where a prompt asks for the weather and none is offered."""
    if question.tools or "weather" not in question.prompt.lower():
        return compose(question)
    call = ToolCall(id=f"call_{question.nonce[-8:]}", name="web_search", arguments='{"query": "weather"}')
    return Draft(content=None, calls=(call,), finish_reason="tool_calls")


def _lose_fragment(_call: Call, reply: Reply) -> Reply:
    """Lose the last fragment of streamed arguments."""
    if not isinstance(reply, EventStream):
        return reply
    fragments = [i for i, frame in enumerate(reply.frames) if _is_fragment(frame)]
    kept = tuple(frame for i, frame in enumerate(reply.frames) if not fragments or i != fragments[-1])
    return replace(reply, frames=kept)


def _is_fragment(frame: Frame) -> bool:
    choices: list[Any] = frame.data.get("choices") or [] if isinstance(frame.data, dict) else []
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls") or []]
    return any(call["function"].get("arguments") for call in calls)


def _cumulate_fragments(_call: Call, reply: Reply) -> Reply:
    """Let each fragment repeat the arguments so far."""
    if not isinstance(reply, EventStream):
        return reply
    so_far: dict[int, str] = {}
    frames = []
    for frame in reply.frames:
        if _is_fragment(frame):
            data: Any = deepcopy(frame.data)
            piece = data["choices"][0]["delta"]["tool_calls"][0]
            so_far[piece["index"]] = so_far.get(piece["index"], "") + piece["function"]["arguments"]
            piece["function"]["arguments"] = so_far[piece["index"]]
            frames.append(replace(frame, data=data))
        else:
            frames.append(frame)
    return replace(reply, frames=tuple(frames))


def _end_as_text(call: Call, reply: Reply) -> Reply:
    """Stream calls as text instead of as calls."""

    def edit(chunk: Any) -> Any:
        for choice in chunk["choices"]:
            calls = choice["delta"].pop("tool_calls", None)
            if calls:
                choice["delta"]["content"] = calls[0]["function"].get("arguments") or ""
        return chunk

    return on_chunks(edit)(call, reply)


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="call_lacks_id",
        clause="TOOL-02",
        title="A tool call has no `id`.",
        reply=_on_message(drop("tool_calls", EACH, "id")),
    ),
    _fault(
        name="call_has_empty_id",
        clause="TOOL-02",
        title="A tool call's `id` is an empty text.",
        reply=_on_message(put("", "tool_calls", EACH, "id")),
    ),
    _fault(
        name="call_lacks_type",
        clause="TOOL-02",
        title="A tool call has no `type`.",
        reply=_on_message(drop("tool_calls", EACH, "type")),
    ),
    _fault(
        name="call_is_flat",
        clause="TOOL-02",
        title="`name` and `arguments` stand beside `id`, without `function`.",
        reply=_on_calls(lambda calls: [{"id": call["id"], "type": "function", **call["function"]} for call in calls]),
    ),
    _fault(
        name="call_lacks_name",
        clause="TOOL-02",
        title="A tool call's function has no `name`.",
        reply=_on_message(drop("tool_calls", EACH, "function", "name")),
    ),
    _fault(
        name="text_stands_beside_call",
        clause="TOOL-03",
        title="With a tool call there is content too.",
        reply=_on_message(put("Let me look that up.", "content")),
    ),
    _fault(
        name="other_tool_is_called",
        clause="TOOL-04",
        title="A tool is called that was not offered.",
        choices=_changes_calls(lambda calls: tuple(replace(call, name=f"functions.{call.name}") for call in calls)),
    ),
    _fault(
        name="tool_name_changes_case",
        clause="TOOL-04",
        title="The called tool's name comes in another case.",
        choices=_changes_calls(lambda calls: tuple(replace(call, name=call.name.title()) for call in calls)),
    ),
    _fault(
        name="arguments_are_an_object",
        clause="TOOL-05",
        title="`arguments` is an object instead of a JSON text.",
        reply=_on_message(change(json.loads, "tool_calls", EACH, "function", "arguments")),
    ),
    _fault(
        name="arguments_are_no_json",
        clause="TOOL-05",
        title="`arguments` is a Python literal.",
        reply=_on_message(change(lambda text: repr(json.loads(text)), "tool_calls", EACH, "function", "arguments")),
    ),
    _fault(
        name="arguments_are_cut_off",
        clause="TOOL-05",
        title="`arguments` lacks its last character.",
        reply=_on_message(change(lambda text: text[:-1], "tool_calls", EACH, "function", "arguments")),
    ),
    _fault(
        name="arguments_are_encoded_twice",
        clause="TOOL-05",
        title="`arguments` is the JSON text of a JSON text.",
        reply=_on_message(change(json.dumps, "tool_calls", EACH, "function", "arguments")),
    ),
    _fault(
        name="arguments_lack_required_field",
        clause="TOOL-06",
        title="The arguments are empty, whatever is required.",
        choices=_changes_arguments(lambda _arguments: {}),
    ),
    _fault(
        name="arguments_have_wrong_types",
        clause="TOOL-06",
        title="The arguments have other types than the parameters say.",
        choices=_changes_arguments(_wrong_types),
    ),
    _fault(
        name="arguments_are_wrapped",
        clause="TOOL-06",
        title="The arguments stand under `parameters`.",
        choices=_changes_arguments(lambda arguments: {"parameters": arguments}),
    ),
    _fault(
        name="calls_share_an_id",
        clause="TOOL-07",
        title="All calls of an answer have the same id.",
        choices=_changes_calls(lambda calls: tuple(replace(call, id=calls[0].id) for call in calls)),
    ),
    _fault(
        name="tool_is_called_forever",
        clause="TOOL-08",
        title="A tool's result is answered with the same call again.",
        choices={"chat.compose": _call_again},
    ),
    _fault(
        name="tool_result_is_answered_with_nothing",
        clause="TOOL-08",
        title="A tool's result is answered with an empty text.",
        choices={"chat.compose": _answer_nothing},
    ),
    _fault(
        name="tool_result_is_ignored",
        clause="TOOL-10",
        title="The answer after a tool's result makes no use of it.",
        choices={"chat.compose": _ignore_results},
    ),
    _fault(
        name="streamed_call_lacks_name",
        clause="TOOL-11",
        title="A streamed call never says the tool's name.",
        reply=on_chunks(drop(*_DELTA_CALLS, EACH, "function", "name")),
    ),
    _fault(
        name="streamed_call_lacks_id",
        clause="TOOL-11",
        title="A streamed call has no `id`.",
        reply=on_chunks(drop(*_DELTA_CALLS, EACH, "id")),
    ),
    _fault(
        name="streamed_arguments_lose_their_end",
        clause="TOOL-11",
        title="The last fragment of streamed arguments is lost.",
        reply=_lose_fragment,
    ),
    _fault(
        name="streamed_arguments_are_cumulative",
        clause="TOOL-11",
        title="Each fragment of streamed arguments repeats those before.",
        reply=_cumulate_fragments,
    ),
    _fault(
        name="streamed_call_comes_as_text",
        clause="TOOL-11",
        title="A streamed call comes as content.",
        reply=_end_as_text,
    ),
    _fault(
        name="unoffered_tool_is_called",
        clause="TOOL-15",
        title="A tool is called though none was offered.",
        choices={"chat.compose": _call_unasked},
    ),
    _fault(
        name="empty_text_stands_beside_call",
        clause="TOOL-16",
        title="With a tool call the content is an empty text.",
        reply=_on_message(put("", "content")),
    ),
)
