"""How far chance reaches: intervals of quantiles and of their ratios, and whether failures became more."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

# A run has a dozen verdicts, and false ones are dear: one in a thousand by chance, not one in twenty.
_NORMAL = 3.3
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with the bounds between which it lies all but surely."""

    value: float
    least: float
    most: float


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, of which there is at least one."""
    return values[min(len(values) - 1, max(0, math.ceil(share * len(values)) - 1))]


def quantile_interval(values: Sequence[float], share: float) -> Interval:
    """Return a quantile and where it may lie, whatever the distribution: by the ranks that it may have."""
    found = sorted(values)
    half = _NORMAL * math.sqrt(len(found) * share * (1 - share))
    low, high = math.floor(len(found) * share - half) - 1, math.ceil(len(found) * share + half)
    return Interval(
        value=quantile(found, share),
        least=found[low] if low >= 0 else -math.inf,
        most=found[high] if high < len(found) else math.inf,
    )


def ratio_interval(above: Sequence[float], below: Sequence[float], share: float, *, seed: int) -> Interval:
    """Return the ratio of two samples' quantiles with its bootstrap interval (99 %)."""
    random = Random(seed)  # noqa: S311 - a resampling
    ratios = sorted(
        _resampled(above, share, random) / max(_resampled(below, share, random), 1e-9) for _ in range(_RESAMPLES)
    )
    value = quantile(sorted(above), share) / max(quantile(sorted(below), share), 1e-9)
    return Interval(value=value, least=quantile(ratios, 0.005), most=quantile(ratios, 0.995))


def chance_of_more(*, failed: int, among: int, failed_before: int, among_before: int) -> float:
    """Return how likely at least so many of the later ones fail by chance, if nothing had changed (Fisher's test)."""
    all_failed, everything = failed + failed_before, among + among_before
    whole = _log_choices(everything, among)
    return sum(
        math.exp(_log_choices(all_failed, k) + _log_choices(everything - all_failed, among - k) - whole)
        for k in range(failed, min(all_failed, among) + 1)
        if among - k <= everything - all_failed
    )


def _resampled(values: Sequence[float], share: float, random: Random) -> float:
    return quantile(sorted(random.choices(values, k=len(values))), share)


def _log_choices(among: int, chosen: int) -> float:
    return math.lgamma(among + 1) - math.lgamma(chosen + 1) - math.lgamma(among - chosen + 1)
