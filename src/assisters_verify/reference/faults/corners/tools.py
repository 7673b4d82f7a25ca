"""Tool calls that are wrong in one corner: one form, one turn, one kind of value."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from assisters_verify.reference.answers import Answer, EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    CHAT,
)
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Draft, Question
from assisters_verify.reference.problems import internal_error
from assisters_verify.reference.variations import Fault

_FRAGMENTS_KEPT = 4


def _arguments_of_other_tool(question: Question) -> Draft:
    """Write the arguments of another offered tool."""
    draft = compose(question)
    calls = []
    for call in draft.calls:
        others = tuple(tool for tool in question.tools if tool.name != call.name)
        forced = replace(question, tools=others, tool_choice="required")
        wrong = compose(forced).calls if others else ()
        calls.append(replace(call, arguments=wrong[0].arguments) if wrong else call)
    return replace(draft, calls=tuple(calls))


def _changes_values(how: Callable[[dict[str, Any], Any], Any]) -> dict[str, object]:
    """Let the model write other values, however deep they lie: ``how`` gets the schema of each, and the value."""

    def harm(question: Question) -> Draft:
        draft = compose(question)
        schemas = {tool.name: tool.parameters or {} for tool in question.tools}
        calls = tuple(
            replace(call, arguments=json.dumps(_walk(schemas.get(call.name), json.loads(call.arguments), how)))
            for call in draft.calls
        )
        return replace(draft, calls=calls)

    return {"chat.compose": harm}


def _walk(schema: Any, value: Any, how: Callable[[dict[str, Any], Any], Any]) -> Any:
    if not isinstance(schema, dict):
        return value
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: _walk(properties.get(name), part, how) for name, part in value.items()}
    if isinstance(value, list):
        return [_walk(schema.get("items"), part, how) for part in value]
    return how(schema, value)


def _at_exclusive_end(schema: dict[str, Any], value: Any) -> Any:
    is_meant = schema.get("type") == "integer" and "exclusiveMinimum" in schema
    return schema["exclusiveMinimum"] if is_meant else value


def _beyond_fractions(schema: dict[str, Any], value: Any) -> Any:
    if schema.get("type") != "number":
        return value
    return schema["minimum"] - 1 if "minimum" in schema else schema.get("exclusiveMaximum", value)


def _mix_fragments(_call: Call, reply: Reply) -> Reply:
    """Give the fragments of every streamed call the index of the first, though each call was opened with its own."""
    if not isinstance(reply, EventStream):
        return reply
    frames = deepcopy(reply.frames)
    for frame in frames:
        choices = frame.data["choices"] if isinstance(frame.data, dict) else []
        for piece in [piece for choice in choices for piece in choice["delta"].get("tool_calls") or []]:
            if "id" not in piece:
                piece["index"] = 0
    return replace(reply, frames=frames)


def _lose_late_fragments(_call: Call, reply: Reply) -> Reply:
    """Lose what follows the third fragment of a streamed call's arguments, as a small buffer does."""
    if not isinstance(reply, EventStream):
        return reply
    counts: dict[int, int] = {}
    frames = []
    for frame in reply.frames:
        choices = frame.data["choices"] if isinstance(frame.data, dict) else []
        for piece in [piece for choice in choices for piece in choice["delta"].get("tool_calls") or []]:
            counts[piece["index"]] = counts.get(piece["index"], 0) + 1
        if not choices or not choices[0]["delta"].get("tool_calls") or max(counts.values()) <= _FRAGMENTS_KEPT:
            frames.append(frame)
    return replace(reply, frames=tuple(frames))


def _remember_streamed_calls(call: Call, reply: Reply) -> Reply:
    """Know nothing of the calls that were streamed: refuse their results."""
    known: set[str] = call.services.scratch.setdefault("streamed_calls", set())
    if isinstance(reply, EventStream):
        known.update(_call_ids(reply))
    elif call.path == CHAT and any(
        f'"tool_call_id":"{name}"'.encode() in call.body.replace(b" ", b"") for name in known
    ):
        return Answer(status=500, payload=internal_error().envelope())
    return reply


def _call_ids(stream: EventStream) -> list[str]:
    deltas = [
        choice["delta"] for frame in stream.frames if isinstance(frame.data, dict) for choice in frame.data["choices"]
    ]
    return [piece["id"] for delta in deltas for piece in delta.get("tool_calls") or [] if piece.get("id")]


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="arguments_are_another_tools",
        area="tools",
        clause="TOOL-06",
        title="With several tools offered the arguments are those of another one.",
        choices={"chat.compose": _arguments_of_other_tool},
    ),
    Fault(
        name="exclusive_ends_are_taken",
        area="tools",
        clause="TOOL-06",
        title="An integer argument stands at the end that its parameter excludes.",
        choices=_changes_values(_at_exclusive_end),
    ),
    Fault(
        name="ends_of_fractions_are_ignored",
        area="tools",
        clause="TOOL-06",
        title="An argument of type number lies below its `minimum`, or at its `exclusiveMaximum`.",
        choices=_changes_values(_beyond_fractions),
    ),
    Fault(
        name="fragments_of_streamed_calls_are_mixed",
        area="tools",
        clause="TOOL-11",
        title="The fragments of several streamed calls all go to the first.",
        reply=_mix_fragments,
    ),
    Fault(
        name="late_fragments_of_streamed_calls_are_lost",
        area="tools",
        clause="TOOL-11",
        title="Long arguments of a streamed call lose what follows their third fragment.",
        reply=_lose_late_fragments,
    ),
    Fault(
        name="result_of_streamed_call_breaks_server",
        area="tools",
        clause="TOOL-11",
        title="The result of a call that was streamed ends in 500.",
        reply=_remember_streamed_calls,
    ),
)
