"""What happened in each second of the measured part."""

from typing import Any, Self

from assisters_verify.measures.histogram import COARSE, Histogram

COUNTS = ("offered", "sent", "finished", "ok", "refused", "failed", "good", "tokens", "chunks")


class Second:
    """Counts of one second, and the times of the requests that ended in it.

    `offered` counts by the moment at which requests were due, `sent` by that of sending, the rest by that of their end;
    `tokens` and `chunks` count as they came.
    """

    __slots__ = ("counts", "latency", "ttft")

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTS, 0)
        self.latency = Histogram(bits=COARSE)
        self.ttft = Histogram(bits=COARSE)

    def merge(self, other: "Second") -> None:
        """Add what happened elsewhere in the same second."""
        for name, count in other.counts.items():
            self.counts[name] += count
        self.latency.merge(other.latency)
        self.ttft.merge(other.ttft)

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return {"counts": self.counts, "latency": self.latency.to_wire(), "ttft": self.ttft.to_wire()}

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        second = cls()
        second.counts.update(value["counts"])
        second.latency = Histogram.from_wire(value["latency"])
        second.ttft = Histogram.from_wire(value["ttft"])
        return second
