"""Say in a terminal what a load run found: thresholds, promises, the figures, and whether to believe them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from assisters_verify.reporting.inert import defuse, visible_line
from assisters_verify.reporting.load import figures
from assisters_verify.reporting.load.sentences import headline, threshold_line
from assisters_verify.reporting.load.words import MEASURES, of_threshold
from assisters_verify.verdicts import Verdict

Document = Mapping[str, Any]
_COLOURS = {"pass": "green", "fail": "red", "void": "yellow", Verdict.ERROR: "magenta", Verdict.INCONCLUSIVE: "yellow"}
_SHOWN = ("p50", "p95", "p99", "max")
_MOST_STATUSES = 12


def closing_lines(document: Document, *, report_dir: Path, is_coloured: bool = False) -> str:
    """Return what to print at the end of a run, without a line break at its end."""
    blocks = [
        "\n".join(part)
        for part in (
            list(_measures(document)),
            list(_steps(document, is_coloured=is_coloured)),
            list(_thresholds(document, is_coloured=is_coloured)),
            list(_clauses(document, is_coloured=is_coloured)),
            list(_end(document, report_dir, is_coloured=is_coloured)),
        )
        if part
    ]
    return defuse("\n\n".join(blocks))


def _measures(document: Document) -> Iterator[str]:
    shown = [(name, title) for name, title in MEASURES.items() if document["measures"].get(name, {}).get("count")]
    if shown:
        yield f"{'':32}" + "".join(f"{each:>11}" for each in _SHOWN)
    for name, title in shown:
        values = document["measures"][name]
        yield f"{title:32}" + "".join(f"{figures.of_measure(name, values[each]):>11}" for each in _SHOWN)
    requests = document["requests"]
    found = ", ".join(f"{status}: {count:,}" for status, count in list(requests["by_status"].items())[:_MOST_STATUSES])
    rate = document["rate"]
    yield visible_line(
        f"{'Requests':32}  {requests['sent']:,} sent ({found or 'none ended'}), "
        f"{figures.number(rate['achieved_per_s'])} a second"
        + (f", {figures.number(rate['tokens_per_s'])} tokens a second" if document["tokens"] else ""),
        600,
    )


def _steps(document: Document, *, is_coloured: bool) -> Iterator[str]:
    for step in document["steps"]:
        word = "held" if step["verdict"] == "pass" else "NOT HELD"
        part = step["figures"]
        yield _painted(f"{word:9}", step["verdict"], is_coloured=is_coloured) + (
            f"{figures.number(step['rate_per_s']):>7} a second: {figures.number(part['rate']['ok_per_s'])} answered, "
            f"whole answer p95 {figures.seconds(part['measures']['latency_s']['p95'])}, "
            f"{figures.share(part['shares']['error_rate'])} without their answer"
        )


def _thresholds(document: Document, *, is_coloured: bool) -> Iterator[str]:
    for each in document["thresholds"]:
        word = "held" if each["verdict"] == "pass" else "NOT HELD"
        reason = f" ({each['reason']})" if each["reason"] else ""
        yield _painted(f"{word:9}", each["verdict"], is_coloured=is_coloured) + (
            f"{of_threshold(each['measure'])}: {threshold_line(each)}{reason}"
        )


def _clauses(document: Document, *, is_coloured: bool) -> Iterator[str]:
    for each in document["clauses"]:
        word = each["verdict"].replace("_", " ")
        word = word if each["verdict"] == Verdict.PASS else word.upper()
        reason = f": {each['reason']}" if each["reason"] and each["verdict"] != Verdict.PASS else ""
        line = visible_line(f"{each['id']} {each['title']}{reason}", 900)
        yield _painted(f"{word:15}", each["verdict"], is_coloured=is_coloured) + line


def _end(document: Document, report_dir: Path, *, is_coloured: bool) -> Iterator[str]:
    for reason in document["reasons"]:
        yield visible_line(reason, 600)
    if document["interrupted"]:
        yield visible_line(f"Ended early: {document['interrupted']}", 600)
    for leftover in document["leftovers"]:
        yield visible_line(f"Left over: {leftover}", 600)
    generator = document["generator"]
    if generator["saturated"]:
        yield visible_line(generator["sentence"], 900)
        yield visible_line(generator["advice"], 900)
    verdict = _painted(headline(document), document["verdict"], is_coloured=is_coloured)
    yield f"{verdict}. Report: {visible_line(str(report_dir / 'report.html'), 1000)}"


def _painted(text: str, word: str, *, is_coloured: bool) -> str:
    return click.style(text, fg=_COLOURS.get(word, "red"), bold=True) if is_coloured else text
