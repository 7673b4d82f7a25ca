"""Charts over the time of a run: rates, and how long answers took."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from assisters_verify.reporting.load import figures
from assisters_verify.reporting.load.charts import Chart, Rule, Shape, band, line
from assisters_verify.reporting.load.scales import Scale, clock, from_zero, logarithmic, marks, over_time

Series = Mapping[str, Sequence[float | None]]
_MOST_POINTS = 240
# Beyond this ratio of the largest to the usual value an even axis would show the usual ones as a flat line.
_LOGARITHMIC_BEYOND = 12.0
_NEAR = 3.0


def rate_chart(series: Series) -> Chart:
    """Return what was due, answered, refused and failed in each second."""
    times, columns, each_s = _thinned(series, ("offered", "ok", "refused", "failed"), _mean)
    # After the measured part answers still come, but nothing is due any more.
    while columns["offered"] and not columns["offered"][-1]:
        columns["offered"].pop()
    ok = [value or 0.0 for value in columns["ok"]]
    with_refused = [a + (b or 0.0) for a, b in zip(ok, columns["refused"], strict=True)]
    all_ended = [a + (b or 0.0) for a, b in zip(with_refused, columns["failed"], strict=True)]
    is_refused, is_failed = with_refused != ok, all_ended != with_refused
    most = max([*all_ended, *(value or 0.0 for value in columns["offered"]), 1.0])
    x, x_values = over_time(_end(times, each_s))
    y, y_values = from_zero(most)
    zero = [0.0] * len(times)
    areas = [Shape(path=band(x, y, times, zero, ok), css="area ok", name="answered", is_filled=True)]
    if is_refused:
        path = band(x, y, times, ok, with_refused)
        areas.append(Shape(path=path, css="area refused", name="refused (429)", is_filled=True))
    if is_failed:
        path = band(x, y, times, with_refused, all_ended)
        areas.append(Shape(path=path, css="area failed", name="failed", is_filled=True))
    due = Shape(path=line(x, y, times[: len(columns["offered"])], columns["offered"]), css="line offered", name="due")
    return Chart(
        id="rate",
        title="Requests a second",
        description=f"At most {figures.number(most)} a second. " + _said_of(columns, each_s),
        x_ticks=marks(x, x_values, clock),
        y_ticks=marks(y, y_values, figures.number),
        shapes=(*areas, due) if columns["offered"] else tuple(areas),
        note=_note(each_s, "mean"),
    )


def quantile_chart(series: Series, name: str, *, title: str, limits: Mapping[str, float]) -> Chart | None:
    """Return p50, p95 and p99 of a measure in each second; None where it was never taken. `limits` are in seconds."""
    wanted = [f"{name}_{statistic}_s" for statistic in ("p50", "p95", "p99")]
    times, columns, each_s = _thinned(series, wanted, _worst)
    p50, p95, p99 = (columns[each] for each in wanted)
    there = [value for value in p99 if value is not None]
    if not there:
        return None
    x, x_values = over_time(_end(times, each_s))
    y, y_values = _scale_of([value for value in p50 if value is not None], there, list(limits.values()))
    shapes = (
        Shape(path=band(x, y, times, p50, p99), css="area spread", is_filled=True),
        Shape(path=line(x, y, times, p99), css="line p99", name="p99"),
        Shape(path=line(x, y, times, p95), css="line p95", name="p95"),
        Shape(path=line(x, y, times, p50), css="line p50", name="p50"),
    )
    rules = tuple(
        Rule(at=y.at(limit), label=f"{words} {figures.seconds(limit)}", css="rule limit")
        for words, limit in limits.items()
        if limit <= y.high
    )
    worst = max(there)
    return Chart(
        id=name,
        title=title,
        description=f"The highest p99 of a second is {figures.seconds(worst)}.",
        x_ticks=marks(x, x_values, clock),
        y_ticks=marks(y, y_values, figures.seconds),
        shapes=shapes,
        across=_apart(rules),
        note=f"{_note(each_s, 'the worst')}{' The axis is logarithmic.' if y.is_log else ''}".strip(),
    )


def _scale_of(usual: list[float], largest: list[float], limits: list[float]) -> tuple[Scale, list[float]]:
    most = max(largest)
    most = max([most, *(limit * 1.08 for limit in limits if limit <= most * _NEAR)])
    middle = sorted(usual)[len(usual) // 2] if usual else most
    if middle > 0 and most / middle > _LOGARITHMIC_BEYOND:
        return logarithmic(max(min(usual) * 0.8, 1e-5), most * 1.1)
    return from_zero(most)


def _apart(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Leave out rules that would lie on one another."""
    ordered = sorted(rules, key=lambda rule: rule.at)
    close = {id(later) for earlier, later in pairwise(ordered) if later.at - earlier.at < 0.06}  # noqa: PLR2004 - a line of text
    return tuple(rule for rule in ordered if id(rule) not in close)


def _thinned(
    series: Series, names: Sequence[str], join: Callable[[list[float]], float]
) -> tuple[list[float], dict[str, list[float | None]], int]:
    """Return times and columns of at most _MOST_POINTS points, and how many seconds each point stands for."""
    times = [float(value or 0.0) for value in series["t_s"]]
    each = max(1, -(-len(times) // _MOST_POINTS))
    columns: dict[str, list[float | None]] = {}
    for name in names:
        column = series.get(name, [None] * len(times))
        parts = (column[start : start + each] for start in range(0, len(column), each))
        columns[name] = [join(found) if (found := [v for v in part if v is not None]) else None for part in parts]
    return times[::each], columns, each


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _worst(values: list[float]) -> float:
    return max(values)


def _end(times: Sequence[float], each_s: int) -> float:
    return (times[-1] + (each_s if each_s > 1 else 0)) if times else 1.0


def _note(each_s: int, what: str) -> str:
    return f"Each point is {what} of {each_s} seconds." if each_s > 1 else ""


def _said_of(columns: Mapping[str, Sequence[float | None]], each_s: int) -> str:
    sums = {name: sum(value or 0.0 for value in columns[name]) * each_s for name in ("refused", "failed")}
    if not any(sums.values()):
        return "None was refused, none failed."
    return f"About {sums['refused']:,.0f} were refused and {sums['failed']:,.0f} failed."
