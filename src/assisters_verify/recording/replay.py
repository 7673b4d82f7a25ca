"""Answer what checks ask from a recording: each gets what came to it then, at the time at which it came."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from assisters_verify.answer import Piece
from assisters_verify.judgement import Undecided
from assisters_verify.receiver import Receiver, Request
from assisters_verify.recording.entries import EXCHANGE, LISTEN, LOOKS, Entry, asked_by, asked_in_words
from assisters_verify.recording.file import Recording
from assisters_verify.recording.tape import Send
from assisters_verify.recording.virtual_loop import EPOCH_S
from assisters_verify.redaction import Redactor
from assisters_verify.surroundings import current
from assisters_verify.wire import LEFT, NoAnswer, Order, Reply, Wire

_LONGEST_SHOWN = 120
# By so much a replay may be ahead of the run, in which processor time passed too.
_CLOSE_S = 0.05


class ReplayTape:
    """Gives a scope's requests the answers that equal ones of that scope got, in their order. It needs a virtual loop.

    What is not in the recording is Undecided, and so is in the end whatever rests on it.
    """

    is_replay = True

    def __init__(self, recording: Recording) -> None:
        self.salt = recording.header.salt
        self.header = recording.header
        self._began_at = datetime.fromisoformat(recording.header.began_at)
        self._entries: dict[tuple[str, str, str], deque[Entry]] = defaultdict(deque)
        for entry in sorted(recording.entries, key=lambda entry: entry.started_s):
            self._entries[entry.scope, entry.what, entry.asked].append(entry)
        looks = (entry for entry in recording.entries if entry.scope.startswith(LOOKS))
        self._looks = sorted(looks, key=lambda entry: entry.ended_s)
        self._missing: dict[str, str] = {}

    def now_s(self) -> float:
        """Return the time on the clock of the replay."""
        return asyncio.get_running_loop().time()

    def utc_now(self) -> datetime:
        """Return the date and time at which the recorded run was."""
        return self._began_at + timedelta(seconds=self.now_s() - EPOCH_S)

    def take_up(self, order: Order, redactor: Redactor) -> Send:
        """Return what answers this order from the recording. Raises Undecided where it holds no such one."""
        entry = self._take(EXCHANGE, asked_by(order, redactor), shown=f"{order.method} {order.path}")

        async def send(_wire: Wire, reply: Reply) -> None:
            await self._until(entry.started_s)
            reply.started = EPOCH_S + entry.started_s
            try:
                await self._fill(entry, order, reply)
            finally:
                reply.total_s = self.now_s() - reply.started
            await self._end(entry)
            problem = entry.answer["problem"]
            if problem is not None:
                raise NoAnswer(problem[0], problem[1])

        return send

    def holds(self, order: Order, redactor: Redactor) -> bool:
        """Tell whether this order, and what came of it, is in the recording."""
        return bool(self._entries.get((current().scope, EXCHANGE, asked_by(order, redactor))))

    async def call(
        self,
        what: str,
        asked: Any,
        redactor: Redactor,
        live: Callable[[], Awaitable[Any]],  # noqa: ARG002 - nothing is alive in a replay
    ) -> Any:
        """Return what was returned then. Raises Undecided, and RuntimeError where it failed then."""
        words = asked_in_words(asked, redactor)
        entry = self._take(what, words, shown=f"{what} {words}")
        await self._until(entry.started_s)
        await self._end(entry)
        if entry.raised is not None:
            raise RuntimeError(entry.raised["message"])
        return entry.answer

    async def listen(self, receiver: Receiver, host: str, port: int) -> None:
        """Let come to a receiver what came to it then. Raises Undecided, and OSError where it could not be opened."""
        entry = self._take(LISTEN, "", shown=f"a receiver on {host}, port {port}")
        await self._until(entry.ended_s)
        if entry.raised is not None:
            raise OSError(entry.raised["errno"], entry.raised["message"])
        receiver.pretend_to_listen(entry.answer["port"])
        loop = asyncio.get_running_loop()
        for visit in entry.answer["visits"]:
            loop.call_at(EPOCH_S + visit["ended_s"], receiver.take, _request(visit))
        receiver.worst_lag_s = entry.answer["worst_lag_s"]

    def missing(self, scope: str) -> str | None:
        """Return what this scope asked for in vain, or None."""
        return self._missing.get(scope)

    def rest_on(self, scope: str) -> None:
        """Note that the current scope rests on what another one found out."""
        if scope in self._missing:
            self._missing.setdefault(current().scope, self._missing[scope])

    def note_interruption(self, reason: str) -> None:
        """Do nothing: it is known."""

    def interruption(self) -> tuple[float, str] | None:
        """Return when on this clock, and why, the run is to be ended early, as it was then."""
        reason, at_s = self.header.interrupted, self.header.interrupted_s
        return None if reason is None or at_s is None else (EPOCH_S + at_s, reason)

    def close(self, redactor: Redactor) -> None:
        """Do nothing."""

    def _take(self, what: str, asked: str, *, shown: str) -> Entry:
        scope = current().scope
        entries = self._entries.get((scope, what, asked))
        if entries:
            return entries.popleft()
        if scope.startswith(LOOKS) and self._looks:
            # Who looks whether the target is alive is chance, and what the last look showed holds until the next.
            earlier = [entry for entry in self._looks if EPOCH_S + entry.ended_s <= self.now_s() + _CLOSE_S]
            return (earlier or self._looks)[-1 if earlier else 0]
        raise self._miss(shown)

    def _miss(self, shown: str) -> Undecided:
        reason = f"this asks for what is not in the recording: {shown[:_LONGEST_SHOWN]}"
        self._missing.setdefault(current().scope, reason)
        return Undecided(reason)

    async def _fill(self, entry: Entry, order: Order, reply: Reply) -> None:
        answer = entry.answer
        reply.sends, reply.wire_bytes = answer["sends"], answer["wire_bytes"]
        if answer["first_byte_s"] is None:
            return
        await self._until(entry.started_s + answer["first_byte_s"])
        reply.status, reply.reason, reply.http_version = answer["status"], answer["reason"], answer["http_version"]
        reply.headers = [(name, value) for name, value in answer["headers"]]
        reply.first_byte_s = answer["first_byte_s"]
        for t_s, data in zip(answer["times_s"], answer["pieces"], strict=True):
            await self._until(entry.started_s + t_s)
            reply.pieces.append(Piece(t_s=t_s, data=data))
            if order.leave_after is not None and order.leave_after(data):
                reply.broken_off = LEFT
                return
        if answer["broken_off"] == LEFT:
            raise self._miss(f"more of the answer to {order.method} {order.path}")
        reply.broken_off = answer["broken_off"]

    async def _end(self, entry: Entry) -> None:
        """Return when it was over then; what was given up then must be given up now, too."""
        if entry.is_cut:
            await asyncio.get_running_loop().create_future()
        await self._until(entry.ended_s)

    async def _until(self, at_s: float) -> None:
        delay_s = EPOCH_S + at_s - self.now_s()
        if delay_s > 0:
            await asyncio.sleep(delay_s)


def _request(visit: dict[str, Any]) -> Request:
    return Request(
        method=visit["method"],
        target=visit["target"],
        headers=tuple((name, value) for name, value in visit["headers"]),
        body=visit["body"],
        http_version=visit["http_version"],
        began_s=EPOCH_S + visit["began_s"],
        ended_s=EPOCH_S + visit["ended_s"],
    )
