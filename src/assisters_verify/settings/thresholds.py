"""Thresholds of a load run: which measures there are, and which way each is to be held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assisters_verify.settings.errors import unknown_word

STATISTICS = ("mean", "p50", "p90", "p95", "p99", "max")
# Times of which each request has one, so that a limit on them tells a good request from another.
TIMES_OF_A_REQUEST = ("latency_s", "service_s", "queue_s", "ttft_s", "ttft_sent_s", "tpot_s")
KINDS = ("chat", "streaming", "embeddings", "embeddings_batch", "tools", "models")


class Direction(StrEnum):
    """Whether a measure is good when it is small or when it is large."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


# Measures that are distributions: a threshold names one of STATISTICS of them.
DISTRIBUTIONS: dict[str, Direction] = {
    **dict.fromkeys((*TIMES_OF_A_REQUEST, "gap_s", "refusal_s"), Direction.AT_MOST),
    "stream_tokens_per_s": Direction.AT_LEAST,
}
# Measures that are one number.
NUMBERS: dict[str, Direction] = {
    "error_rate": Direction.AT_MOST,
    "failure_rate": Direction.AT_MOST,
    "refused_rate": Direction.AT_MOST,
    "goodput": Direction.AT_LEAST,
    "achieved_per_s": Direction.AT_LEAST,
    "ok_per_s": Direction.AT_LEAST,
    "tokens_per_s": Direction.AT_LEAST,
    "delivered_share": Direction.AT_LEAST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One limit. `measure` is its dotted name, as in `ttft_s.p95`; `kind` keeps it to one kind of request, or is ""."""

    measure: str
    limit: float
    kind: str = ""

    @property
    def name(self) -> str:
        """The measure with its kind, as it stands in the reports."""
        return f"{self.kind}.{self.measure}" if self.kind else self.measure

    @property
    def direction(self) -> Direction:
        """Which way the limit is to be held."""
        head = self.measure.partition(".")[0]
        return DISTRIBUTIONS[head] if head in DISTRIBUTIONS else NUMBERS[head]

    def is_held(self, value: float) -> bool:
        """Tell whether this value holds the limit."""
        return value <= self.limit if self.direction is Direction.AT_MOST else value >= self.limit


def read_thresholds(value: Mapping[str, Any]) -> tuple[Threshold, ...]:
    """Return the thresholds of a profile: `{ttft_s: {p95: 0.8}, error_rate: 0.01, streaming: {gap_s: {p99: 0.1}}}`.

    Raises ValueError where a name is unknown or a limit is no number.
    """
    found: list[Threshold] = []
    for name, part in value.items():
        if name in KINDS:
            found += _of_kind(name, part)
        else:
            found += _of_measure(name, part)
    return tuple(found)


def _of_kind(kind: str, part: Any) -> Iterator[Threshold]:
    if not isinstance(part, Mapping):
        raise ValueError(f"`{kind}` should hold measures with their limits")  # noqa: TRY004 - pydantic collects ValueError
    for name, limits in part.items():
        yield from _of_measure(name, limits, kind=kind)


def _of_measure(name: Any, part: Any, *, kind: str = "") -> Iterator[Threshold]:
    if name in NUMBERS:
        yield Threshold(measure=name, limit=_limit(name, part), kind=kind)
    elif name in DISTRIBUTIONS:
        if not isinstance(part, Mapping):
            raise ValueError(f"`{name}` should say which of {', '.join(STATISTICS)}, as in `{name}: {{p95: 0.8}}`")
        for statistic, limit in part.items():
            if statistic not in STATISTICS:
                raise ValueError(f"`{name}` has {', '.join(STATISTICS)}, and nothing else that can be limited")
            yield Threshold(measure=f"{name}.{statistic}", limit=_limit(name, limit), kind=kind)
    else:
        known = (*DISTRIBUTIONS, *NUMBERS, *(() if kind else KINDS))
        raise ValueError(f"there is no measure {unknown_word(str(name), known)}")


def _limit(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError(f"the limit of `{name}` should be a number that is not negative")
    return float(value)
