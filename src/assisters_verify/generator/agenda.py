"""What is to be done at which moment, done by one alarm for all of it."""

import heapq
from collections.abc import Callable

from assisters_verify.generator.alarm import Alarm
from assisters_verify.generator.clock import now_us

# Then answers are read, too, before the rest of what is late.
_MOST_AT_ONCE = 64

# Gets the moment at which it was due.
Action = Callable[[int], None]


class Agenda:
    """Actions by time. Those of one moment are done in the order in which they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action]] = []
        self._alarm = Alarm(self._ring)
        self._count = 0
        self._armed_us = 0
        self._is_ringing = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done any more."""
        return not self._heap and not self._is_ringing

    @property
    def is_exact(self) -> bool:
        """Whether the kernel's timer is there."""
        return self._alarm.is_exact

    def add(self, due_us: int, action: Action) -> None:
        """Do this at that time, or at once where it has passed."""
        self._count += 1
        heapq.heappush(self._heap, (due_us, self._count, action))
        if not self._is_ringing and (not self._armed_us or due_us < self._armed_us):
            self._arm()

    def clear(self) -> None:
        """Forget everything."""
        self._heap.clear()
        self._armed_us = 0
        self._alarm.clear()

    def close(self) -> None:
        """Give the alarm back."""
        self._alarm.close()

    def _ring(self) -> None:
        self._is_ringing = True
        try:
            for _ in range(_MOST_AT_ONCE):
                if not self._heap or self._heap[0][0] > now_us():
                    break
                due_us, _, action = heapq.heappop(self._heap)
                action(due_us)
        finally:
            self._is_ringing = False
            self._arm()

    def _arm(self) -> None:
        self._armed_us = self._heap[0][0] if self._heap else 0
        if self._heap:
            self._alarm.set(self._armed_us)
