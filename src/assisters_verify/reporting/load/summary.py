"""Draw summary.md of a load run, the page that CI systems show beside a job."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from assisters_verify.reporting.inert import code_span, defuse, visible
from assisters_verify.reporting.load import figures
from assisters_verify.reporting.load.sentences import headline, load_asked_for
from assisters_verify.reporting.load.words import MEASURES, of_threshold
from assisters_verify.settings.thresholds import STATISTICS

Document = Mapping[str, Any]
_SIGNS = {"pass": "\N{WHITE HEAVY CHECK MARK}", "fail": "\N{CROSS MARK}", "void": "\N{WARNING SIGN}"}
_MARKUP = re.compile(r"([\\`*_\[\]<>&~|@#]|:(?=\S))")
_SPACE = re.compile(r"\s+")
_MOST_STATUSES = 20


def draw_summary(document: Document) -> bytes:
    """Return summary.md."""
    parts = [*_head(document), *_thresholds(document), *_clauses(document), *_measures(document), *_requests(document)]
    return defuse("\n\n".join(parts) + "\n").encode("utf-8")


def _head(document: Document) -> Iterator[str]:
    yield f"# {_SIGNS[document['verdict']]} {headline(document)}"
    yield (
        f"{_prose(document['scenario'])} on {code_span(document['target']['base_url'])}, "
        f"{code_span(document['started_at'])}: {load_asked_for(document)}, "
        f"measured for {figures.long_time(document['duration_s'])}."
    )
    if document["steps"]:
        rows = [
            [
                _SIGNS[step["verdict"]],
                f"{figures.number(step['rate_per_s'])} a second",
                figures.seconds(step["figures"]["measures"]["latency_s"]["p95"]),
                figures.share(step["figures"]["shares"]["error_rate"]),
            ]
            for step in document["steps"]
        ]
        yield _table(["", "due", "whole answer, p95", "without their answer"], rows)
    generator = document["generator"]
    if generator["saturated"]:
        yield f"**Void: these figures are the generator's, not the target's.** {_prose(generator['sentence'])}"
        yield _prose(generator["advice"])
    for reason in document["reasons"]:
        yield f"**{_prose(reason)}**"
    for name, words in {"interrupted": "The run ended early:", "failure": "The generator failed:"}.items():
        if document[name]:
            yield f"**{words}** {code_span(document[name])}"
    if document["leftovers"]:
        yield "**Left behind on the target:**\n\n" + "\n".join(f"- {code_span(each)}" for each in document["leftovers"])


def _thresholds(document: Document) -> Iterator[str]:
    if document["thresholds"]:
        yield "## Thresholds"
        yield _table(
            ["", "measure", "value", "limit"],
            [
                [_SIGNS[each["verdict"]], of_threshold(each["measure"]), *_value_and_limit(each)]
                for each in document["thresholds"]
            ],
        )
    if document["thresholds_left_out"]:
        names = ", ".join(each["measure"] for each in document["thresholds_left_out"])
        yield f"Left out, since nothing of the kind was sent: {_prose(names)}."


def _value_and_limit(threshold: Mapping[str, Any]) -> list[str]:
    name = threshold["measure"]
    limit = f"{threshold['direction']} {figures.of_measure(name, threshold['limit'])}"
    return [figures.of_measure(name, threshold["value"]), limit]


def _clauses(document: Document) -> Iterator[str]:
    if document["clauses"]:
        yield "## Promises under load"
        rows = [
            [f"**{_prose(each['verdict'].replace('_', ' '))}**", each["id"], each["title"], each["reason"]]
            for each in document["clauses"]
        ]
        table = [[first, *(_prose(visible(cell)[:600]) for cell in rest)] for first, *rest in rows]
        yield _table(["verdict", "clause", "promise", "why"], table, is_ready=True)


def _measures(document: Document) -> Iterator[str]:
    shown = [(name, title) for name, title in MEASURES.items() if document["measures"].get(name, {}).get("count")]
    if shown:
        yield "## Measures"
        rows = [
            [title, *(figures.of_measure(name, document["measures"][name][each]) for each in STATISTICS)]
            for name, title in shown
        ]
        yield _table(["", *STATISTICS], rows)


def _requests(document: Document) -> Iterator[str]:
    requests = document["requests"]
    found = ", ".join(f"{status}: {count:,}" for status, count in list(requests["by_status"].items())[:_MOST_STATUSES])
    yield (
        f"{requests['sent']:,} requests sent ({_prose(found) or 'none ended'}), "
        f"{figures.number(document['rate']['achieved_per_s'])} finished a second. "
        f"{_prose(document['generator']['sentence'])}"
    )


def _table(head: list[str], rows: list[list[str]], *, is_ready: bool = False) -> str:
    lines = [head, ["---"] * len(head), *(row if is_ready else [_prose(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _prose(text: str) -> str:
    return _MARKUP.sub(r"\\\1", _SPACE.sub(" ", visible(text)))
