"""Stay a good citizen: keep within the target's rate limit, and try again as it asks its clients to."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# A tenth is left to whatever else uses the key, and to the difference between our clock and the target's.
_SHARE = 0.9
_TOO_MANY = 429
_MAX_RECONNECTS = 2
_JITTER_S = 0.5
_TRANSIENT = frozenset({500, 502, 503, 504})


class Pacer:
    """Spaces the requests of one key so that any window holds at most nine tenths of its limit."""

    def __init__(
        self,
        *,
        requests: int,
        window_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = max(1, int(requests * _SHARE))
        self._window_s = window_s
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()

    async def wait(self) -> None:
        """Return when one more request keeps within the limit, and count it."""
        while not self.take():
            await self.wait_until_free()

    def take(self) -> bool:
        """Count one more request where it keeps within the limit; tell whether it does."""
        is_free = self._free_at() <= self._clock()
        if is_free:
            self.count()
        return is_free

    async def wait_until_free(self) -> None:
        """Return when a request would keep within the limit, if nobody else sends one until then."""
        while (free_at := self._free_at()) > (now := self._clock()):
            await self._sleep(free_at - now)

    def count(self) -> None:
        """Count a request that is sent without waiting."""
        self._sent.append(self._clock())

    def _free_at(self) -> float:
        """Return when the next request may be sent: a window after the one that it would be too many with."""
        while len(self._sent) > self._most:
            self._sent.popleft()
        return self._sent[0] + self._window_s if len(self._sent) == self._most else 0.0


class Patience:
    """Decides, for one request, whether and when to try again. A 429 is waited out within a window and a bit; a
    server error is tried again `retries` times with jitter, as the documentation tells clients to."""

    def __init__(self, *, window_s: float, retries: int, jitter: random.Random) -> None:
        self._left_s = window_s + 5.0
        self._retries = retries
        self._throttled = 0
        self._failed = 0
        self._broken = 0
        self._jitter = jitter

    def pause_before_retry(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Return the seconds to wait before the next try, or None where the answer stands."""
        if status == _TOO_MANY:
            return self._throttle(headers)
        if status in _TRANSIENT and self._failed < self._retries:
            self._failed += 1
            return self._jitter.uniform(0.1, _JITTER_S)
        return None

    def pause_before_reconnect(self) -> float | None:
        """Return the seconds to wait after a broken connection, or None where it is given up."""
        self._broken += 1
        return 0.1 * self._broken if self._broken <= min(self._retries, _MAX_RECONNECTS) else None

    def _throttle(self, headers: Mapping[str, str]) -> float | None:
        asked = retry_after_s(headers)
        # A server that asks for no pause at all, and refuses again, is not to be asked hundreds of times.
        pause = float(2**self._throttled) if asked is None else max(asked, 0.1 * 2**self._throttled)
        self._throttled += 1
        if pause > self._left_s:
            return None
        self._left_s -= pause
        return pause


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for (a number or an HTTP date, RFC 9110 10.2.3), or None."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
