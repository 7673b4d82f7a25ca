"""Call a function at a moment, from the event loop itself: a kernel timer where there is one."""

from collections.abc import Callable
from typing import Any

import gevent

from assisters_verify.generator.clock import now_us
from assisters_verify.timer import Timer

_READABLE = 1


class Alarm:
    """Calls `ring` at the moment that it was set to last. `is_exact` is false where the loop's own timer must do.

    Through the kernel's timer the call comes about 0.06 ms late, through the loop's own 0.5 ms and more.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._loop = gevent.get_hub().loop
        self._coarse: Any = None
        try:
            self._timer: Timer | None = Timer()
        except OSError:
            self._timer = None
            return
        self._watcher = self._loop.io(self._timer.fileno(), _READABLE)
        self._watcher.start(self._on_timer)

    @property
    def is_exact(self) -> bool:
        """Whether it is the kernel's timer."""
        return self._timer is not None

    def set(self, due_us: int) -> None:
        """Ring at this time, which may have passed, and at no other."""
        if self._timer is not None:
            self._timer.set(due_us * 1000)
            return
        self.clear()
        self._coarse = self._loop.timer(max(due_us - now_us(), 0) / 1e6)
        self._coarse.start(self._ring)

    def clear(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.set(0)
        elif self._coarse is not None:
            self._coarse.close()
            self._coarse = None

    def close(self) -> None:
        """Give everything back."""
        self.clear()
        if self._timer is not None:
            self._watcher.close()
            self._timer.close()
            self._timer = None

    def _on_timer(self) -> None:
        assert self._timer is not None
        self._timer.set(0)  # it stays readable until then
        self._ring()
