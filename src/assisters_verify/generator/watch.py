"""Look at this process and its machine once a second: could it have been the limit of what was measured?"""

import os
import platform
import resource
import time
from pathlib import Path

from assisters_verify.generator.channel import HAS_KERNEL_TIMES
from assisters_verify.measures.health import Health

_STAT = Path("/proc/stat")
_IDLE_FIELDS = slice(3, 5)  # idle, iowait
_BUSY_FIELDS = 8  # guest times, which follow, are in user times already
_KIB_PER_MIB = 1024


class Watch:
    """Takes the difference between one look and the next."""

    def __init__(self) -> None:
        self.receive_clock = "kernel" if HAS_KERNEL_TIMES else "process"
        self._cpus = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()
        self._usage = resource.getrusage(resource.RUSAGE_SELF)
        self._busy_s = self._read_busy_s()
        self._at_s = time.monotonic()

    def look(self, health: Health) -> None:
        """Add what has happened since the last look."""
        usage, busy_s, at_s = resource.getrusage(resource.RUSAGE_SELF), self._read_busy_s(), time.monotonic()
        before = self._usage
        own_s = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
        wall_s = at_s - self._at_s
        figures = health.figures
        figures["cpu_s"] += own_s
        figures["wall_s"] += wall_s
        figures["others_cpu_s"] += max(0.0, busy_s - self._busy_s - own_s)
        figures["involuntary_switches"] += usage.ru_nivcsw - before.ru_nivcsw
        figures["voluntary_switches"] += usage.ru_nvcsw - before.ru_nvcsw
        figures["peak_memory_mb"] = max(figures["peak_memory_mb"], usage.ru_maxrss / _KIB_PER_MIB)
        if wall_s > 0:
            figures["peak_cpu_share"] = max(figures["peak_cpu_share"], own_s / wall_s)
        health.machine, health.receive_clock = platform.node(), self.receive_clock
        self._usage, self._busy_s, self._at_s = usage, busy_s, at_s

    def skip(self) -> None:
        """Begin anew without counting what was."""
        self.look(Health())

    def _read_busy_s(self) -> float:
        """Return how long the processors that this process may use have been busy, by whomever."""
        try:
            lines = _STAT.read_text(encoding="ascii").splitlines()
        except OSError:
            return 0.0
        wanted = {f"cpu{number}" for number in self._cpus}
        ticks = 0
        for line in lines:
            name, *fields = line.split()
            if name in wanted:
                values = [int(field) for field in fields[:_BUSY_FIELDS]]
                ticks += sum(values) - sum(values[_IDLE_FIELDS])
        return ticks / os.sysconf("SC_CLK_TCK")
