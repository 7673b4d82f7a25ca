"""Map values to places on an axis, and find the round values that are worth a mark on it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

_STEPS = (1, 2, 2.5, 5, 10)
_SIXTIES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
_ONE_AND_A_BIT, _A_FEW = 1.15, 2.5
_AN_ORDER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis: its place from 0 to 1, and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis from `low` to `high`; logarithmic where `is_log`, and then `low` is positive."""

    low: float
    high: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value, from 0 to 1; what lies outside is put at the end."""
        if self.is_log:
            place = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0)


def from_zero(most: float, *, ticks: int = 4) -> tuple[Scale, list[float]]:
    """Return an even scale from 0 to a round value at or above `most`, and the values to mark."""
    step = _round_step(max(most, 1e-9) / ticks)
    count = max(1, math.ceil(most / step - 1e-9))
    return Scale(low=0.0, high=step * count), [step * n for n in range(count + 1)]


def logarithmic(least: float, most: float) -> tuple[Scale, list[float]]:
    """Return a logarithmic scale that holds both values, and the values to mark: as many as there is room for."""
    least = max(least, 1e-6)
    most = max(most, least * 1.05)
    scale = Scale(low=least, high=most, is_log=True)
    decades_wide = math.log10(most / least)
    factors = (1, 2, 5) if decades_wide < _ONE_AND_A_BIT else (1, 3) if decades_wide < _A_FEW else (1,)
    decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    values = [factor * 10.0**decade for decade in decades for factor in factors]
    marked = [value for value in values if least <= value * 1.0000001 and value <= most * 1.0000001]
    return scale, marked if len(marked) > 1 else _even(least, most)


def over_time(end_s: float, *, ticks: int = 6) -> tuple[Scale, list[float]]:
    """Return a scale from 0 to the end of a run, and times to mark that are round in seconds, minutes or hours."""
    end_s = max(end_s, 1.0)
    step = next((each for each in _SIXTIES if end_s / each <= ticks + 0.5), _SIXTIES[-1])
    return Scale(low=0.0, high=end_s), [float(step * n) for n in range(int(end_s / step + 1e-9) + 1)]


def marks(scale: Scale, values: list[float], label: Callable[[float], str]) -> tuple[Tick, ...]:
    """Return the marks of these values."""
    return tuple(Tick(at=scale.at(value), label=label(value)) for value in values)


def clock(value: float) -> str:
    """Return a time within a run: `0:30`, `1:05:00`."""
    whole = round(value)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _round_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(step * size for step in _STEPS if step * size >= rough * 0.999999)


def _even(least: float, most: float) -> list[float]:
    step = _round_step((most - least) / 3)
    first = math.ceil(least / step)
    return [step * n for n in range(first, first + _AN_ORDER) if step * n <= most * 1.0000001]
