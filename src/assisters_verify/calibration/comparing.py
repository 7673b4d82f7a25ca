"""Compare what the generator says with what truly happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# The generator's measures that count from the moment of sending, and their names in the server's log. What passes
# between due and sent is the generator's own lateness, and stands apart.
_OF_STREAMS = {"ttft_sent_s": "ttft_s", "gap_s": "gap_s", "service_s": "latency_s"}
_OF_ANSWERS = {"service_s": "latency_s"}
_WORDS = {"ttft_sent_s": "first token", "gap_s": "gap", "service_s": "latency"}
# In seconds. What a figure of a load run may be wrong by: far less than any difference that somebody acts on.
_LIMITS = {"p50": 0.0002, "p99": 0.001}
_GAP_LIMITS = {"p50": 0.0002, "p99": 0.0005}
# Histograms have buckets, so that of long times only a share can be asked.
_RELATIVE = 0.001
_MOST_LATENESS_S = 0.001
_LEAST_DELIVERED = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One percentile of one measure, in seconds."""

    measure: str
    percentile: str
    said_s: float
    true_s: float
    limit_s: float

    @property
    def error_s(self) -> float:
        """How much more the generator says than was true."""
        return self.said_s - self.true_s

    @property
    def is_held(self) -> bool:
        """Whether the error is small enough."""
        return abs(self.error_s) <= self.limit_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The instrument's errors. `lateness_p99_s` is None in a closed loop, where nothing is due.

    `delivered_share` is of the load that was asked for: of the arrivals that were due, or of the time that users
    could have been waiting for answers. `uncounted` is how many answers the server gave and the generator did not
    count, or counted and the server did not give.
    """

    comparisons: tuple[Comparison, ...]
    lateness_p99_s: float | None
    delivered_share: float
    uncounted: int
    requests: int
    contents: int
    server_error_p99_s: float

    @property
    def is_good(self) -> bool:
        """Whether the instrument is good enough for this load."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """What is not good enough, in words."""
        return tuple(self._faults())

    def _faults(self) -> Iterator[str]:
        if not self.comparisons:
            yield "nothing was measured"
        for each in self.comparisons:
            if not each.is_held:
                error_ms, limit_ms = each.error_s * 1000, each.limit_s * 1000
                yield f"{each.measure} at {each.percentile} is {error_ms:+.3f} ms wrong, allowed are {limit_ms:.3f} ms"
        if self.lateness_p99_s is not None and self.lateness_p99_s > _MOST_LATENESS_S:
            yield f"requests are sent {self.lateness_p99_s * 1000:.3f} ms late at p99, allowed is 1 ms"
        if self.delivered_share < _LEAST_DELIVERED:
            yield f"{self.delivered_share:.1%} of the load is delivered, 99% are needed"
        if self.uncounted:
            yield f"{self.uncounted} answers were miscounted"


def compare(load: Mapping[str, Any], truth: Mapping[str, Any]) -> Calibration:
    """Return the errors of a run: its load.json beside the server's log of the same requests."""
    kind = "streaming" if "streaming" in truth["kinds"] else "chat"
    true = truth["kinds"].get(kind, {"requests": 0})
    return Calibration(
        comparisons=tuple(_comparisons(load["measures"], true, _OF_STREAMS if kind == "streaming" else _OF_ANSWERS)),
        lateness_p99_s=None if load["options"].get("users") else load["generator"]["lateness_p99_s"],
        delivered_share=_delivered(load, true),
        uncounted=abs(load["requests"]["ok"] - true["requests"]),
        requests=true["requests"],
        contents=truth["contents"],
        server_error_p99_s=truth["timer_error_s"]["p99"] or 0.0,
    )


def _comparisons(said: Mapping[str, Any], true: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Comparison]:
    for ours, theirs in names.items():
        for percentile, limit_s in (_GAP_LIMITS if ours == "gap_s" else _LIMITS).items():
            said_s = said.get(ours, {}).get(percentile)
            true_s = true.get(theirs, {}).get(percentile)
            if said_s is not None and true_s is not None:
                yield Comparison(
                    measure=_WORDS[ours],
                    percentile=percentile,
                    said_s=said_s,
                    true_s=true_s,
                    limit_s=max(limit_s, _RELATIVE * true_s),
                )


def _delivered(load: Mapping[str, Any], true: Mapping[str, Any]) -> float:
    users = load["options"].get("users")
    if users is None:
        return float(load["rate"].get("delivered_share") or 0.0)
    return min(1.0, float(true.get("under_way") or 0.0) / float(users))
