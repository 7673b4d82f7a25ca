"""Ask for streamed completions, and read them event by event with their times."""

import json
import math
from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT, chat_body, expect_success, word_count
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.sse import EventReader
from assisters_verify.wire import DEADLINE

DONE = "[DONE]"
# What a stream that hangs says is over long before the deadline.
_STILL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One event of a stream: its data as text. `t_s` counts from sending."""

    t_s: float
    data: str

    @property
    def document(self) -> Any:
        """The data as JSON, None where it is none: parsed anew each time, since a stream may have thousands."""
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            return None

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices: none for a chunk without them, such as one with the usage."""
        document = self.document
        choices = document.get("choices") if isinstance(document, dict) else None
        return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []

    @property
    def deltas(self) -> list[dict[str, Any]]:
        """The deltas of the first choice."""
        first = [choice for choice in self.choices if choice.get("index", 0) in (0, None)]
        return [choice["delta"] for choice in first if isinstance(choice.get("delta"), dict)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A streamed answer. `rest` is an event that was not finished when the body ended, or None."""

    answer: Answer
    chunks: tuple[Chunk, ...]
    rest: str | None
    is_valid_utf8: bool

    @property
    def pieces(self) -> list[tuple[float, str]]:
        """The content that came, with the time of each piece; empty ones are left out."""
        return [
            (chunk.t_s, delta["content"])
            for chunk in self.chunks
            for delta in chunk.deltas
            if isinstance(delta.get("content"), str) and delta["content"]
        ]

    @property
    def text(self) -> str:
        """The whole content."""
        return "".join(piece for _, piece in self.pieces)

    @property
    def was_going_on(self) -> bool:
        """Whether the suite's own deadline cut it while something still came: it is slow, and neither hangs nor says
        more than it may."""
        times = [chunk.t_s for chunk in self.chunks if any(any(delta.values()) for delta in chunk.deltas)]
        is_late = bool(times) and times[-1] > _STILL * self.answer.total_s
        is_cut = (self.answer.broken_off or "").startswith(DEADLINE)
        return is_cut and is_late and word_count(self.text) <= _most_tokens(self.answer.sent)

    @property
    def is_done(self) -> bool:
        """Whether `[DONE]` came."""
        return any(chunk.data.strip() == DONE for chunk in self.chunks)

    @property
    def finish_reason(self) -> str | None:
        """The last reason for ending that a choice gave, or None."""
        reasons = [
            choice["finish_reason"]
            for chunk in self.chunks
            for choice in chunk.choices
            if isinstance(choice.get("finish_reason"), str)
        ]
        return reasons[-1] if reasons else None


def expect_unbroken(found: Stream) -> None:
    """Judge that a stream was not cut. Raises Broken, and Undecided where it is longer than the suite's deadline."""
    answer = found.answer
    if found.was_going_on:
        raise Undecided(f"the stream still went on when it was left: {answer.broken_off} (--timeout)", answer=answer)
    if answer.broken_off:
        raise Broken(expected="a stream that ends whole", received=answer.broken_off, answer=answer)


def _most_tokens(sent: bytes) -> float:
    try:
        most = json.loads(sent).get("max_tokens")
    except (ValueError, AttributeError):
        return math.inf
    return most if isinstance(most, int) else math.inf


async def stream(probe: Probe, content: Any = "Say hello.", *, label: str = "", **fields: Any) -> Stream:
    """Send a small valid streaming request and return what came, judged to be a stream of events."""
    body = await chat_body(probe, content, stream=True, **fields)
    return expect_stream(await probe.post(CHAT, body, is_stream=True, label=label or "with stream: true"))


def expect_stream(answer: Answer) -> Stream:
    """Judge that the answer is a stream of server-sent events with content in it, and return it. Raises Broken."""
    found = read_stream(answer)
    if answer.status < 300 and answer.content_type != "text/event-stream":  # noqa: PLR2004 - a success
        received = f"Content-Type {answer.headers.get('content-type', 'absent')!r}: {answer.describe()}"
        raise Broken(expected="`text/event-stream`", received=received, answer=answer)
    if not answer.is_success:
        expect_success(answer)
    if not found.chunks:
        raise Broken(expected="server-sent events", received=answer.describe(), answer=answer)
    return found


def read_stream(answer: Answer) -> Stream:
    """Return the stream that an answer's body holds, whatever it is."""
    reader = EventReader()
    chunks = [Chunk(t_s=piece.t_s, data=event.data) for piece in answer.pieces for event in reader.feed(piece.data)]
    rest = reader.close()
    return Stream(answer=answer, chunks=tuple(chunks), rest=rest, is_valid_utf8=reader.is_valid_utf8)
