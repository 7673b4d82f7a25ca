"""A simulator of limiters in virtual time: what a load run's ledger would hold of a server with this limiter."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import pytest

from assisters_verify.contract.throttling.bounds import Limit
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


def whole_seconds(limit: int, window_s: float, clock: Callable[[], float]) -> Limiter:
    """A sliding window over whole ticks, sixty a window, as one that counts whole seconds of a minute."""
    return SlidingWindow(limit, 60, lambda: math.floor(clock() * 60 / window_s))


PERMITTED: dict[str, MakeLimiter] = {
    "sliding": SlidingWindow,
    "fixed": FixedWindow,
    "aligned": AlignedWindow,
    "bucket": TokenBucket,
    "lumps": LumpBucket,
    "whole_seconds": whole_seconds,
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


def _scaled(make: MakeLimiter, share: float) -> MakeLimiter:
    return lambda limit, window_s, clock: make(round(limit * share), window_s, clock)
