"""A simulator of limiters in virtual time: what a load run's ledger would hold of a server with this limiter."""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from assisters_verify.contract.throttling.bounds import Limit
from assisters_verify.contract.throttling.observed import Observed
from assisters_verify.contract.throttling.plan import BACKOFF_S, KEYS, PLANS, Kind, LanePlan, Plan, Returning
from assisters_verify.contract.throttling.tries import Fate, Tries, Try
from assisters_verify.reference.limits import AlignedWindow, FixedWindow, Limiter, SlidingWindow, TokenBucket

MakeLimiter = Callable[[int, float, Callable[[], float]], Limiter]
KIND = "models"


class LumpBucket:
    """A bucket that refills in a few lumps a window."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float], lumps: int = 6) -> None:
        self._limit, self._lump_s, self._lump, self._clock = limit, window_s / lumps, limit / lumps, clock
        self._buckets: dict[str, tuple[float, int]] = {}

    def admit(self, customer: str) -> float:
        number = int(self._clock() // self._lump_s)
        level, filled = self._buckets.get(customer, (float(self._limit), number))
        level = min(self._limit, level + (number - filled) * self._lump)
        is_admitted = level >= 1
        self._buckets[customer] = (level - is_admitted, number)
        return 0.0 if is_admitted else self._lump_s


class WholeSeconds(SlidingWindow):
    """A sliding window over whole ticks, sixty a window, as one that counts whole seconds of a minute."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float]) -> None:
        self._tick_s = window_s / 60
        super().__init__(limit, 60, lambda: math.floor(clock() / self._tick_s))

    def admit(self, customer: str) -> float:
        return super().admit(customer) * self._tick_s


PERMITTED: dict[str, MakeLimiter] = {
    "sliding": SlidingWindow,
    "fixed": FixedWindow,
    "aligned": AlignedWindow,
    "bucket": TokenBucket,
    "lumps": LumpBucket,
    "whole_seconds": WholeSeconds,
}
# The four that the documentation's reading names.
FOUR = ("sliding", "fixed", "aligned", "bucket")


@dataclass(frozen=True, kw_only=True)
class World:
    """How a target's answers reach us. Each try is decided up to `way_s` after sending, and its answer takes that long
    again; `phase_s` is where the target's clock stands."""

    limit: Limit
    way_s: float = 0.002
    phase_s: float = 0.0
    seed: int = 0
    customer_of: Callable[[int, int], str] = lambda key, _number: str(key)
    may_refuse: bool = True


def simulate(world: World, make: MakeLimiter, sent: Sequence[tuple[float, int]]) -> Tries:
    """Return what becomes of tries, each given by when it is sent and by which key."""
    random = Random(world.seed)  # noqa: S311 - a simulation
    now_s = world.phase_s
    limiter = make(world.limit.requests, world.limit.window_s, lambda: now_s)
    coming = sorted((sent_s + random.random() * world.way_s, sent_s, key) for sent_s, key in sent)
    tries = []
    for number, (arrives_s, sent_s, key) in enumerate(coming):
        now_s = world.phase_s + arrives_s
        wait_s = limiter.admit(world.customer_of(key, number))
        answered_s = arrives_s + random.random() * world.way_s
        tries.append(
            Try(
                key=key,
                kind=KIND,
                sent_s=sent_s,
                due_s=sent_s,
                decided_s=answered_s,
                ended_s=answered_s,
                fate=Fate.REFUSED if wait_s else Fate.ACCEPTED,
                status=429 if wait_s else 200,
                retry_after_s=float(max(1, math.ceil(wait_s))) if wait_s else None,
                has_envelope=True if wait_s else None,
            )
        )
    return Tries(tries)


