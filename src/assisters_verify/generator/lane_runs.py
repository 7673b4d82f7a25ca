"""Lanes as one process runs them: which of their requests are its own, and when each is due."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from typing import Any, Protocol

from assisters_verify.generator.agenda import Agenda
from assisters_verify.generator.exchange import Exchange
from assisters_verify.generator.lanes import ClosedLoop, Lane, RetryPolicy
from assisters_verify.generator.requests import Request

# A user whose connection fails looks again so much later: without it, a dead target would be hammered.
_AFTER_FAILURE_US = 200_000
_FORMER_SEED_BITS = 20


class Sender(Protocol):
    """Who sends for the lanes."""

    agenda: Agenda

    def now_us(self) -> int:
        """Return the time."""

    def send(self, exchange: Exchange) -> None:
        """Send it, and call its `on_end`."""

    def end(self, exchange: Exchange) -> Any:
        """Count it, and return the answer's body parsed, or None."""

    def write(self, request: Request, key: int) -> bytes:
        """Return the request's bytes."""


class LaneRun:
    """One lane in one of `processes` processes."""

    def __init__(
        self, lane: Lane, number: int, sender: Sender, *, index: int, processes: int, seed: int, phases: Sequence[str]
    ) -> None:
        self.lane = lane
        self._number = number
        self._sender = sender
        self._index = index
        self._processes = processes
        self._seed = (seed << _FORMER_SEED_BITS) + number
        self._random = Random(f"{seed} {number} {index}")  # noqa: S311 - load, drawn the same way each time
        # A lane with connections of its own shares them with no other, the rest only with those of its key.
        self._owner = f"lane {number}" if lane.connections else f"key {lane.key}"
        self._phase_starts = [phase.start_s for phase in lane.phases]
        self._phase_numbers = [phases.index(phase.name) for phase in lane.phases]
        self._count = 0
        self._dues: Iterator[tuple[int, float]] = iter(())
        self._start_us = self._stop_us = self._pause_us = 0

    def start(self, started_us: int, until_us: int) -> None:
        """Begin; nothing is due from `until_us` on."""
        lane = self.lane
        self._start_us = started_us + round(lane.start_s * 1e6)
        self._stop_us = until_us if lane.stop_s is None else min(until_us, started_us + round(lane.stop_s * 1e6))
        if isinstance(lane.arrivals, ClosedLoop):
            self._start_users(lane.arrivals)
        else:
            self._dues = enumerate(lane.arrivals.dues_s(Random(self._seed)))  # noqa: S311 - load
            self._plan_next()

    def phase_at(self, due_us: int) -> int:
        """Return the phase of a request that is due then."""
        if not self._phase_starts:
            return 0
        at = bisect_right(self._phase_starts, (due_us - self._start_us) / 1e6) - 1
        return self._phase_numbers[max(at, 0)]

    def _plan_next(self) -> None:
        """Put the next of this process's requests on the agenda."""
        for number, due_s in self._dues:
            due_us = self._start_us + round(due_s * 1e6)
            if due_us >= self._stop_us:
                return
            if number % self._processes == self._index:
                self._sender.agenda.add(due_us, partial(self._send_due, number))
                return

    def _send_due(self, number: int, due_us: int) -> None:
        self._plan_next()
        self._begin(self.lane.request(self._random, number), number, due_us, is_open=True)

    def _start_users(self, loop: ClosedLoop) -> None:
        self._pause_us = round(loop.pause_s * 1e6)
        for user in range(self._index, loop.users, self._processes):
            due_us = self._start_us + round(loop.spread_s * 1e6 * user / loop.users)
            self._sender.agenda.add(due_us, self._take_turn)

    def _take_turn(self, due_us: int) -> None:
        """One user asks, and does it again after the end."""
        if due_us >= self._stop_us:
            return
        number = self._count * self._processes + self._index
        self._count += 1
        self._begin(self.lane.request(self._random, number), number, due_us, is_open=False, then=self._after_turn)

    def _after_turn(self, exchange: Exchange) -> None:
        pause_us = self._pause_us
        if not exchange.is_ok:
            pause_us = max(pause_us, _AFTER_FAILURE_US)
        now = self._sender.now_us()
        if pause_us:
            self._sender.agenda.add(now + pause_us, self._take_turn)
        else:
            self._take_turn(now)

    def _begin(
        self,
        request: Request,
        number: int,
        due_us: int,
        *,
        is_open: bool,
        then: Callable[[Exchange], None] | None = None,
        attempt: int = 1,
        data: bytes = b"",
    ) -> None:
        """Send a request; when it is over, it is tried again or followed up, or else comes `then`."""
        exchange = Exchange(
            lane=self.lane,
            lane_number=self._number,
            number=number,
            request=request,
            data=data or self._sender.write(request, self.lane.key),
            due_us=due_us,
            is_open=is_open,
            on_end=self._on_end,
            owner=self._owner,
            then=then,
            attempt=attempt,
        )
        if self._phase_starts:
            exchange.phase = self.phase_at(due_us)
        self._sender.send(exchange)

    def _on_end(self, exchange: Exchange) -> None:
        value = self._sender.end(exchange)
        request = exchange.request
        if self.lane.retry is not None:
            wait_us = self._wait_us(self.lane.retry, exchange)
            if wait_us is not None:
                self._sender.agenda.add(exchange.end_us + wait_us, partial(self._begin_again, exchange))
                return
        follow = request.follow(value) if request.follow is not None and exchange.is_ok else None
        if follow is not None:
            self._begin(follow, exchange.number, self._sender.now_us(), is_open=False, then=exchange.then)
        elif exchange.then is not None:
            exchange.then(exchange)

    def _begin_again(self, former: Exchange, due_us: int) -> None:
        if due_us < self._stop_us:
            self._begin(
                former.request,
                former.number,
                due_us,
                is_open=former.is_open,
                then=former.then,
                attempt=former.attempt + 1,
                data=former.data,
            )

    def _wait_us(self, policy: RetryPolicy, exchange: Exchange) -> int | None:
        """Return how long this client waits before it tries again, or None where it does not."""
        wait_s: float | None = None
        if exchange.is_refused:
            wait_s = self._wait_after_refusal_s(policy, exchange)
        elif exchange.status == 500 and exchange.attempt <= policy.after_500:  # noqa: PLR2004 - Internal Server Error
            wait_s = self._random.uniform(0.0, policy.jitter_s)
        return None if wait_s is None else round(wait_s * 1e6)

    def _wait_after_refusal_s(self, policy: RetryPolicy, exchange: Exchange) -> float | None:
        if policy.together_s is not None:
            since_s = (exchange.end_us - self._start_us) / 1e6
            return policy.together_s - since_s % policy.together_s
        if exchange.attempt > len(policy.after_429_s):
            return None
        wait_s = policy.after_429_s[exchange.attempt - 1]
        return max(wait_s, exchange.retry_after_ms / 1000) if policy.is_patient else wait_s
