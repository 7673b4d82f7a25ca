"""How one generator process itself fared: whether the instrument could have been the limit."""

from typing import Any, Self

from assisters_verify.measures.histogram import Histogram

_SUMS = (
    *("cpu_s", "wall_s", "asked", "delivered", "capped", "involuntary_switches", "voluntary_switches"),
    *("others_cpu_s", "stalls", "stale_connections", "connections"),
)
_PEAKS = ("peak_memory_mb", "peak_streams", "peak_cpu_share")


class Health:
    """Lag and lateness as histograms, and figures by name.

    `asked` counts requests that were due, `delivered` those that were sent, `capped` those that a cap held back;
    `others_cpu_s` is what other processes took of the processors that this one may run on; `stalls` counts ticks of the
    process's own clock that came more than 20 ms late; `peak_cpu_share` is of the busiest second.
    """

    __slots__ = ("figures", "lag", "lateness", "machine", "receive_clock")

    def __init__(self) -> None:
        self.lag = Histogram()
        self.lateness = Histogram()
        self.figures = dict.fromkeys((*_SUMS, *_PEAKS), 0.0)
        self.machine = ""
        self.receive_clock = ""

    def merge(self, other: "Health") -> None:
        """Add what the same process tells of another part of the time."""
        self.lag.merge(other.lag)
        self.lateness.merge(other.lateness)
        for name in _SUMS:
            self.figures[name] += other.figures[name]
        for name in _PEAKS:
            self.figures[name] = max(self.figures[name], other.figures[name])
        self.machine = other.machine or self.machine
        self.receive_clock = other.receive_clock or self.receive_clock

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return {
            "lag": self.lag.to_wire(),
            "lateness": self.lateness.to_wire(),
            "figures": self.figures,
            "machine": self.machine,
            "receive_clock": self.receive_clock,
        }

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        health = cls()
        health.lag, health.lateness = Histogram.from_wire(value["lag"]), Histogram.from_wire(value["lateness"])
        health.figures.update(value["figures"])
        health.machine, health.receive_clock = value["machine"], value["receive_clock"]
        return health
