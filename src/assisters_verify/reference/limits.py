"""Rate limits: a sliding window, and the other algorithms that keep the same promise."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assisters_verify.reference.problems import ApiError, rate_limited

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

Clock = Callable[[], float]


class Limiter(Protocol):
    """Admits requests of one customer at a time."""

    def admit(self, customer: str) -> float:
        """Count a request and return 0, or refuse it and return the seconds until one is admitted."""


class SlidingWindow:
    """At most ``limit`` requests in any ``window_s`` seconds; a refused request does not count."""

    def __init__(self, limit: int, window_s: float, clock: Clock = time.monotonic) -> None:
        self._limit, self._window_s, self._clock = limit, window_s, clock
        self._admitted: dict[str, deque[float]] = {}

    def admit(self, customer: str) -> float:
        """Count a request and return 0, or return the seconds until one is admitted."""
        now_s = self._clock()
        times = self._admitted.setdefault(customer, deque())
        while times and times[0] <= now_s - self._window_s:
            times.popleft()
        if len(times) >= self._limit:
            return times[0] + self._window_s - now_s
        times.append(now_s)
        return 0.0

    def give_back(self, customer: str) -> None:
        """Take back the latest request of the customer."""
        if self._admitted.get(customer):
            self._admitted[customer].pop()


class FixedWindow:
    """At most ``limit`` requests in a window that a customer's first request opens."""

    def __init__(self, limit: int, window_s: float, clock: Clock = time.monotonic) -> None:
        self._limit, self._window_s, self._clock = limit, window_s, clock
        self._windows: dict[str, tuple[float, int]] = {}

    def admit(self, customer: str) -> float:
        """Count a request and return 0, or return the seconds until one is admitted."""
        now_s = self._clock()
        opened_s, count = self._windows.get(customer, (-math.inf, 0))
        if now_s >= opened_s + self._window_s:
            opened_s, count = self._open(now_s), 0
        if count >= self._limit:
            return opened_s + self._window_s - now_s
        self._windows[customer] = (opened_s, count + 1)
        return 0.0

    def _open(self, now_s: float) -> float:
        return now_s


class AlignedWindow(FixedWindow):
    """A fixed window that begins with the clock's minute, so twice the limit passes across its edge."""

    def __init__(self, limit: int, window_s: float, clock: Clock = time.time) -> None:
        super().__init__(limit, window_s, clock)

    def _open(self, now_s: float) -> float:
        return now_s - now_s % self._window_s


class TokenBucket:
    """A bucket of ``limit`` that refills evenly, whole in ``window_s``."""

    def __init__(self, limit: int, window_s: float, clock: Clock = time.monotonic) -> None:
        self._limit, self._rate_per_s, self._clock = limit, limit / window_s, clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def admit(self, customer: str) -> float:
        """Count a request and return 0, or return the seconds until one is admitted."""
        now_s = self._clock()
        level, filled_s = self._buckets.get(customer, (float(self._limit), now_s))
        level = min(self._limit, level + (now_s - filled_s) * self._rate_per_s)
        is_admitted = level >= 1
        self._buckets[customer] = (level - is_admitted, now_s)
        return 0.0 if is_admitted else (1 - level) / self._rate_per_s


def is_limited(call: "Call") -> bool:
    """Tell whether the limit covers this call: it covers every route behind a key."""
    return call.api_key is not None


def customer_of(call: "Call") -> str:
    """Return what the limit is counted by: the key."""
    return call.customer.id


def refuse(wait_s: float) -> ApiError:
    """Return the 429; whole seconds, rounded up, so that waiting that long is enough."""
    return rate_limited(max(1, math.ceil(wait_s)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPolicy:
    """The choices the rate limit is made of."""

    make: Callable[[int, float], Limiter] = SlidingWindow
    is_limited: Callable[["Call"], bool] = is_limited
    customer_of: Callable[["Call"], str] = customer_of
    refuse: Callable[[float], ApiError] = refuse


def check_limit(call: "Call") -> None:
    """Count the call against its key's limit.

    Raises:
        ApiError: 429.
    """
    limiter, policy = call.services.limiter, call.behaviour.limits
    if limiter is None or not policy.is_limited(call):
        return
    wait_s = limiter.admit(policy.customer_of(call))
    if wait_s > 0:
        raise policy.refuse(wait_s)
