"""How the work of something grows with the size of what it is given: a ratio, which is the same on a slow machine."""

import time
from collections.abc import Callable
from typing import Any

_FACTOR = 16
_TRIES = 3


def grows_evenly(work: Callable[[int], Any], size: int) -> bool:
    """Tell whether sixteen times of this size take much less than the square of it: the one takes 16 times as long,
    the other 256 times. Processor time in this process counts, the best of some tries."""
    small, large = (min(_cost_s(work, each) for _ in range(_TRIES)) for each in (size, _FACTOR * size))
    return large < small * _FACTOR * 4


def _cost_s(work: Callable[[int], Any], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
