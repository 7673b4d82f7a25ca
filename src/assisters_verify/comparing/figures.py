"""Compare the figures of two load runs: a change counts where noise does not explain it, and where it is large."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from assisters_verify.comparing.clauses import Direction
from assisters_verify.comparing.intervals import (
    Distribution,
    block_draws,
    columns,
    design_effect,
    draws_of,
    interval,
)

CONFIDENCE = 0.95
_STATISTICS: dict[str, float | None] = {"mean": None, "p50": 0.5, "p95": 0.95, "p99": 0.99}
_MEASURES = ("ttft_s", "gap_s", "latency_s", "service_s", "queue_s", "tpot_s", "stream_tokens_per_s", "refusal_s")
_HIGHER_IS_BETTER = frozenset({"stream_tokens_per_s"})
# Beyond it, a quantile rests on a handful of values.
_FEWEST_BEYOND = 10
_SHARE_OF_ALL = 0.1
_SEED = 20_261_123
Row = list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """A figure that is made of sums over the seconds of a run."""

    name: str
    columns: tuple[str, ...]
    of: Callable[[Row], float]
    is_higher_better: bool
    is_share: bool = False


def _per_second(row: Row) -> float:
    return row[0]


def _share(row: Row) -> float:
    return row[0] / row[1] if row[1] else 0.0


_RATES = (
    _Rate(name="ok_per_s", columns=("ok",), of=_per_second, is_higher_better=True),
    _Rate(name="good_per_s", columns=("good",), of=_per_second, is_higher_better=True),
    _Rate(name="tokens_per_s", columns=("tokens",), of=_per_second, is_higher_better=True),
    _Rate(name="failed_share", columns=("failed", "finished"), of=_share, is_higher_better=False, is_share=True),
    _Rate(name="refused_share", columns=("refused", "finished"), of=_share, is_higher_better=False, is_share=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A figure of both runs, and what each might have been."""

    name: str
    old: float
    new: float
    old_draws: list[float]
    new_draws: list[float]
    is_higher_better: bool
    is_share: bool


def compare_figures(old: Mapping[str, Any], new: Mapping[str, Any], *, tolerance: float) -> list[dict[str, Any]]:
    """Return all figures that both runs have, each with the interval of its change.

    The confidence is that all intervals together hold, so that one of forty is not wrong by mere chance. A change that
    is smaller than `tolerance`, a share of the old figure, is none.
    """
    chance = Random(_SEED)  # noqa: S311 - the same comparison gives the same answer
    pairs = [*_measures(old, new, chance), *_rates(old, new, chance)]
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(pairs))
    return [_judge(pair, confidence=confidence, tolerance=tolerance) for pair in pairs]


def _measures(old: Mapping[str, Any], new: Mapping[str, Any], chance: Random) -> list[_Pair]:
    pairs = []
    for name in _MEASURES:
        one, other = (run["distributions"].get(name) for run in (old, new))
        if not one or not other:
            continue
        both = [(Distribution(each["us"], each["count"]), run) for each, run in ((one, old), (other, new))]
        sizes = [_size(name, distribution, run, chance) for distribution, run in both]
        for word, share in _STATISTICS.items():
            values = [run["measures"][name][word] for _, run in both]
            is_thin = share is not None and min(sizes) * min(share, 1 - share) < _FEWEST_BEYOND
            if is_thin or None in values:
                continue
            draws = [
                draws_of(each, share, size=size, chance=chance) for (each, _), size in zip(both, sizes, strict=True)
            ]
            pairs.append(
                _Pair(
                    name=f"{name}.{word}",
                    old=values[0],
                    new=values[1],
                    old_draws=draws[0],
                    new_draws=draws[1],
                    is_higher_better=name in _HIGHER_IS_BETTER,
                    is_share=False,
                )
            )
    return pairs


def _size(name: str, distribution: Distribution, run: Mapping[str, Any], chance: Random) -> float:
    """Return how many independent values a distribution is worth."""
    series = run["series"]
    column = "ttft" if name.startswith("ttft") else "latency"
    whole = run["distributions"].get(f"{column}_s")
    if whole is None or f"{column}_p50_s" not in series:
        return float(distribution.count)
    whole = Distribution(whole["us"], whole["count"])
    effect = design_effect(whole, series[f"{column}_p50_s"], series["finished"], chance=chance)
    # The many gaps of one stream are as fast as that stream is.
    return min(distribution.count, whole.count) / effect


def _rates(old: Mapping[str, Any], new: Mapping[str, Any], chance: Random) -> list[_Pair]:
    pairs = []
    for rate in _RATES:
        rows = [columns(run["series"], *rate.columns) for run in (old, new)]
        if not all(rows):
            continue
        figures = [rate.of([sum(column) / len(each) for column in zip(*each, strict=True)]) for each in rows]
        draws = [block_draws(each, rate.of, chance=chance) for each in rows]
        pairs.append(
            _Pair(
                name=rate.name,
                old=figures[0],
                new=figures[1],
                old_draws=draws[0],
                new_draws=draws[1],
                is_higher_better=rate.is_higher_better,
                is_share=rate.is_share,
            )
        )
    return pairs


def _judge(pair: _Pair, *, confidence: float, tolerance: float) -> dict[str, Any]:
    changes = [new - old for old, new in zip(pair.old_draws, pair.new_draws, strict=True)]
    least, most = interval(changes, confidence=confidence)
    # A share of failures may have been nothing before, so of it the tolerance is in requests: 5 in 1000 at 5 %.
    limit = tolerance * (_SHARE_OF_ALL if pair.is_share else abs(pair.old))
    is_real = not least <= 0 <= most and abs(pair.new - pair.old) > limit
    is_better = (pair.new > pair.old) == pair.is_higher_better
    return {
        "measure": pair.name,
        "old": pair.old,
        "new": pair.new,
        "change": pair.new - pair.old,
        "interval": [least, most],
        "direction": (Direction.BETTER if is_better else Direction.WORSE) if is_real else "same",
    }
