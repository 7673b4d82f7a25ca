"""report.html of a load run: one offline file without a script, to look at and to pass round."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from assisters_verify.content import content_root
from assisters_verify.reporting.inert import visible
from assisters_verify.reporting.load import figures, words
from assisters_verify.reporting.load.charts import Chart
from assisters_verify.reporting.load.distributions import Clock, refusal_chart, spread_chart
from assisters_verify.reporting.load.sentences import headline, load_asked_for
from assisters_verify.reporting.load.slowest import slow_views
from assisters_verify.reporting.load.time_lines import quantile_chart, rate_chart
from assisters_verify.reporting.page.charts import TIMELINE_WIDTH
from assisters_verify.reporting.templates import environment, inlined
from assisters_verify.settings.thresholds import STATISTICS

Document = Mapping[str, Any]
_LONGEST_BAR = 1.5
_TIGHT = "\N{NO-BREAK SPACE}"
_TIME_LINES = {"ttft": ("ttft_s", "Time to the first token"), "latency": ("latency_s", "Time to the whole answer")}
_SPREADS = {
    "ttft-spread": ("Time to the first token", ("ttft_s", "ttft_sent_s")),
    "gap-spread": ("Gap between tokens", ("gap_s",)),
    "latency-spread": ("Time to the whole answer", ("latency_s", "service_s")),
}
_CLOCKS = {"ttft_s": "from due", "latency_s": "from due", "ttft_sent_s": "from sent", "service_s": "from sent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One figure that stands large at the top."""

    name: str
    value: str
    more: str


def draw_page(document: Document) -> bytes:
    """Return report.html."""
    folder = content_root() / "reports" / "templates"
    environ = environment(folder)
    environ.filters |= {
        "s": figures.seconds,
        "n": figures.number,
        "share": figures.share,
        "of": lambda value, name: figures.of_measure(name, value),
        "named": words.of_threshold,
        "long": figures.long_time,
    }
    page = environ.get_template("load.html.jinja").render(
        load=document,
        headline=headline(document),
        asked=load_asked_for(document),
        tiles=list(_tiles(document)),
        time_lines=list(_time_lines(document)),
        spreads=list(_spreads(document)),
        refusals=_refusals(document),
        statuses=_statuses(document["requests"]["by_status"]),
        bars=[_bar(each) for each in document["thresholds"]],
        measures=_rows(document["measures"]),
        kinds={name: _rows(part["measures"]) for name, part in document["kinds"].items()},
        meanings=words.MEANINGS,
        statistics=STATISTICS,
        slowest=slow_views(document["slowest"]),
        timeline_width=TIMELINE_WIDTH,
        options=visible(_options(document)),
        style=inlined(folder / "report.css", folder / "load.css"),
    )
    return page.encode("utf-8")


def _tiles(document: Document) -> Iterator[Tile]:
    measures, rate, shares = document["measures"], document["rate"], document["shares"]
    if document["steps"]:
        tried = f"{len(document['steps'])} rates up to {figures.number(document['steps'][-1]['rate_per_s'])} tried"
        yield Tile(name="requests a second are held", value=figures.number(document["highest_rate_per_s"]), more=tried)
    yield Tile(
        name="answered a second",
        value=figures.number(rate["ok_per_s"]),
        more=f"{figures.number(document['requests']['ok'])} in {figures.long_time(document['duration_s'])}",
    )
    for name, title in (
        ("ttft_s", "first token, p95"),
        ("gap_s", "gap between tokens, p95"),
        ("latency_s", "whole answer, p95"),
    ):
        summary = measures.get(name)
        if summary and summary["count"]:
            more = ", ".join(f"{each} {figures.seconds(summary[each])}".replace(" ", _TIGHT) for each in ("p50", "p99"))
            yield Tile(name=title, value=figures.seconds(summary["p95"]), more=more)
    if rate.get("tokens_per_s"):
        yield Tile(
            name="tokens a second",
            value=figures.number(rate["tokens_per_s"]),
            more=f"{figures.number(document['tokens'])} in all",
        )
    yield Tile(name="without their answer", value=figures.share(shares["error_rate"]), more=_what_went_wrong(document))


def _what_went_wrong(document: Document) -> str:
    refused, failed = document["requests"]["refused"], document["requests"]["failed"]
    parts = [f"{refused:,} refused"] if refused else []
    parts += [f"{failed:,} failed"] if failed else []
    return ", ".join(parts) or "none refused, none failed"


def _time_lines(document: Document) -> Iterator[Chart]:
    series = document["series"]
    if not series["t_s"]:
        return
    yield rate_chart(series)
    for chart_id, (name, title) in _TIME_LINES.items():
        limits = {
            f"limit {each['measure'].rpartition('.')[2]}": each["limit"]
            for each in document["thresholds"]
            if each["measure"].rpartition(".")[0].endswith(name)
        }
        chart = quantile_chart(series, chart_id, title=title, limits=limits)
        if chart is not None:
            yield chart


def _spreads(document: Document) -> Iterator[Chart]:
    spread, measures = document["distributions"], document["measures"]
    for chart_id, (title, names) in _SPREADS.items():
        # Both clocks agree where nothing was ever due before it could be sent.
        there = [name for name in names if name in spread][: 2 if document["options"].get("rate_per_s") else 1]
        clocks = [Clock(distribution=spread[n], summary=measures[n], name=_CLOCKS.get(n, "all")) for n in there]
        chart = spread_chart(chart_id, title=title, clocks=clocks)
        if chart is not None:
            yield chart


def _refusals(document: Document) -> Chart | None:
    limit = document["rate_limit"]
    return refusal_chart(document["lanes"], limit["requests"] / limit["window_s"])


def _statuses(by_status: Mapping[str, int]) -> list[tuple[str, str, int, float, float]]:
    """Return word, class, count, place and width of each part of a bar that is 1000 wide."""
    found = sorted(((status, count) for status, count in by_status.items() if count), key=lambda each: -each[1])
    total = sum(count for _, count in found) or 1
    widths = [count * 1000 / total for _, count in found]
    starts = [0.0, *accumulate(widths)]
    return [
        (status, _status_class(status), count, start, width)
        for (status, count), start, width in zip(found, starts, widths, strict=False)
    ]


def _status_class(status: str) -> str:
    if status.startswith("2"):
        return "ok"
    return "refused" if status == "429" else "failed"


def _bar(threshold: Mapping[str, Any]) -> float:
    """Return how far the value goes on a bar whose middle is the limit, from 0 to 1000."""
    value, limit = threshold["value"], threshold["limit"]
    if value is None or not limit:
        return 1000.0 if value else 0.0
    return float(min(value / limit, _LONGEST_BAR) / _LONGEST_BAR * 1000)


def _rows(measures: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [
        (name, title, measures[name]) for name, title in words.MEASURES.items() if measures.get(name, {}).get("count")
    ]


def _options(document: Document) -> str:
    return "\n".join(f"{name}: {value}" for name, value in document["options"].items())
