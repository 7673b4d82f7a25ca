"""Keep every exchange as evidence: written at once, secrets replaced, bodies cut to a bound."""

import base64
import hashlib
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assisters_verify.answer import Piece
from assisters_verify.evidence import Body, Exchange, Frame, RecordedRequest, RecordedResponse
from assisters_verify.redaction import Redactor, holds_events
from assisters_verify.redaction.spans import replace_spans
from assisters_verify.surroundings import now_s, utc_now
from assisters_verify.wire import Order, Reply

_MAX_FRAMES_AHEAD = 64
# What is cut may have a secret across the cut, of which the half that stays must be recognised too.
_LOOK_AHEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is kept of one exchange: of each body, of a stream's frames, of headers and of each of them."""

    body_bytes: int
    frames: int
    headers: int
    header_characters: int


BOUNDS = Bounds(body_bytes=64 * 1024, frames=2_000, headers=100, header_characters=4_096)
# From when so much was written: a run of all clauses writes 5 MB, and a target that fills every answer must not make
# reports of hundreds, nor a process that draws them.
LATER_FROM_BYTES = 16 * 1024 * 1024
LATER_BOUNDS = Bounds(body_bytes=2 * 1024, frames=20, headers=25, header_characters=256)


class Recorder:
    """Writes exchanges to a file of JSON lines, in the order in which they end, and counts what they cost."""

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
        self._redactor = redactor
        self._numbers = itertools.count(1)
        self._written_bytes = 0
        self.requests = 0
        self.bytes_sent = 0
        self.bytes_received = 0

    def next_id(self, *, is_sent: bool = True) -> str:
        """Return an id for the exchange that is about to be sent, and count it; one that came in is not counted."""
        self.requests += is_sent
        return f"x{next(self._numbers):04d}"

    def record(
        self,
        exchange_id: str,
        *,
        check: str,
        clause: str,
        url: str,
        order: Order,
        reply: Reply,
        error: str | None,
        attempt: int,
    ) -> None:
        """Keep one exchange, as far as it came. One that is broken off by the end of the run belongs to no outcome."""
        self.count(order, reply)
        if self._file.closed:
            return
        began = utc_now() - timedelta(seconds=now_s() - reply.started)
        exchange = Exchange(
            id=exchange_id,
            check=check,
            clause=clause,
            started_at=began.isoformat(timespec="milliseconds"),
            request=RecordedRequest(
                method=order.method,
                url=self._redactor.text(url),
                headers=self._headers(order.headers),
                body=None if order.body is None else self._body(order.body),
            ),
            response=self._response(reply, is_stream=order.is_stream) if reply.is_headed else None,
            first_byte_s=_rounded(reply.first_byte_s),
            total_s=_rounded(reply.total_s),
            error=None if error is None else self._redactor.excerpt(error),
            attempt=attempt,
        )
        self._written_bytes += self._file.write(json.dumps(exchange.to_json()) + "\n")
        self._file.flush()

    def count(self, order: Order, reply: Reply) -> None:
        """Count what an exchange cost, without keeping it."""
        self.requests += reply.sends - 1
        self.bytes_sent += len(order.body or b"")
        self.bytes_received += reply.wire_bytes

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def _bounds(self) -> Bounds:
        return BOUNDS if self._written_bytes < LATER_FROM_BYTES else LATER_BOUNDS

    def _headers(self, headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        most = self._bounds.header_characters
        seen = [(name, value[: most + _LOOK_AHEAD_BYTES]) for name, value in headers[: self._bounds.headers]]
        return tuple((name, value[:most]) for name, value in self._redactor.headers(seen))

    def _response(self, reply: Reply, *, is_stream: bool) -> RecordedResponse:
        body = reply.body
        return RecordedResponse(
            status=reply.status,
            reason=self._redactor.excerpt(reply.reason[:200]),
            http_version=reply.http_version,
            headers=self._headers(reply.headers),
            body=self._body(body, is_event_stream=is_stream or holds_events(body), dropped=reply.dropped_bytes),
            frames=self._frames(reply.pieces) if is_stream else (),
        )

    def _body(self, data: bytes, *, is_event_stream: bool = False, dropped: int = 0) -> Body:
        most = self._bounds.body_bytes
        seen = data[: most + _LOOK_AHEAD_BYTES]
        spans = self._redactor.spans(seen, is_event_stream=is_event_stream)
        cut = next((span.start for span in spans if span.start < most < span.end), most)
        kept = data[:cut]
        redacted = replace_spans(kept, [span for span in spans if span.end <= cut])
        try:
            text, encoding = redacted.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            text, encoding = base64.b64encode(redacted).decode("ascii"), "base64"
        return Body(
            text=text,
            encoding=encoding,
            size=len(data) + dropped,
            is_cut=len(kept) < len(data) + dropped,
            sha256=hashlib.sha256(kept).hexdigest() if redacted == kept else None,
        )

    def _frames(self, pieces: Sequence[Piece]) -> tuple[Frame, ...]:
        kept: list[Piece] = []
        size = 0
        for piece in pieces[: self._bounds.frames]:
            size += len(piece.data)
            if size > self._bounds.body_bytes:
                break
            kept.append(piece)
        ahead = [piece.data[:_LOOK_AHEAD_BYTES] for piece in pieces[len(kept) : len(kept) + _MAX_FRAMES_AHEAD]]
        texts = self._redactor.frames([*(piece.data for piece in kept), *ahead])
        return tuple(Frame(t_s=round(piece.t_s, 6), text=text) for piece, text in zip(kept, texts, strict=False))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)


def read_exchanges(path: Path) -> list[Exchange]:
    """Return the exchanges of a recorder's file in the order of their ids; a last line that was cut off is left out."""
    exchanges = []
    with path.open("rb") as lines:
        for line in lines:
            try:
                exchanges.append(Exchange.from_json(json.loads(line)))
            except ValueError:
                continue
    return sorted(exchanges, key=lambda exchange: exchange.id.rjust(12))
