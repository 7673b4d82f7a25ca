"""Draw intervals of what figures might have been: by resampling histograms, and runs of seconds."""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from statistics import fmean, pvariance

_MILLION = 1_000_000
_REPEATS = 2_000
# What slows a server down, such as a pause of its garbage collector, lasts for some seconds.
_SHORTEST_BLOCK_S = 5
_FEWEST_BLOCKS = 4
# About where the intervals of forty figures end, so that together they hold with 95 %.
_Z = 3.0
_MEDIANS = 200


@dataclass(frozen=True, slots=True)
class Distribution:
    """A histogram as load.json has it."""

    us: Sequence[int]
    counts: Sequence[int]

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.counts)

    def sums(self) -> list[int]:
        """Return how many values lie in each bucket or below."""
        return list(accumulate(self.counts))

    def mean(self) -> float:
        """Return the mean in the unit of the measure."""
        return sum(us * count for us, count in zip(self.us, self.counts, strict=True)) / self.count / _MILLION

    def deviation(self) -> float:
        """Return the standard deviation in the unit of the measure."""
        mean = self.mean() * _MILLION
        squares = sum(count * (us - mean) ** 2 for us, count in zip(self.us, self.counts, strict=True))
        return math.sqrt(squares / self.count) / _MILLION


def draws_of(distribution: Distribution, share: float | None, *, size: float, chance: Random) -> list[float]:
    """Return what the quantile of this share, or the mean where it is None, might have been in a run of so many
    independent values."""
    size = max(size, 2.0)
    if share is None:
        mean, error = distribution.mean(), distribution.deviation() / math.sqrt(size)
        return [chance.gauss(mean, error) for _ in range(_REPEATS)]
    sums, total = distribution.sums(), distribution.count
    # The rank of a quantile in a resample: a Beta variate, as order statistics of uniform values are.
    ranks = (chance.betavariate(size * share + 0.5, size * (1 - share) + 0.5) for _ in range(_REPEATS))
    return [distribution.us[min(bisect_left(sums, rank * total), len(sums) - 1)] / _MILLION for rank in ranks]


def block_draws(
    seconds: Sequence[Sequence[float]], statistic: Callable[[list[float]], float], *, chance: Random
) -> list[float]:
    """Return what a statistic of the sums of some columns might have been, had the run's seconds come otherwise: drawn
    in blocks, since one slow second seldom comes alone. `seconds` has a row for each second."""
    size = block_size(len(seconds))
    starts = range(len(seconds) - size + 1)
    blocks = [[sum(column) for column in zip(*seconds[at : at + size], strict=True)] for at in starts]
    count = max(1, len(seconds) // size)
    drawn = (chance.choices(blocks, k=count) for _ in range(_REPEATS))
    found = [statistic([sum(column) / (count * size) for column in zip(*each, strict=True)]) for each in drawn]
    middle, factor = fmean(found), widening(len(seconds))
    return [middle + factor * (value - middle) for value in found]


def block_size(seconds: int) -> int:
    """Return how long a block is, in seconds: longer in longer runs, so that it outlasts what makes it slow, and such
    that there are at least a few of them."""
    return max(1, min(max(_SHORTEST_BLOCK_S, math.isqrt(seconds)), seconds // _FEWEST_BLOCKS))


def widening(seconds: int) -> float:
    """Return by what an interval is to be wider since a few blocks tell little of how much blocks differ: Student's t
    instead of the normal distribution, and the blocks' overlap, each of which is a part of the whole."""
    size = block_size(seconds)
    freedom = max(seconds / size - 1, _FEWEST_BLOCKS - 1)
    # Abramowitz and Stegun 26.7.5.
    t = (
        _Z
        + (_Z**3 + _Z) / (4 * freedom)
        + (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * freedom**2)
        + (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / (384 * freedom**3)
    )
    return t / _Z / math.sqrt(1 - min(size / seconds, 0.5))


def design_effect(
    distribution: Distribution, medians: Sequence[float | None], counts: Sequence[float], *, chance: Random
) -> float:
    """Return how many values of a run tell as much as one that is independent of all others: at least 1.

    The seconds' own medians vary more from block to block than they would, were all values drawn independently.
    """
    pairs = [(median, count) for median, count in zip(medians, counts, strict=True) if median is not None and count]
    size = block_size(len(pairs))
    if len(pairs) < _FEWEST_BLOCKS or not distribution.count:
        return 1.0
    blocks = [fmean(median for median, _ in pairs[at : at + size]) for at in range(len(pairs) - size + 1)]
    found = size * pvariance(blocks) * widening(len(pairs)) ** 2
    typical = max(1.0, fmean(count for _, count in pairs))
    alone = pvariance(draws_of(distribution, 0.5, size=typical, chance=chance)[:_MEDIANS])
    return max(1.0, found / alone) if alone > 0 else 1.0


def interval(draws: Sequence[float], *, confidence: float) -> tuple[float, float]:
    """Return the interval that holds this share of the draws."""
    ordered = sorted(draws)
    cut = round((1 - confidence) / 2 * len(ordered))
    return ordered[cut], ordered[-1 - cut]


def columns(series: Mapping[str, Sequence[float | None]], *names: str) -> list[tuple[float, ...]]:
    """Return rows of these columns of a series, zero where nothing was measured."""
    found = [[value or 0.0 for value in series.get(name, [0.0] * len(series["t_s"]))] for name in names]
    return list(zip(*found, strict=True))
