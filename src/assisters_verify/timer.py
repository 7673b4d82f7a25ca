"""A timer that a poll can wait for, exact to microseconds: Linux's timerfd."""

import ctypes
import os

_CLOCK_MONOTONIC = 1
_TFD_TIMER_ABSTIME = 1
_TFD_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
_SECOND_NS = 1_000_000_000


class _Interval(ctypes.Structure):
    _fields_ = (
        ("period_s", ctypes.c_long),
        ("period_ns", ctypes.c_long),
        ("due_s", ctypes.c_long),
        ("due_ns", ctypes.c_long),
    )


class Timer:
    """Becomes readable once its time has come, and unreadable when it is set again.

    `epoll.poll(timeout)` itself counts in whole milliseconds.
    """

    def __init__(self) -> None:
        """Make a timer that is not set.

        Raises:
            OSError: This system has no timerfd.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "timerfd_create"):
            raise OSError("this system has no timerfd: it is Linux that has one")
        self._fd: int = libc.timerfd_create(_CLOCK_MONOTONIC, _TFD_NONBLOCK_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._interval = _Interval(0, 0, 0, 0)
        self._reference = ctypes.byref(self._interval)
        self._settime = libc.timerfd_settime
        self._settime.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

    def fileno(self) -> int:
        """Return what epoll waits for."""
        return self._fd

    def set(self, due_ns: int) -> None:
        """Set it to this time of `time.monotonic_ns`, which may have passed; 0 stops it."""
        self._interval.due_s, self._interval.due_ns = divmod(due_ns, _SECOND_NS)
        self._settime(self._fd, _TFD_TIMER_ABSTIME, self._reference, None)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)
