"""Charts of how values are spread: times of a measure on both clocks, and refusals against the load."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from assisters_verify.reporting.load import figures
from assisters_verify.reporting.load.charts import Chart, Dot, Rule, Shape, bars, line, outline
from assisters_verify.reporting.load.scales import Scale, from_zero, logarithmic, marks

Distribution = Mapping[str, Any]
_MOST_BARS = 56
_NARROWEST = 1.02
# Of distributions that do not say how fine they are.
_BITS = 7
# Of all values, how many may lie beyond each edge before the axis is drawn wider.
_LEFT_OUT_BELOW, _LEFT_OUT_ABOVE = 0.005, 0.0005
# A label is about so wide; from LABELS_END on it stands at the left of its line.
_LABEL_WIDTH, LABELS_END = 0.27, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One measure of a chart: its distribution and its summary, and how it is named in the legend."""

    distribution: Distribution
    summary: Mapping[str, float | None]
    name: str


def spread_chart(chart_id: str, *, title: str, clocks: Sequence[Clock]) -> Chart | None:
    """Return how the values of a measure are spread, in microseconds, on one clock or both; None where there are none.

    The first clock is drawn as bars with its quantiles, the second as a line.
    """
    shown = [clock for clock in clocks if clock.distribution["count"]]
    if not shown:
        return None
    first = shown[0]
    edges = _edges([clock.distribution for clock in shown])
    heights = [_shares(clock.distribution, edges) for clock in shown]
    x = Scale(low=edges[0], high=edges[-1], is_log=True)
    _, x_values = logarithmic(edges[0] / 1e6, edges[-1] / 1e6)
    y, y_values = from_zero(max(max(each) for each in heights), ticks=3)
    shapes = [Shape(path=bars(x, y, edges, heights[0]), css="area bars", name=first.name, is_filled=True)]
    shapes += [
        Shape(path=outline(x, y, edges, each), css="line other", name=clock.name)
        for clock, each in zip(shown[1:], heights[1:], strict=True)
    ]
    seconds = Scale(low=x.low / 1e6, high=x.high / 1e6, is_log=True)
    return Chart(
        id=chart_id,
        title=title,
        description=_told(first),
        x_ticks=marks(seconds, x_values, figures.seconds),
        y_ticks=marks(y, y_values, figures.share),
        shapes=tuple(shapes),
        upright=_quantiles(seconds, first.summary),
    )


def refusal_chart(lanes: Sequence[Mapping[str, Any]], limit_per_s: float) -> Chart | None:
    """Return the share of 429s against the load on each key, beside what a limit that is kept would give."""
    offered = [lane["offered_per_s"] / limit_per_s for lane in lanes]
    if not offered:
        return None
    x, x_values = from_zero(max(*offered, 1.0) * 1.05, ticks=5)
    y, y_values = from_zero(1.0, ticks=4)
    steps = [x.high * n / 100 for n in range(101)]
    promised = [max(0.0, 1 - 1 / step) if step else 0.0 for step in steps]
    dots = tuple(
        Dot(
            x=x.at(load),
            y=1 - y.at(lane["refused_share"]),
            css="dot",
            label=f"{lane['name']}: {figures.three_digits(load)} times the limit offered, "
            f"{figures.share(lane['refused_share'])} refused",
        )
        for lane, load in zip(lanes, offered, strict=True)
    )
    return Chart(
        id="refusals",
        title="Refused (429) against the load on a key",
        description="; ".join(dot.label for dot in dots[:8]) + ".",
        x_ticks=marks(x, x_values, lambda value: f"{figures.three_digits(value)}\N{MULTIPLICATION SIGN}"),
        y_ticks=marks(y, y_values, figures.share),
        shapes=(Shape(path=line(x, y, steps, promised), css="line promised", name="a limit kept exactly"),),
        dots=dots,
        x_name="load on a key, as a multiple of its rate limit",
        legend=(("dot", "measured"),),
    )


def _edges(distributions: Sequence[Distribution]) -> list[float]:
    """Return edges at even ratios that hold all but the few smallest and largest values."""
    low = min(_end(each["us"], each["count"], _LEFT_OUT_BELOW) for each in distributions)
    high = max(_end(each["us"][::-1], each["count"][::-1], _LEFT_OUT_ABOVE) * _NARROWEST for each in distributions)
    low, high = max(low, 1), max(high, low * 1.2, 2)
    count = max(4, min(_MOST_BARS, int(math.log(high / low) / math.log(_NARROWEST))))
    ratio = (high / low) ** (1 / count)
    return [low * ratio**n for n in range(count + 1)]


def _end(values: Sequence[int], counts: Sequence[int], left_out: float) -> int:
    """Return the first value that is not one of the few that are left out."""
    left = sum(counts) * left_out
    for value, count in zip(values, counts, strict=True):
        left -= count
        if left < 0:
            return value
    return values[-1]


def _shares(distribution: Distribution, edges: Sequence[float]) -> list[float]:
    """Return the share of all values between each two edges. A bucket's values are spread evenly over its width."""
    counts = [0.0] * (len(edges) - 1)
    place, bits = 0, distribution.get("bits", _BITS)
    for low, count in zip(distribution["us"], distribution["count"], strict=True):
        high = low + _width(low, bits)
        if high <= edges[0]:
            continue
        while place < len(counts) - 1 and edges[place + 1] <= low:
            place += 1
        at = place
        while at < len(counts) and edges[at] < high:
            counts[at] += count * max(min(high, edges[at + 1]) - max(low, edges[at]), 0.0) / (high - low)
            at += 1
    total = sum(distribution["count"])
    return [count / total for count in counts]


def _width(low: int, bits: int) -> int:
    return 1 << max(0, low.bit_length() - bits - 1)


def _quantiles(x: Scale, summary: Mapping[str, float | None]) -> tuple[Rule, ...]:
    found = [(name, summary[name]) for name in ("p50", "p95", "p99")]
    rules = [
        Rule(at=x.at(value), label=f"{name} {figures.seconds(value)}", css="rule quantile", row=row)
        for row, (name, value) in enumerate(found)
        if value is not None
    ]
    # Where there is room, all stand in one row.
    spans = [(at - _LABEL_WIDTH, at) if at > LABELS_END else (at, at + _LABEL_WIDTH) for at in (r.at for r in rules)]
    is_roomy = all(later[0] > earlier[1] for earlier, later in pairwise(spans))
    return tuple(replace(rule, row=0) for rule in rules) if is_roomy else tuple(rules)


def _told(clock: Clock) -> str:
    told = ", ".join(f"{name} {figures.seconds(clock.summary[name])}" for name in ("p50", "p95", "p99", "max"))
    return f"{figures.number(clock.summary['count'])} values {clock.name}: {told}.".replace("  ", " ")
