"""Build edits of requests and replies out of small parts: on which route, at which place, what."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from assisters_verify.reference.answers import Answer, EventStream, Frame, Reply
from assisters_verify.reference.behaviour import ReplyEdit, RequestEdit
from assisters_verify.reference.calls import Call

CHAT = "/v1/chat/completions"
EMBEDDINGS = "/v1/embeddings"
MODELS = "/v1/models"
KEYS = "/v1/keys"
KEY = "/v1/keys/{key_id}"
WEBHOOKS = "/v1/webhooks"
DATA = "/v1/data/{id}"
AUDIT = "/v1/audit"
METRICS = "/v1/metrics"
MODEL_TEST = "/v1/models/{model}/test"
LEGACY = "/v1/completions"

# In a path: every element of a list.
EACH = "*"

FIRST_REFUSAL = 400

# A field's name, or an index into a list.
Step = Any
Edit = Callable[[Any], Any]


def put(value: Any, *path: Step) -> Edit:
    """Return an edit that sets the value at the path, wherever the path leads."""

    def edit(payload: Any) -> Any:
        for holder in _reach(payload, path[:-1]):
            holder[path[-1]] = deepcopy(value)
        return payload

    return edit


def change(how: Edit, *path: Step) -> Edit:
    """Return an edit that replaces the value at the path by what ``how`` makes of it."""

    def edit(payload: Any) -> Any:
        for holder in _reach(payload, path[:-1]):
            if path[-1] in holder or isinstance(holder, list):
                holder[path[-1]] = how(holder[path[-1]])
        return payload

    return edit


def drop(*path: Step) -> Edit:
    """Return an edit that removes the field at the path."""

    def edit(payload: Any) -> Any:
        for holder in _reach(payload, path[:-1]):
            holder.pop(path[-1], None)
        return payload

    return edit


def _reach(value: Any, path: tuple[Step, ...]) -> Iterator[Any]:
    if not path:
        yield value
    elif path[0] == EACH:
        for element in value:
            yield from _reach(element, path[1:])
    elif isinstance(value, list) or (isinstance(value, dict) and path[0] in value):
        yield from _reach(value[path[0]], path[1:])


def on_body(route: str, edit: Callable[[dict[str, Any]], Any]) -> RequestEdit:
    """Return an edit of the JSON objects that are sent to the route."""

    def edit_body(call: Call, value: Any) -> Any:
        return edit(value) if call.route == route and isinstance(value, dict) else value

    return edit_body


def on_success(route: str, edit: Edit, *, verb: str | None = None) -> ReplyEdit:
    """Return an edit of the JSON bodies with which the route succeeds."""

    def edit_payload(answer: Answer) -> Answer:
        return replace(answer, payload=edit(deepcopy(answer.payload)))

    return on_answer(route, edit_payload, verb=verb)


def on_answer(route: str, edit: Callable[[Answer], Answer], *, verb: str | None = None) -> ReplyEdit:
    """Return an edit of the whole answers with which the route succeeds."""

    def edit_answer(call: Call, reply: Reply) -> Reply:
        is_meant = call.route == route and verb in (None, call.method) and reply.status < FIRST_REFUSAL
        return edit(reply) if is_meant and isinstance(reply, Answer) else reply

    return edit_answer


def on_refusal(edit: Callable[[Answer], Answer], *, status: int | None = None, code: str | None = None) -> ReplyEdit:
    """Return an edit of refusals: those of a status, those with a code in their envelope, or all."""

    def edit_refusal(_call: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Answer) or reply.status < FIRST_REFUSAL or status not in (None, reply.status):
            return reply
        return edit(deepcopy(reply)) if code in (None, code_of(reply)) else reply

    return edit_refusal


def code_of(answer: Answer) -> str | None:
    """Return the code that a refusal's envelope names."""
    envelope = answer.payload.get("error") if isinstance(answer.payload, dict) else None
    return envelope.get("code") if isinstance(envelope, dict) else None


def on_envelope(edit: Edit, *, status: int | None = None, code: str | None = None) -> ReplyEdit:
    """Return an edit of what stands under ``error`` in refusals."""

    def edit_envelope(answer: Answer) -> Answer:
        return replace(answer, payload=change(edit, "error")(answer.payload))

    return on_refusal(edit_envelope, status=status, code=code)


def on_frames(edit: Callable[[list[Frame]], list[Frame]]) -> ReplyEdit:
    """Return an edit of the frames of streams."""

    def edit_frames(_call: Call, reply: Reply) -> Reply:
        return replace(reply, frames=tuple(edit(list(reply.frames)))) if isinstance(reply, EventStream) else reply

    return edit_frames


def on_chunks(edit: Edit) -> ReplyEdit:
    """Return an edit of each JSON chunk of streams."""

    def edit_chunk(frame: Frame) -> Frame:
        return replace(frame, data=edit(deepcopy(frame.data))) if isinstance(frame.data, dict) else frame

    return on_frames(lambda frames: [edit_chunk(frame) for frame in frames])


def on_stream(edit: Callable[[EventStream], Reply]) -> ReplyEdit:
    """Return an edit of whole streams."""

    def edit_stream(_call: Call, reply: Reply) -> Reply:
        return edit(reply) if isinstance(reply, EventStream) else reply

    return edit_stream


def content_of(frame: Frame) -> str:
    """Return the text that a frame adds to the answer."""
    if not isinstance(frame.data, dict) or not frame.data.get("choices"):
        return ""
    return frame.data["choices"][0]["delta"].get("content") or ""


def with_content(frame: Frame, text: str) -> Frame:
    """Return the frame with other text."""
    return replace(frame, data=put(text, "choices", 0, "delta", "content")(deepcopy(frame.data)))


def split_frames(frames: list[Frame]) -> tuple[list[Frame], list[Frame]]:
    """Return the frames that carry text, and all others, each in order."""
    return [frame for frame in frames if content_of(frame)], [frame for frame in frames if not content_of(frame)]


def both(*edits: ReplyEdit) -> ReplyEdit:
    """Return one edit that does them all, in order."""

    def edit_all(call: Call, reply: Reply) -> Reply:
        for edit in edits:
            reply = edit(call, reply)
        return reply

    return edit_all