def offer(
    limit: Limit, factor: float, windows: float, *, key: int = 0, since_s: float = 0.0
) -> list[tuple[float, int]]:
    """Return the moments of evenly sent tries, at `factor` times the limit for this many windows."""
    count = int(factor * limit.requests * windows)
    return [(since_s + number / (factor * limit.per_s), key) for number in range(count)]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that keeps a limit, or does not. `customer_of` gets the key, the connection and what number it is."""

    make: MakeLimiter = SlidingWindow
    share: float = 1.0
    customer_of: Callable[[int, int], str] = lambda key, _connection: str(key)
    refuses_with: int = 429
    has_unreadable_retry_after: bool = False
    retry_after: Callable[[float], float | None] = lambda wait_s: float(max(1, math.ceil(wait_s)))
    has_envelope: bool = True
    refusal_s: float = 0.001
    answer_s: float = 0.3
    stream_s: float = 0.5
    cuts_streams: bool = False
    slows_others_s: float = 0.0
    breaks_every: int = 0


@dataclass(order=True)
class Coming:
    """A try on its way."""

    arrives_s: float
    number: int
    sent_s: float = field(compare=False)
    due_s: float = field(compare=False)
    lane: LanePlan = field(compare=False)
    attempt: int = field(compare=False, default=1)


class Play:
    """A whole run of a plan against a server, in virtual time."""

    def __init__(self, plan: Plan, server: Server, *, way_s: float, phase_s: float, seed: int) -> None:
        self.plan, self.server, self.way_s = plan, server, way_s
        self.random, self.now_s, self.phase_s = Random(seed), 0.0, phase_s  # noqa: S311 - a simulation
        limit = round(plan.limit.requests * server.share)
        self.limiter = server.make(limit, plan.limit.window_s, lambda: self.phase_s + self.now_s)
        self.coming: list[Coming] = []
        self.tries: list[Try] = []
        self.refused_s: dict[int, list[float]] = {}
        self.numbers: dict[int, int] = {}

    def run(self) -> Observed:
        for lane in self.plan.lanes:
            for stretch in lane.stretches:
                count = round((stretch.until_s - stretch.since_s) * stretch.rate_per_s)
                for number in range(count):
                    self.send(lane, stretch.since_s + number / stretch.rate_per_s)
            if not lane.stretches:
                self.send(lane, lane.since_s)
        while self.coming:
            self.serve(heapq.heappop(self.coming))
        if self.server.cuts_streams:
            self.tries = [self.cut(each) for each in self.tries]
        return Observed(plan=self.plan, tries=Tries(self.tries))

    def send(self, lane: LanePlan, sent_s: float, *, due_s: float | None = None, attempt: int = 1) -> None:
        if sent_s < lane.until_s or attempt > 1:
            arrives_s = sent_s + self.random.random() * self.way_s
            due = sent_s if due_s is None else due_s
            heapq.heappush(
                self.coming, Coming(arrives_s, len(self.tries) + len(self.coming), sent_s, due, lane, attempt)
            )

    def serve(self, coming: Coming) -> None:
        lane, server = coming.lane, self.server
        self.now_s = coming.arrives_s
        number = self.numbers[id(lane)] = self.numbers.get(id(lane), -1) + 1
        wait_s = self.limiter.admit(server.customer_of(lane.key, number % lane.connections))
        if wait_s:
            self.refused_s.setdefault(lane.key, []).append(self.now_s)
        tried = self.answer(coming, wait_s)
        self.tries.append(tried)
        self.come_back(coming, tried)

    def answer(self, coming: Coming, wait_s: float) -> Try:
        server, kind = self.server, coming.lane.kind
        back_s = self.random.random() * self.way_s
        took_s = 0.001 if kind is Kind.MODELS else server.answer_s * (0.8 + 0.4 * self.random.random())
        if server.slows_others_s and any(
            times and key != coming.lane.key and times[-1] > self.now_s - 0.1 for key, times in self.refused_s.items()
        ):
            took_s += server.slows_others_s
        total = sum(map(len, self.refused_s.values()))
        is_broken = bool(wait_s and server.breaks_every and total % server.breaks_every == 0)
        status = 0 if is_broken else server.refuses_with if wait_s else 200
        took_s = server.refusal_s if wait_s else took_s
        decided_s = self.now_s + back_s + took_s
        fate = Fate.REFUSED if status == 429 else Fate.FAILED if wait_s else Fate.ACCEPTED
        return Try(
            key=coming.lane.key,
            kind=kind,
            sent_s=coming.sent_s,
            due_s=coming.due_s,
            decided_s=decided_s,
            ended_s=decided_s + (server.stream_s if kind is Kind.STREAMING and not wait_s else 0.0),
            fate=fate,
            attempt=coming.attempt,
            status=status,
            problem="reset" if is_broken else "",
            retry_after_s=server.retry_after(wait_s) if wait_s and not server.has_unreadable_retry_after else None,
            has_unreadable_retry_after=bool(wait_s) and server.has_unreadable_retry_after,
            has_envelope=server.has_envelope if wait_s else None,
        )

    def come_back(self, coming: Coming, tried: Try) -> None:
        lane, attempt, ended_s = coming.lane, coming.attempt, tried.ended_s
        if lane.returning is Returning.RETRY_AFTER:
            pause_s = max(tried.retry_after_s or 0.0, 0.1) if tried.is_refused else 1 / (5 * self.plan.limit.per_s)
            after_s = ended_s + pause_s
            self.send(lane, after_s)
        elif tried.is_refused and lane.returning is Returning.DOCUMENTED and attempt <= len(BACKOFF_S):
            self.send(lane, ended_s + BACKOFF_S[attempt - 1], due_s=coming.due_s, attempt=attempt + 1)
        elif tried.is_refused and lane.returning is Returning.AT_ONCE and attempt == 1:
            self.send(lane, lane.return_s, due_s=coming.due_s, attempt=2)

    def cut(self, each: Try) -> Try:
        if each.kind != Kind.STREAMING or not each.is_accepted:
            return each
        struck = [at_s for at_s in self.refused_s.get(each.key, ()) if each.decided_s <= at_s <= each.ended_s]
        return replace(each, problem="cut", ended_s=struck[0] + 0.001) if struck else each


class NeverForgiving(SlidingWindow):
    """Refuses a customer for good who went over the limit."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float]) -> None:
        super().__init__(limit, window_s, clock)
        self._blocked: set[str] = set()

    def admit(self, customer: str) -> float:
        wait_s = super().admit(customer)
        self._blocked |= {customer} if wait_s else set()
        return self._window_s if customer in self._blocked else wait_s


