"""What a chart of the page is made of; the template draws it as inline SVG that scales with the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assisters_verify.reporting.load.scales import Scale, Tick

# Paths are drawn in a box of this size, which is stretched over the chart; text and dots are placed in per cent.
BOX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A line, or an area where `is_filled`. `name` stands in the legend, where it is not empty."""

    path: str
    css: str
    name: str = ""
    is_filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A straight line across the chart with words beside it; `row` keeps the words of neighbours apart."""

    at: float
    label: str
    css: str = "rule"
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point, with what it says when it is pointed at."""

    x: float
    y: float
    css: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart. `id` is unique in the page; `description` tells in words what the chart shows."""

    id: str
    title: str
    description: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    shapes: tuple[Shape, ...] = ()
    across: tuple[Rule, ...] = ()
    upright: tuple[Rule, ...] = ()
    dots: tuple[Dot, ...] = ()
    x_name: str = ""
    note: str = ""
    legend: tuple[tuple[str, str], ...] = field(default=())

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the legend says: class and name of each shape that has one."""
        return (*((shape.css, shape.name) for shape in self.shapes if shape.name), *self.legend)


Values = Sequence[float | None]


def line(x: Scale, y: Scale, times: Sequence[float], values: Values) -> str:
    """Return the path of a line; where a value is missing the line breaks, and a lone point is a short dash."""
    pieces = []
    for run in _runs(times, values):
        points = [(_x(x, time), _y(y, value)) for time, value in run]
        if len(points) == 1:
            left, top = points[0]
            pieces.append(f"M{_n(left - 2)} {_n(top)}H{_n(left + 2)}")
        else:
            pieces.append("M" + "L".join(f"{_n(left)} {_n(top)}" for left, top in points))
    return "".join(pieces)


def band(x: Scale, y: Scale, times: Sequence[float], lower: Values, upper: Values) -> str:
    """Return the path of the area between two lines, which miss the same values."""
    low_runs, high_runs = _runs(times, lower), _runs(times, upper)
    pieces = []
    for low, high in zip(low_runs, high_runs, strict=False):
        there = [f"{_n(_x(x, time))} {_n(_y(y, value))}" for time, value in high]
        back = [f"{_n(_x(x, time))} {_n(_y(y, value))}" for time, value in reversed(low)]
        pieces.append("M" + "L".join([*there, *back]) + "Z")
    return "".join(pieces)


def bars(x: Scale, y: Scale, edges: Sequence[float], heights: Sequence[float]) -> str:
    """Return the path of bars that stand side by side between these edges."""
    pieces = []
    for (left, right), height in zip(pairwise(edges), heights, strict=True):
        if height > 0:
            start, end = _x(x, left), _x(x, right)
            gap = min(1.5, (end - start) * 0.15)
            pieces.append(f"M{_n(start + gap)} {BOX}V{_n(_y(y, height))}H{_n(end - gap)}V{BOX}Z")
    return "".join(pieces)


def outline(x: Scale, y: Scale, edges: Sequence[float], heights: Sequence[float]) -> str:
    """Return the path of the upper edge of such bars."""
    pieces = [f"M{_n(_x(x, edges[0]))} {BOX}"]
    for right, height in zip(edges[1:], heights, strict=True):
        pieces.append(f"V{_n(_y(y, height))}H{_n(_x(x, right))}")
    return "".join(pieces) + f"V{BOX}"


def _runs(times: Sequence[float], values: Values) -> list[list[tuple[float, float]]]:
    return [run for run in _split(times, values) if run]


def _split(times: Sequence[float], values: Values) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for time, value in zip(times, values, strict=True):
        if value is None:
            yield run
            run = []
        else:
            run.append((time, value))
    yield run


def _x(scale: Scale, value: float) -> float:
    return scale.at(value) * BOX


def _y(scale: Scale, value: float) -> float:
    return (1 - scale.at(value)) * BOX


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
