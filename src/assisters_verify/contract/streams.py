"""Ask for streamed completions, and read them event by event with their times."""

import json
from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT, chat_body, expect_success
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe
from assisters_verify.sse import EventReader

DONE = "[DONE]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One event of a stream: its data as text and, where it is JSON, as a document. `t_s` counts from sending."""

    t_s: float
    data: str
    document: Any

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices: none for a chunk without them, such as one with the usage."""
        choices = self.document.get("choices") if isinstance(self.document, dict) else None
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
    chunks = [
        Chunk(t_s=piece.t_s, data=event.data, document=_document(event.data))
        for piece in answer.pieces
        for event in reader.feed(piece.data)
    ]
    rest = reader.close()
    return Stream(answer=answer, chunks=tuple(chunks), rest=rest, is_valid_utf8=reader.is_valid_utf8)


def _document(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
