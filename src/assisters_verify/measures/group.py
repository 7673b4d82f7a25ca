"""The figures of some requests: of one kind, or of all."""

from collections import Counter
from typing import Any, Self

from assisters_verify.measures.histogram import Histogram

# latency_s: from due (open loop) or sent (closed loop) to the last byte. service_s: from sent. queue_s: due to sent.
# ttft_s: from due or sent to the first content. ttft_sent_s: always from sent. gap_s: between contents.
# tpot_s: (last - first content) / (contents - 1). refusal_s: from sent to the last byte of a 429.
HISTOGRAMS = (
    *("latency_s", "service_s", "queue_s", "ttft_s", "ttft_sent_s", "gap_s", "tpot_s"),
    *("stream_tokens_per_s", "refusal_s"),
)
# `sent` counts tries, `failed` those that got neither an answer with 2xx nor a well-formed 429 (that is `refused`),
# `good` those that also held every limit that is set for a single request.
COUNTERS = ("sent", "ok", "refused", "failed", "retries", "good", "chunks", "tokens", "bytes_sent", "bytes_received")


class Group:
    """Histograms and counters by name, and how many requests ended with which status or problem."""

    __slots__ = ("by_status", "counters", "histograms")

    def __init__(self) -> None:
        self.histograms = {name: Histogram() for name in HISTOGRAMS}
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.by_status: Counter[str] = Counter()

    def merge(self, other: "Group") -> None:
        """Add the figures of other requests."""
        for name, histogram in other.histograms.items():
            self.histograms[name].merge(histogram)
        for name, count in other.counters.items():
            self.counters[name] += count
        self.by_status.update(other.by_status)

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        histograms = {name: each.to_wire() for name, each in self.histograms.items() if each.count}
        return {"histograms": histograms, "counters": self.counters, "by_status": dict(self.by_status)}

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        group = cls()
        for name, wire in value["histograms"].items():
            group.histograms[name] = Histogram.from_wire(wire)
        group.counters.update(value["counters"])
        group.by_status.update(value["by_status"])
        return group
