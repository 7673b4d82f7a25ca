"""Write a completion down: as one body, or as the chunks of a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from assisters_verify.reference.answers import Callback, EventStream, Frame
from assisters_verify.reference.model.conversation import Draft, ToolCall
from assisters_verify.reference.model.text import count_tokens, split_tokens

_ARGUMENT_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One generated answer."""

    id: str
    created_at: int
    model: str
    draft: Draft
    prompt_tokens: int

    def usage(self) -> dict[str, int]:
        """Return the token counts, under the names that chat clients know."""
        draft = self.draft
        completion_tokens = sum(
            count_tokens(text)
            for text in (draft.content, draft.reasoning, *(call.arguments for call in draft.calls))
            if text
        )
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": self.prompt_tokens + completion_tokens,
        }


def encode_event(data: dict[str, Any] | str | bytes) -> bytes:
    """Return one server-sent event."""
    if isinstance(data, bytes):
        return data
    return b"data: " + (data.encode() if isinstance(data, str) else orjson.dumps(data)) + b"\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPolicy:
    """The choices streams are made of."""

    encode: Callable[[dict[str, Any] | str | bytes], bytes] = encode_event
    split: Callable[[str], list[str]] = split_tokens
    done: str | None = "[DONE]"


def write_whole(completion: Completion) -> dict[str, Any]:
    """Return the documented body."""
    draft = completion.draft
    message: dict[str, Any] = {"role": "assistant", "content": draft.content}
    if draft.reasoning is not None:
        message["reasoning"] = draft.reasoning
    if draft.calls:
        message["tool_calls"] = [_show_call(call) for call in draft.calls]
    return {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created_at,
        "model": completion.model,
        "choices": [{"index": 0, "message": message, "finish_reason": draft.finish_reason}],
        "usage": completion.usage(),
    }


def write_stream(
    completion: Completion,
    *,
    wants_usage: bool,
    policy: StreamPolicy,
    latency_s: float,
    gap_s: float,
    after: tuple[Callback, ...],
) -> EventStream:
    """Return the chunks: one delta a step, then the finish, which comes with the last of them."""
    deltas = write_deltas(completion.draft, policy.split) or [{"content": ""}]
    deltas[0] = {"role": "assistant", **deltas[0]}
    last = len(deltas) - 1
    frames = [Frame(data=write_chunk(completion, delta), step=step) for step, delta in enumerate(deltas)]
    frames.append(Frame(data=write_chunk(completion, {}, finish_reason=completion.draft.finish_reason), step=last))
    if wants_usage:
        usage = {**write_chunk(completion, {}), "choices": [], "usage": completion.usage()}
        frames.append(Frame(data=usage, step=last))
    if policy.done is not None:
        frames.append(Frame(data=policy.done, step=last))
    headers = (("cache-control", "no-cache"), ("x-accel-buffering", "no"))
    return EventStream(frames=tuple(frames), latency_s=latency_s, gap_s=gap_s, headers=headers, after=after)


def write_chunk(completion: Completion, delta: dict[str, Any], *, finish_reason: str | None = None) -> dict[str, Any]:
    """Return one chunk."""
    return {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created_at,
        "model": completion.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def write_deltas(draft: Draft, split: Callable[[str], list[str]]) -> list[dict[str, Any]]:
    """Return what the chunks add, in order: reasoning, text, calls."""
    deltas: list[dict[str, Any]] = [{"reasoning": piece} for piece in split(draft.reasoning or "")]
    deltas += [{"content": piece} for piece in split(draft.content or "")]
    for index, call in enumerate(draft.calls):
        opening = {"index": index, **_show_call(call)}
        opening["function"] = {"name": call.name, "arguments": ""}
        deltas.append({"content": None, "tool_calls": [opening]})
        for start in range(0, len(call.arguments), _ARGUMENT_CHARACTERS):
            piece = call.arguments[start : start + _ARGUMENT_CHARACTERS]
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    return deltas


def _show_call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
