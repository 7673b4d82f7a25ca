"""What handlers return: one JSON body, or a stream of frames with their due times."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Headers = tuple[tuple[str, str], ...]
Callback = Callable[[], None]

JSON_TYPE = "application/json"
EVENT_STREAM_TYPE = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One whole body. ``text`` replaces ``payload`` where the body is no JSON value."""

    payload: Any = None
    status: int = 200
    headers: Headers = ()
    content_type: str = JSON_TYPE
    text: str | bytes | None = None
    delay_s: float = 0.0
    after: tuple[Callback, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One event of a stream.

    Args:
        data: A JSON object, bare text, or bytes that go out as they are; ``None`` cuts the connection.
        step: Due at the stream's start + latency + step * gap; may be a fraction.
    """

    data: dict[str, Any] | str | bytes | None
    step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """A body that is sent piece by piece."""

    frames: tuple[Frame, ...]
    latency_s: float
    gap_s: float
    status: int = 200
    headers: Headers = ()
    content_type: str = EVENT_STREAM_TYPE
    after: tuple[Callback, ...] = ()


Reply = Answer | EventStream
