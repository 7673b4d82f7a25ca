"""Readings of streams: every form of server-sent events that the standard allows, and every cut of the text."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from assisters_verify.reference.answers import Frame
from assisters_verify.reference.calls import Call
from assisters_verify.reference.chat.writing import encode_event
from assisters_verify.reference.edits import CHAT, content_of, on_body, on_chunks, on_frames, on_stream
from assisters_verify.reference.model.text import split_tokens
from assisters_verify.reference.variations import Reading

_Data = dict[str, Any] | str | bytes
_LARGE_TOKENS = 8


def _encodes(encode: Callable[[_Data], bytes]) -> dict[str, object]:
    return {"streaming.encode": encode}


def _encode_without_space(data: _Data) -> bytes:
    return encode_event(data).replace(b"data: ", b"data:", 1)


def _encode_with_comment(data: _Data) -> bytes:
    return b": keep-alive\n\n: ping\n" + encode_event(data)


def _encode_with_fields(data: _Data) -> bytes:
    return b"event: message\nid: 7\nretry: 3000\nx-unknown: yes\n" + encode_event(data)


def _encode_in_lines(data: _Data) -> bytes:
    """Spread the JSON over several data lines, which a reader joins with line feeds."""
    if not isinstance(data, dict):
        return encode_event(data)
    text = orjson.dumps(data, option=orjson.OPT_INDENT_2)
    return b"".join(b"data: " + line + b"\n" for line in text.split(b"\n")) + b"\n"


def _encode_escaped(data: _Data) -> bytes:
    """Write every sign outside ASCII as an escape."""
    encoded = encode_event(data)
    if encoded.isascii():
        return encoded
    units = encoded.decode().encode("utf-16-be")
    codes = [int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2)]
    return b"".join(bytes([code]) if code < 128 else b"\\u%04x" % code for code in codes)  # noqa: PLR2004 - ASCII


def _with_nulls(chunk: dict[str, Any]) -> dict[str, Any]:
    for choice in chunk["choices"]:
        choice["delta"] = {"role": None, "content": None, "tool_calls": None, "reasoning": None, **choice["delta"]}
    return {**chunk, "error": None, "usage": chunk.get("usage")}


def _with_bom(frames: list[Frame]) -> list[Frame]:
    return [Frame(data=b"\xef\xbb\xbf", step=frames[0].step), *frames]


def _before_first(data: dict[str, Any]) -> Callable[[list[Frame]], list[Frame]]:
    return lambda frames: [Frame(data=data, step=frames[0].step), *frames]


def _between(data: dict[str, Any]) -> Callable[[list[Frame]], list[Frame]]:
    """Put an event between each two chunks."""

    def edit(frames: list[Frame]) -> list[Frame]:
        mixed = [frames[0]]
        for frame in frames[1:]:
            mixed += [Frame(data=data, step=frame.step), frame]
        return mixed

    return edit


def _role_first(frames: list[Frame]) -> list[Frame]:
    """Send the role in a chunk of its own."""
    first = frames[0]
    if not isinstance(first.data, dict) or not first.data.get("choices"):
        return frames
    choice = first.data["choices"][0]
    role = {**first.data, "choices": [{**choice, "delta": {"role": "assistant", "content": ""}}]}
    rest = {name: part for name, part in choice["delta"].items() if name != "role"}
    bare = {**first.data, "choices": [{**choice, "delta": rest}]}
    return [replace(first, data=role), replace(first, data=bare), *frames[1:]]


def _minimal(chunk: dict[str, Any]) -> dict[str, Any]:
    """Keep what clients need: the deltas."""
    return {"choices": [{"delta": choice["delta"]} for choice in chunk["choices"]]}


def _finish_with_text(frames: list[Frame]) -> list[Frame]:
    """Say why the answer ended in the chunk that holds the last piece."""
    pieces = [i for i, frame in enumerate(frames) if content_of(frame)]
    if not pieces:
        return frames
    last = frames[pieces[-1]]
    data: Any = last.data
    ended = {**data, "choices": [{**data["choices"][0], "finish_reason": "stop"}]}
    rest = [frame for frame in frames[pieces[-1] + 1 :] if isinstance(frame.data, str)]
    return [*frames[: pieces[-1]], replace(last, data=ended), *rest]


def _split_large(text: str) -> list[str]:
    tokens = split_tokens(text)
    return ["".join(tokens[i : i + _LARGE_TOKENS]) for i in range(0, len(tokens), _LARGE_TOKENS)]


def _want_usage(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "stream_options": {"include_usage": True}}


def _accept_usage(_call: Call, value: Any) -> Any:
    return on_body(CHAT, _want_usage)(_call, value)


READINGS: tuple[Reading, ...] = (
    Reading(
        name="stream_lines_end_with_crlf",
        title="Lines of a stream end with CR LF.",
        choices=_encodes(lambda data: encode_event(data).replace(b"\n", b"\r\n")),
    ),
    Reading(
        name="stream_lines_end_with_cr",
        title="Lines of a stream end with CR.",
        choices=_encodes(lambda data: encode_event(data).replace(b"\n", b"\r")),
    ),
    Reading(
        name="stream_data_has_no_space",
        title="No space follows `data:`.",
        choices=_encodes(_encode_without_space),
    ),
    Reading(
        name="stream_has_comments",
        title="Comments stand between the events.",
        choices=_encodes(_encode_with_comment),
    ),
    Reading(
        name="stream_has_other_fields",
        title="Events have `event`, `id`, `retry` and a field that nobody knows.",
        choices=_encodes(_encode_with_fields),
    ),
    Reading(
        name="stream_data_has_several_lines",
        title="An event's JSON is spread over several `data:` lines.",
        choices=_encodes(_encode_in_lines),
    ),
    Reading(
        name="stream_escapes_all_but_ascii",
        title="Signs outside ASCII are written as escapes.",
        choices=_encodes(_encode_escaped),
    ),
    Reading(
        name="stream_begins_with_bom",
        title="The stream begins with a byte order mark.",
        reply=on_frames(_with_bom),
    ),
    Reading(
        name="stream_type_has_charset",
        title="The content type is `text/event-stream; charset=utf-8`.",
        reply=on_stream(lambda stream: replace(stream, content_type="text/event-stream; charset=utf-8")),
    ),
    Reading(
        name="stream_has_no_done",
        title="The stream ends without `[DONE]`.",
        choices={"streaming.done": None},
    ),
    Reading(
        name="stream_ends_with_usage",
        title="A chunk with empty `choices` and `usage` comes last, unasked.",
        request=_accept_usage,
    ),
    Reading(
        name="stream_begins_with_role",
        title="The first chunk holds the role and an empty text.",
        reply=on_frames(_role_first),
    ),
    Reading(
        name="stream_has_empty_deltas",
        title="Chunks with an empty delta stand between the others.",
        reply=on_frames(_between({"choices": [{"index": 0, "delta": {}, "finish_reason": None}]})),
    ),
    Reading(
        name="stream_has_chunks_without_choices",
        title="Chunks without `choices` stand between the others.",
        reply=on_frames(_between({"object": "ping"})),
    ),
    Reading(
        name="stream_begins_with_null_content",
        title="The first chunk's content is null.",
        reply=on_frames(
            _before_first({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]}),
        ),
    ),
    Reading(
        name="stream_chunks_are_minimal",
        title="A chunk holds `choices[].delta` and nothing else.",
        reply=on_chunks(_minimal),
    ),
    Reading(
        name="stream_chunks_hold_nulls",
        title="Fields of a chunk that have nothing to say are null, `error` among them.",
        reply=on_chunks(_with_nulls),
    ),
    Reading(
        name="stream_finishes_with_last_piece",
        title="The chunk with the last piece says why the answer ended.",
        reply=on_frames(_finish_with_text),
    ),
    Reading(
        name="stream_comes_by_letters",
        title="Each chunk holds one character.",
        choices={"streaming.split": list},
    ),
    Reading(
        name="stream_comes_by_phrases",
        title="Each chunk holds several words.",
        choices={"streaming.split": _split_large},
    ),
)
