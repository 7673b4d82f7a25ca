"""One clock for everything: microseconds of the monotonic clock, and what the kernel's times are on it."""

import time

_REFRESH_US = 200_000


def now_us() -> int:
    """Return the time."""
    return time.monotonic_ns() // 1000


class KernelClock:
    """Turns the kernel's receive times, which are of the wall clock, into times of `now_us`.

    The two drift apart, or are set apart, so their difference is taken anew all the time.
    """

    __slots__ = ("_taken_us", "offset_us")

    def __init__(self) -> None:
        self.offset_us = 0
        self._taken_us = -_REFRESH_US
        self.refresh(now_us())

    def refresh(self, at_us: int) -> None:
        """Take the difference anew where it is old."""
        if at_us - self._taken_us < _REFRESH_US:
            return
        self._taken_us = at_us
        # What comes between the two calls makes the difference smaller only.
        self.offset_us = max((time.time_ns() - time.monotonic_ns()) // 1000 for _ in range(3))


def to_wall_s(at_us: int) -> float:
    """Return a time of `now_us` as seconds of the Unix epoch."""
    return time.time() + (at_us - now_us()) / 1e6


def from_wall_s(wall_s: float) -> int:
    """Return seconds of the Unix epoch as a time of `now_us`."""
    return now_us() + round((wall_s - time.time()) * 1e6)
