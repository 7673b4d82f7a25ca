"""Where checks meet the world outside: live, and kept for a replay where a recording is asked for."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from assisters_verify.receiver import Receiver, Visit
from assisters_verify.recording.entries import EXCHANGE, LISTEN, Entry, Header, asked_by, asked_in_words
from assisters_verify.recording.file import write_recording
from assisters_verify.recording.packing import packed
from assisters_verify.redaction import Redactor
from assisters_verify.surroundings import current
from assisters_verify.wire import NoAnswer, Order, Reply, Wire

Send = Callable[[Wire, Reply], Awaitable[None]]
# A run of all clauses takes less than half of it; what comes later is not kept, and a replay says so.
_MOST_BYTES = 24 * 1024 * 1024
_SALT_BYTES = 16


class Tape(Protocol):
    """What checks ask of the world outside goes through here. `salt` makes the chance of each check its own."""

    salt: str
    is_replay: bool

    def now_s(self) -> float:
        """Return the time on a monotonic clock."""

    def utc_now(self) -> datetime:
        """Return the date and time in UTC."""

    def take_up(self, order: Order, redactor: Redactor) -> Send:
        """Return what sends this order. Raises Undecided where a replay does not know it."""

    def holds(self, order: Order, redactor: Redactor) -> bool:
        """Tell whether a replay knows this order, and what came of it."""

    async def call(self, what: str, asked: Any, redactor: Redactor, live: Callable[[], Awaitable[Any]]) -> Any:
        """Return what `live` returns, JSON with bytes among it, given what was asked as JSON."""

    async def listen(self, receiver: Receiver, host: str, port: int) -> None:
        """Open a receiver. Raises OSError."""

    def missing(self, scope: str) -> str | None:
        """Return what this scope asked for in vain, or None."""

    def rest_on(self, scope: str) -> None:
        """Note that the current scope rests on what another one found out."""

    def note_interruption(self, reason: str) -> None:
        """Keep when and why the run was ended early."""

    def interruption(self) -> tuple[float, str] | None:
        """Return when on this clock, and why, the run is to be ended early, as it was then."""

    def close(self, redactor: Redactor) -> None:
        """End; what was kept is written. Raises OSError."""


class LiveTape:
    """Keeps nothing."""

    is_replay = False

    def __init__(self) -> None:
        self.salt = secrets.token_hex(_SALT_BYTES)

    def now_s(self) -> float:
        """Return the time on a monotonic clock."""
        return time.perf_counter()

    def utc_now(self) -> datetime:
        """Return the date and time in UTC."""
        return datetime.now(UTC)

    def take_up(self, order: Order, redactor: Redactor) -> Send:  # noqa: ARG002 - a recording needs it
        """Return what sends this order."""
        return lambda wire, reply: wire.send(order, reply)

    def holds(self, order: Order, redactor: Redactor) -> bool:  # noqa: ARG002 - a replay needs it
        """Return False: it is not known before it is sent."""
        return False

    async def call(
        self,
        what: str,  # noqa: ARG002 - a recording needs it
        asked: Any,  # noqa: ARG002 - as above
        redactor: Redactor,  # noqa: ARG002 - as above
        live: Callable[[], Awaitable[Any]],
    ) -> Any:
        """Return what `live` returns."""
        return await live()

    async def listen(self, receiver: Receiver, host: str, port: int) -> None:
        """Open a receiver. Raises OSError."""
        await receiver.open(host, port)

    def missing(self, scope: str) -> str | None:  # noqa: ARG002 - a replay needs it
        """Return None: the world outside answers whatever is asked."""
        return None

    def rest_on(self, scope: str) -> None:
        """Do nothing."""

    def note_interruption(self, reason: str) -> None:
        """Do nothing."""

    def interruption(self) -> tuple[float, str] | None:
        """Return None."""
        return None

    def close(self, redactor: Redactor) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a recording says of its run, without secrets."""

    suite: dict[str, str]
    settings: dict[str, Any]
    clauses: list[str]
    secret_names: tuple[str, ...]


