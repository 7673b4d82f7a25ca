"""Faults of streams: the form of their events, and when there is to be a stream."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from assisters_verify.reference.answers import Answer, EventStream, Frame, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.chat.writing import encode_event
from assisters_verify.reference.edits import (
    CHAT,
    EACH,
    FIRST_REFUSAL,
    change,
    content_of,
    drop,
    on_body,
    on_chunks,
    on_frames,
    on_stream,
    split_frames,
)
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="streaming")


def _as_message(chunk: dict[str, Any]) -> dict[str, Any]:
    for choice in chunk["choices"]:
        choice["message"] = choice.pop("delta")
    return chunk


def _as_text(chunk: dict[str, Any]) -> dict[str, Any]:
    for choice in chunk["choices"]:
        choice["text"] = choice.pop("delta").get("content", "")
    return chunk


def _as_bare_text(frames: list[Frame]) -> list[Frame]:
    pieces, others = split_frames(frames)
    ends = [frame for frame in others if isinstance(frame.data, str)]
    return [*(replace(frame, data=content_of(frame)) for frame in pieces), *ends]


def _encode_repr(data: dict[str, Any] | str | bytes) -> bytes:
    return encode_event(repr(data)) if isinstance(data, dict) else encode_event(data)


def _encode_twice(data: dict[str, Any] | str | bytes) -> bytes:
    return b"data: " + encode_event(data) if isinstance(data, dict) else encode_event(data)


def _encode_lines(data: dict[str, Any] | str | bytes) -> bytes:
    """Write bare JSON lines, without ``data:``."""
    return encode_event(data).removeprefix(b"data: ")


def _as_json_body(stream: EventStream) -> Reply:
    """Answer with one body, as without ``stream``."""
    chunk = next(frame.data for frame in stream.frames if isinstance(frame.data, dict))
    text = "".join(map(content_of, stream.frames))
    message = {"role": "assistant", "content": text}
    payload = {"id": chunk["id"], "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    return Answer(payload=payload, after=stream.after)


def _with_type(content_type: str) -> Callable[[Call, Reply], Reply]:
    return on_stream(lambda stream: replace(stream, content_type=content_type))


def _asks_for_stream(call: Call) -> bool:
    return call.route == CHAT and b'"stream":true' in call.body.replace(b" ", b"")


def _refuse_in_stream(call: Call, reply: Reply) -> Reply:
    """Tell an error found before the first chunk in an event, with status 200."""
    if not _asks_for_stream(call) or not isinstance(reply, Answer) or reply.status < FIRST_REFUSAL:
        return reply
    return EventStream(frames=(Frame(data=reply.payload, step=0), Frame(data="[DONE]", step=0)), latency_s=0, gap_s=0)


def _refuse_plainly(call: Call, reply: Reply) -> Reply:
    if not _asks_for_stream(call) or not isinstance(reply, Answer) or reply.status < FIRST_REFUSAL:
        return reply
    return replace(reply, text=f"data: error {reply.status}\n\n", content_type="text/event-stream")


def _coerces(matches: Callable[[Any], bool], value: bool) -> Callable[[Call, Any], Any]:  # noqa: FBT001 - the value set
    return on_body(CHAT, lambda body: {**body, "stream": value} if matches(body.get("stream")) else body)


def _after_done(frames: list[Frame]) -> list[Frame]:
    return [*frames, replace(frames[0], step=frames[-1].step)] if frames else frames


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="stream_is_ignored",
        clause="STREAM-01",
        title="`stream: true` is answered with one JSON body.",
        reply=on_stream(_as_json_body),
    ),
    _fault(
        name="stream_says_json",
        clause="STREAM-01",
        title="The stream says application/json.",
        reply=_with_type("application/json"),
    ),
    _fault(
        name="stream_says_plain_text",
        clause="STREAM-01",
        title="The stream says text/plain.",
        reply=_with_type("text/plain; charset=utf-8"),
    ),
    _fault(
        name="stream_says_nothing",
        clause="STREAM-01",
        title="The stream has no Content-Type.",
        reply=_with_type(""),
    ),
    _fault(
        name="chunks_hold_messages",
        clause="STREAM-02",
        title="A chunk's choice holds `message` instead of `delta`.",
        reply=on_chunks(_as_message),
    ),
    _fault(
        name="chunks_hold_legacy_text",
        clause="STREAM-02",
        title="A chunk's choice holds `text` instead of `delta`.",
        reply=on_chunks(_as_text),
    ),
    _fault(
        name="events_are_bare_text",
        clause="STREAM-02",
        title="An event's data is the bare text.",
        reply=on_frames(_as_bare_text),
    ),
    _fault(
        name="events_are_python_literals",
        clause="STREAM-02",
        title="An event's data is a Python literal instead of JSON.",
        choices={"streaming.encode": _encode_repr},
    ),
    _fault(
        name="data_prefix_is_doubled",
        clause="STREAM-02",
        title="Each event begins with `data: data: `.",
        choices={"streaming.encode": _encode_twice},
    ),
    _fault(
        name="events_are_json_lines",
        clause="STREAM-01",
        title="The stream is lines of JSON without `data:`.",
        choices={"streaming.encode": _encode_lines},
    ),
    _fault(
        name="chunks_are_lists",
        clause="STREAM-02",
        title="Each event's JSON is a list of chunks.",
        reply=on_frames(
            lambda frames: [
                replace(frame, data=orjson.dumps([frame.data]).decode()) if isinstance(frame.data, dict) else frame
                for frame in frames
            ]
        ),
    ),
    _fault(
        name="stream_errors_come_as_events",
        clause="STREAM-08",
        title="An error found before the first chunk comes as an event, with status 200.",
        reply=_refuse_in_stream,
    ),
    _fault(
        name="stream_errors_lack_envelope",
        clause="STREAM-08",
        title="A streaming request is refused with the right status, but with a text in event form.",
        reply=_refuse_plainly,
    ),
    _fault(
        name="stream_false_is_streamed",
        clause="STREAM-10",
        title="`stream: false` is answered with a stream.",
        request=_coerces(lambda value: value is False, value=True),
    ),
    _fault(
        name="absent_stream_is_streamed",
        clause="STREAM-10",
        title="A request without `stream` is answered with a stream.",
        request=_coerces(lambda value: value is None, value=True),
    ),
    _fault(
        name="stream_as_text_is_accepted",
        clause="STREAM-11",
        title="`stream` as a text counts as true.",
        request=_coerces(lambda value: isinstance(value, str), value=True),
    ),
    _fault(
        name="stream_as_number_is_accepted",
        clause="STREAM-11",
        title="`stream` as a number counts as true or false.",
        request=_coerces(lambda value: isinstance(value, int) and not isinstance(value, bool), value=True),
    ),
    _fault(
        name="stream_as_list_is_ignored",
        clause="STREAM-11",
        title="`stream` as a list or an object is ignored.",
        request=_coerces(lambda value: isinstance(value, list | dict), value=False),
    ),
    _fault(
        name="done_is_missing",
        clause="STREAM-14",
        title="The stream ends without `[DONE]`.",
        choices={"streaming.done": None},
    ),
    _fault(
        name="chunk_follows_done",
        clause="STREAM-14",
        title="A chunk comes after `[DONE]`.",
        reply=on_frames(_after_done),
    ),
    _fault(
        name="finish_reason_is_missing",
        clause="STREAM-15",
        title="No chunk says why the answer ended.",
        reply=on_chunks(drop("choices", EACH, "finish_reason")),
    ),
    _fault(
        name="streamed_role_is_user",
        clause="STREAM-16",
        title="The streamed message has the role `user`.",
        reply=on_chunks(change(lambda _role: "user", "choices", EACH, "delta", "role")),
    ),
    _fault(
        name="streamed_content_is_in_parts",
        clause="STREAM-16",
        title="The pieces of content are lists of parts.",
        reply=on_chunks(
            change(lambda text: [{"type": "text", "text": text}] if text else text, "choices", EACH, "delta", "content")
        ),
    ),
)