@pytest.fixture(scope="session")
def never_forgiving() -> type[Limiter]:
    return NeverForgiving


@pytest.fixture(scope="session")
def server_of() -> type[Server]:
    return Server


@pytest.fixture(scope="session")
def play() -> Callable[..., Observed]:
    """Play a scenario against a server in virtual time."""

    def play_it(
        scenario: str,
        server: Server | str = "sliding",
        *,
        limit: Limit = Limit(requests=50, window_s=2.0),  # noqa: B008 - frozen
        keys: int | None = None,
        way_s: float = 0.002,
        phase_s: float = 0.0,
        seed: int = 0,
    ) -> Observed:
        plan = PLANS[scenario](limit, KEYS[scenario] if keys is None else keys)
        made = Server(make=PERMITTED[server]) if isinstance(server, str) else server
        return Play(plan, made, way_s=way_s, phase_s=phase_s, seed=seed).run()

    return play_it


@pytest.fixture(scope="session")
def permitted() -> dict[str, MakeLimiter]:
    return PERMITTED


@pytest.fixture(scope="session")
def run() -> Callable[..., Tries]:
    """Simulate one key that is offered `factor` times the limit for some windows."""

    def run_it(
        name: str | MakeLimiter,
        factor: float,
        *,
        limit: Limit,
        windows: float = 2.25,
        share: float = 1.0,
        way_s: float = 0.002,
        phase_s: float = 0.0,
        seed: int = 0,
    ) -> Tries:
        make = PERMITTED[name] if isinstance(name, str) else name
        world = World(limit=limit, way_s=way_s, phase_s=phase_s, seed=seed)
        return simulate(world, _scaled(make, share), offer(limit, factor, windows))

    return run_it


@pytest.fixture(scope="session")
def simulated() -> Callable[..., Tries]:
    """Simulate tries at these moments."""

    def simulate_them(name: str, sent: Sequence[tuple[float, int]], *, limit: Limit) -> Tries:
        return simulate(World(limit=limit), PERMITTED[name], sent)

    return simulate_them


def _scaled(make: MakeLimiter, share: float) -> MakeLimiter:
    return lambda limit, window_s, clock: make(round(limit * share), window_s, clock)
