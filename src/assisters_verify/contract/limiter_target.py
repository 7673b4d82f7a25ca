"""The range on which the target's own rate limit is overrun: keys made for it, and connections of its own."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT as CHAT_PATH
from assisters_verify.contract.keys import CreatedKey, borrow_key, settle
from assisters_verify.contract.limiter import MODELS, REMOVAL, STREAM, Outcome, Shot, StreamEnd
from assisters_verify.contract.limiter_requests import RouteRequest, open_routes
from assisters_verify.contract.limiter_streams import control_stream, long_stream_body, stream_problem
from assisters_verify.contract.limiter_waits import asked_pause_s
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import now_s
from assisters_verify.wire import Reply, Wire

_TOO_MANY = 429
# More than this is a target that hangs, not one that is slow to list its models.
_TIMEOUT_S = 10.0
_MOST_KEPT = 80
_KEPT_EACH = 2
# A key that has just been made may have to reach every node first.
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 3.0)
_LOOK_S = 0.2
_TIMER_S = 0.002
# So long other checks may go on, until the only key that there is may be overrun.
_LONGEST_S = 120.0
_MOST_WINDOWS = 3
# Other checks, whose repeats must not come too late, are held up for this long at most.
_LONGEST_ALONE_S = 6.0
_REFUSED = frozenset({401, 403})


@dataclass(slots=True, kw_only=True)
class TargetRange:
    """Fires at the target. Use `open_range` to make one."""

    probe: Probe
    wire: Wire
    requests: dict[str, RouteRequest]
    parallel: int
    nobody: str = ""
    has_streams: bool = False
    ends_with: frozenset[str] = frozenset()
    made: list[CreatedKey] = field(default_factory=list)
    _neighbour: str | None = None
    _spare: list[tuple[str, list[Shot]]] = field(default_factory=list)
    _kept: int = 0
    _counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    _request: asyncio.Task[Answer | Broken] | None = None
    _stream: asyncio.Task[StreamEnd] | None = None
    _own: int = 0
    _all_before: int | None = None
    _last_s: float = 0.0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The routes beside `models` that are there, streams and removals aside."""
        return tuple(kind for kind in self.requests if kind not in {MODELS, STREAM, REMOVAL})

    @property
    def has_removals(self) -> bool:
        """Whether a route deletes, and says of what is not there that it is not."""
        return REMOVAL in self.requests

    def now_s(self) -> float:
        """Return the time."""
        return now_s()

    async def pause_until(self, when_s: float) -> None:
        """Return at that time, or at once where it has passed."""
        # A timer may fire a little early.
        await asyncio.sleep(max(0.0, when_s - self.now_s() + _TIMER_S))

    async def fresh_key(self) -> tuple[str, list[Shot]]:
        """Return a key that may make all its requests, and those that it took to see that it is let in."""
        if self.nobody:
            await self._wait_for_quiet()
            return self._run_key(), []
        return self._spare.pop() if self._spare else await self._make_key()

    async def neighbour(self) -> str | None:
        """Return a key that is never overrun, or None where there is none."""
        return self._neighbour

    async def prepare(self) -> None:
        """Find out whether keys can be made; where they cannot, a second one that was given is the neighbour."""
        try:
            self._neighbour, _ = await self._make_key()
            self._spare.append(await self._make_key())
            if self.has_removals and not (await self._fire(self._neighbour, REMOVAL)).is_served:
                del self.requests[REMOVAL]  # only for keys that were given
        except Undecided as problem:
            second = self.probe.settings.secrets.second_api_key
            self.nobody = problem.reason
            self._neighbour = second.get_secret_value() if second else None

    def disturbed(self) -> int:
        """Return how many requests others have made while the run's key was overrun; a key of its own has no others."""
        if not self.nobody or self._all_before is None:
            return 0
        return max(0, self.probe.session.recorder.requests - self._all_before - self._own)

    async def volley(
        self, key: str, kinds: Sequence[str], *, stops_when_refused: bool = False, until_s: float | None = None
    ) -> list[Shot]:
        """Send one request of each kind, side by side, and return them in the order of sending."""
        waiting, shots = deque(kinds), list[Shot]()
        is_refused = False

        async def work() -> None:
            nonlocal is_refused
            while waiting and not is_refused and not (until_s is not None and self.now_s() > until_s):
                shot = await self._fire(key, waiting.popleft())
                shots.append(shot)
                is_refused = is_refused or (stops_when_refused and shot.is_throttled)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.parallel, len(kinds))):
                    group.create_task(work())
        except* Undecided as problems:
            raise problems.exceptions[0] from problems
        self._last_s = self.now_s()
        return sorted(shots, key=lambda shot: shot.sent_s)

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Return what to hold while a key is overrun: nobody else sends meanwhile, unless it takes long.

        A window is short for a thousand requests beside those of all the other checks.
        """
        return self.probe.session.alone(at_most_s=_LONGEST_ALONE_S)

    async def open_stream(self, key: str) -> Shot:
        """Start a long stream, and return when its first piece has come, or its end."""
        began = asyncio.Event()

        def look(_data: bytes) -> bool:
            began.set()
            return False

        started_s = self.now_s()
        body = await long_stream_body(self.probe)
        request = asyncio.create_task(self._send_stream(key, body, look))
        self._request = request
        self._own += 1
        waiter = asyncio.create_task(began.wait())
        await asyncio.wait([request, waiter], return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if request.done():
            shot = self._judge(STREAM, request.result(), started_s)
        else:
            shot = Shot(kind=STREAM, sent_s=started_s, answered_s=self.now_s(), outcome=Outcome.SERVED)
        if shot.is_served:
            self._stream = asyncio.create_task(self._follow(request))
        return shot

    async def end_stream(self) -> StreamEnd | None:
        """Return how the stream that was opened last ended, or None where none was."""
        return await self._stream if self._stream else None

    async def close(self) -> None:
        """Leave the stream where it still runs, before its connection is closed under it, and give back the keys."""
        running = [task for task in (self._request, self._stream) if task is not None and not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for created in self.made:
            await settle(self.probe, created.debt)

    async def _send_stream(self, key: str, body: Any, look: Any) -> Answer | Broken:
        try:
            return await self.probe.post(
                CHAT_PATH,
                body,
                key=key,
                is_stream=True,
                is_patient=False,
                is_slotted=False,
                leave_after=look,
                wire=self.wire,
                label="streamed while the limit is reached",
            )
        except Broken as problem:
            return problem

    async def _follow(self, request: asyncio.Task[Answer | Broken]) -> StreamEnd:
        answer = await request
        if isinstance(answer, Broken):
            return StreamEnd(ended_s=self.now_s(), problem=answer.received)
        problem = stream_problem(answer, ends_with=self.ends_with)
        return StreamEnd(ended_s=answer.sent_s + answer.total_s, problem=problem, answer=answer)

    async def _fire(self, key: str, kind: str) -> Shot:
        request = self.requests[kind]
        started_s = self.now_s()
        sends = 0

        def is_kept(reply: Reply) -> bool:
            nonlocal sends
            sends = reply.sends
            return self._is_telling(kind, reply)

        self._own += 1
        try:
            answer = await self.probe.send(
                request.method,
                request.path,
                request.body,
                key=key,
                is_stream=kind == STREAM,
                is_patient=False,
                is_slotted=False,
                timeout_s=request.timeout_s or _TIMEOUT_S,
                wire=self.wire,
                is_kept=is_kept,
                label="in a burst",
            )
        except Broken as problem:
            return self._judge(kind, problem, started_s)
        self._own += answer.attempts + sends - 2
        return self._judge(kind, answer, answer.sent_s, sends=answer.attempts + sends - 1)

    def _judge(self, kind: str, answer: Answer | Broken, sent_s: float, *, sends: int = 1) -> Shot:
        if isinstance(answer, Broken):
            # How often it went out is not known; the connection was tried anew at most this often.
            sends = 1 + self.probe.settings.target.retries
            outcome = Outcome.OTHER
            return Shot(
                kind=kind,
                sent_s=sent_s,
                answered_s=self.now_s(),
                outcome=outcome,
                attempts=sends,
                received=answer.received,
            )
        outcome = Outcome.SERVED if self.requests[kind].is_served(answer) else Outcome.OTHER
        return Shot(
            kind=kind,
            sent_s=sent_s,
            answered_s=answer.sent_s + answer.first_byte_s,
            outcome=Outcome.THROTTLED if answer.status == _TOO_MANY else outcome,
            attempts=sends,
            received=answer.describe(),
            retry_after=answer.headers.get("retry-after"),
            retry_after_s=asked_pause_s(answer.headers),
            answer=answer if answer.exchange else None,
        )

    def _is_telling(self, kind: str, reply: Reply) -> bool:
        """Tell whether to keep an answer: the first ones of each kind and status, and some of the others."""
        self._counts[kind, reply.status] += 1
        count = self._counts[kind, reply.status]
        is_refusal = reply.status >= 300 and self._kept < _MOST_KEPT  # noqa: PLR2004 - anything but a success
        self._kept += is_refusal
        return is_refusal or count <= _KEPT_EACH or count % self.probe.settings.target.rate_limit.requests == 0

    async def _make_key(self) -> tuple[str, list[Shot]]:
        created = await borrow_key(self.probe)
        known = {self._run_key(), *(other.secret for other in self.made)}
        self.made.append(created)
        if created.secret in known:
            raise Undecided("no second key could be created: two have the same secret", answer=created.answer)
        return created.secret, await self._let_in(created.secret)

    async def _let_in(self, key: str) -> list[Shot]:
        """Wait until a new key is let in; return the requests that were."""
        for pause_s in (*_PAUSES_S, 0.0):
            shot = await self._fire(key, MODELS)
            if shot.answer is None or shot.answer.status not in _REFUSED:
                return [shot]
            await asyncio.sleep(pause_s)
        raise Undecided(f"a created key is not let in: {shot.received}", answer=shot.answer)

    def _run_key(self) -> str:
        secret = self.probe.settings.secrets.api_key
        if secret is None:
            raise Undecided("the run has no key")
        return secret.get_secret_value()

    async def _wait_for_quiet(self) -> None:
        """Wait until nobody has sent anything for a window, so that the run's own key may make all its requests."""
        window_s = self.probe.settings.target.rate_limit.window_s
        recorder = self.probe.session.recorder
        began_s, count = self.now_s(), recorder.requests
        since_s = max(self._last_s, began_s if self._all_before is None else 0.0)
        while self.now_s() - since_s < window_s + 1:
            if self.now_s() - began_s > max(_LONGEST_S, _MOST_WINDOWS * window_s):
                raise Undecided("other checks kept using the only key there is")
            await asyncio.sleep(_LOOK_S)
            if recorder.requests != count:
                count, since_s = recorder.requests, self.now_s()
        if self._all_before is None:
            self._all_before = recorder.requests


@contextlib.asynccontextmanager
async def open_range(probe: Probe) -> AsyncIterator[TargetRange]:
    """Find out which routes there are and whether keys can be made, and open a range; its keys are given back."""
    async with probe.session.alone(at_most_s=_LONGEST_ALONE_S):
        requests = await open_routes(probe)
        ends_with = await control_stream(probe)
    if ends_with is None:
        requests.pop(STREAM, None)
    target = probe.settings.target
    # A redirect would make two requests of one.
    wire = Wire(str(target.base_url), ca_file=target.ca_file, connections=2 * target.concurrency, redirects=0)
    async with wire:
        found = TargetRange(
            probe=probe,
            wire=wire,
            requests=requests,
            parallel=target.concurrency,
            has_streams=STREAM in requests,
            ends_with=ends_with or frozenset(),
        )
        try:
            async with found.alone():
                await found.prepare()
            yield found
        finally:
            await found.close()
