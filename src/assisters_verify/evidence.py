"""What was sent and what came back, as it is kept: secrets already replaced, bodies bounded."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it is kept. `text` is the text, or base64 where `encoding` says so; `size` counts the bytes received
    before any cut, `sha256` is over the kept bytes as they came (absent where a secret was replaced in it)."""

    text: str
    encoding: str = "utf-8"
    size: int = 0
    is_cut: bool = False
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One piece of a streamed body: `t_s` seconds after the request was sent (monotonic clock), and its text."""

    t_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """A request as it was sent, after redaction. `headers` keep their order and repetitions."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResponse:
    """A response as it came, after redaction. `frames` is empty unless the response was read as a stream."""

    status: int
    reason: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    body: Body
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what became of it.

    `id` is `x` and a running number. `started_at` is UTC in ISO 8601. `first_byte_s` (to the response's head) and
    `total_s` are seconds after sending, None where it did not come so far. `error` says what went wrong on the way, in
    plain words, and is None where a whole response came. `attempt` counts from 1.
    """

    id: str
    check: str
    clause: str
    started_at: str
    request: RecordedRequest
    response: RecordedResponse | None = None
    first_byte_s: float | None = None
    total_s: float | None = None
    error: str | None = None
    attempt: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the exchange as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the exchange that `to_json` was made from."""
        request, response = value["request"], value["response"]
        return cls(
            **{
                **value,
                "request": RecordedRequest(**{**request, "headers": _pairs(request), "body": _body(request["body"])}),
                "response": response and _response(response),
            },
        )


def _pairs(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in message["headers"])


def _body(value: dict[str, Any] | None) -> Body | None:
    return None if value is None else Body(**value)


def _response(value: dict[str, Any]) -> RecordedResponse:
    frames = tuple(Frame(**frame) for frame in value["frames"])
    return RecordedResponse(**{**value, "headers": _pairs(value), "body": Body(**value["body"]), "frames": frames})