class RecordingTape(LiveTape):
    """Keeps all that comes, in memory, since its secrets are known at the end only, and writes it when it is closed."""

    def __init__(self, path: Path, facts: RunFacts) -> None:
        super().__init__()
        self._path = path
        self._facts = facts
        self._entries: list[Entry] = []
        self._receivers: list[tuple[Entry, Receiver]] = []
        self._epoch_s = self.now_s()
        self._began_at = datetime.now(UTC)
        self._kept_bytes = 0
        self._dropped = 0
        self._interrupted: tuple[str, float] | None = None

    def take_up(self, order: Order, redactor: Redactor) -> Send:
        """Return what sends this order, and keeps what comes."""
        entry = self._entry(EXCHANGE, asked_by(order, redactor))

        async def send(wire: Wire, reply: Reply) -> None:
            entry.started_s = reply.started - self._epoch_s
            entry.is_cut = True
            problem: NoAnswer | None = None
            try:
                await wire.send(order, reply)
                entry.is_cut = False
            except NoAnswer as error:
                problem, entry.is_cut = error, False
                raise
            finally:
                entry.answer = _told(reply, problem)
                self._keep(entry, len(reply.body))

        return send

    async def call(self, what: str, asked: Any, redactor: Redactor, live: Callable[[], Awaitable[Any]]) -> Any:
        """Return what `live` returns, and keep it."""
        entry = self._entry(what, asked_in_words(asked, redactor))
        try:
            entry.answer = await live()
        except asyncio.CancelledError:
            entry.is_cut = True
            raise
        except Exception as error:
            entry.raised = {"message": str(error)}
            raise
        finally:
            self._keep(entry, len(entry.asked))
        return entry.answer

    async def listen(self, receiver: Receiver, host: str, port: int) -> None:
        """Open a receiver, and keep what comes to it. Raises OSError."""
        entry = self._entry(LISTEN, "")
        try:
            await receiver.open(host, port)
            entry.answer = {"port": receiver.port}
            self._receivers.append((entry, receiver))
        except OSError as error:
            entry.raised = {"errno": error.errno, "message": error.strerror or str(error)}
            raise
        finally:
            self._keep(entry, 0)

    def note_interruption(self, reason: str) -> None:
        """Keep when and why the run was ended early."""
        self._interrupted = self._interrupted or (reason, self.now_s() - self._epoch_s)

    def close(self, redactor: Redactor) -> None:
        """Write the recording. Raises OSError."""
        for entry, receiver in self._receivers:
            entry.answer["visits"] = [self._visit(visit) for visit in receiver.visits]
            entry.answer["worst_lag_s"] = receiver.worst_lag_s
        reason, at_s = self._interrupted or (None, None)
        header = Header(
            began_at=self._began_at.isoformat(),
            salt=self.salt,
            suite=self._facts.suite,
            settings=self._facts.settings,
            clauses=self._facts.clauses,
            secrets=dict.fromkeys(self._facts.secret_names, ""),
            interrupted=reason,
            interrupted_s=at_s,
            dropped=self._dropped,
        )
        write_recording(self._path, header, self._entries, redactor)

    def _entry(self, what: str, asked: str) -> Entry:
        return Entry(scope=current().scope, what=what, asked=asked, started_s=self.now_s() - self._epoch_s)

    def _keep(self, entry: Entry, size: int) -> None:
        entry.ended_s = self.now_s() - self._epoch_s
        self._kept_bytes += size
        if self._kept_bytes <= _MOST_BYTES:
            self._entries.append(entry)
        else:
            self._dropped += 1

    def _visit(self, visit: Visit) -> dict[str, Any]:
        request = visit.request
        return {
            "method": request.method,
            "target": request.target,
            "headers": [list(pair) for pair in request.headers],
            "body": request.body,
            "http_version": request.http_version,
            "began_s": request.began_s - self._epoch_s,
            "ended_s": request.ended_s - self._epoch_s,
        }


def _told(reply: Reply, problem: NoAnswer | None) -> dict[str, Any]:
    return {
        "status": reply.status,
        "reason": reply.reason,
        "http_version": reply.http_version,
        "headers": [list(pair) for pair in reply.headers],
        "times_s": [piece.t_s for piece in reply.pieces],
        "pieces": packed([piece.data for piece in reply.pieces]),
        "first_byte_s": reply.first_byte_s,
        "total_s": reply.total_s,
        "wire_bytes": reply.wire_bytes,
        "broken_off": reply.broken_off,
        "sends": reply.sends,
        "problem": None if problem is None else [problem.kind, str(problem)],
    }
