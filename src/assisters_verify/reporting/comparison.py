"""Draw a comparison of two results: for a terminal, for a pull request, and for programs."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assisters_verify.comparing.clauses import Direction
from assisters_verify.reporting.inert import code_span, defuse, visible_line
from assisters_verify.reporting.results_file import as_json

Document = Mapping[str, Any]
_HEADINGS = {
    Direction.WORSE: "Worse",
    Direction.BETTER: "Better",
    Direction.CHANGED: "Otherwise",
    Direction.NEW: "New",
    Direction.GONE: "Gone",
}
_WIDTH = 100
_MOST_CHECKS = 5
_LONGEST = 300


def draw_comparison_text(document: Document) -> bytes:
    """Return a comparison as a terminal shows it."""
    blocks = ["\n".join(_sides(document)), *document["notes"]]
    for direction, heading in _HEADINGS.items():
        lines = list(_text_lines(document, direction))
        if lines:
            blocks.append("\n".join([f"{heading} ({document['counts'][direction]})", *lines]))
    if document["figures"]:
        blocks.append("\n".join(_figure_lines(document)))
    blocks.append(headline(document))
    return defuse("\n\n".join(blocks) + "\n").encode()


def draw_comparison_markdown(document: Document) -> bytes:
    """Return a comparison as a page for a pull request."""
    sign = "❌" if document["counts"][Direction.WORSE] else "✅"
    blocks = [f"# {sign} {headline(document)}", "\n".join(f"- {code_span(line)}" for line in _sides(document))]
    blocks += [code_span(note, limit=600) for note in document["notes"]]
    for direction, heading in _HEADINGS.items():
        lines = list(_markdown_lines(document, direction))
        if lines:
            blocks.append("\n".join([f"## {heading} ({document['counts'][direction]})", "", *lines]))
    if document["figures"]:
        blocks.append("\n".join(_figure_table(document)))
    return defuse("\n\n".join(blocks) + "\n").encode()


def draw_comparison_json(document: Document) -> bytes:
    """Return the comparison itself."""
    return as_json(document)


def headline(document: Document) -> str:
    """Return what a comparison found, in a line."""
    counts = document["counts"]
    words = [f"{counts[direction]} {_HEADINGS[direction].lower()}" for direction in _HEADINGS if counts[direction]]
    return ", ".join(words) or "nothing differs"


def _sides(document: Document) -> Iterator[str]:
    for name in ("old", "new"):
        side = document[name]
        facts = f"{side['verdict']}, {side['target']}, {side['started_at']}, suite {side['suite']}"
        yield visible_line(f"{name}: {facts}", _LONGEST)


def _text_lines(document: Document, direction: str) -> Iterator[str]:
    for entry in _of(document["clauses"], direction):
        yield f"  {visible_line(entry['id']):10} {_change(entry)}  {visible_line(entry['title'], _LONGEST)}"
        yield from (_wrapped(text) for text in _why(entry))
    for entry in _of(document["thresholds"], direction):
        yield f"  {_threshold(entry)}"
    for entry in _of(document["figures"], direction):
        yield f"  {_figure(entry)}"


def _markdown_lines(document: Document, direction: str) -> Iterator[str]:
    for entry in _of(document["clauses"], direction):
        yield f"- **{visible_line(entry['id'])}** {_change(entry)}: {code_span(entry['title'], limit=_LONGEST)}"
        yield from (f"  - {code_span(text, limit=_LONGEST)}" for text in _why(entry))
    for entry in _of(document["thresholds"], direction):
        yield f"- {code_span(_threshold(entry))}"
    for entry in _of(document["figures"], direction):
        yield f"- {code_span(_figure(entry))}"


def _change(entry: Document) -> str:
    sides = [entry[name] and _verdict(entry[name]) for name in ("old", "new")]
    return f"{sides[0] or 'not there'} → {sides[1] or 'not there'}"


def _verdict(side: Document) -> str:
    return f"{side['verdict'].replace('_', ' ')} ({side['level']})"


def _why(entry: Document) -> Iterator[str]:
    """Yield the reasons, and the checks that found otherwise."""
    for name in ("old", "new"):
        if entry[name] and entry[name]["reason"]:
            yield f"{name}: {entry[name]['reason']}"
    changed = entry["checks"]
    for check in changed[:_MOST_CHECKS]:
        yield f"{check['check']}: {check['old'] or 'not there'} → {check['new'] or 'not there'}"
    if len(changed) > _MOST_CHECKS:
        yield f"and {len(changed) - _MOST_CHECKS} more of its checks"


def _wrapped(text: str) -> str:
    return textwrap.fill(
        visible_line(text, _LONGEST), width=_WIDTH, initial_indent=" " * 13, subsequent_indent=" " * 15
    )


def _threshold(entry: Document) -> str:
    values = [_number(entry[name]) for name in ("old", "new")]
    return f"threshold {entry['measure']} of {_number(entry['limit'])}: {values[0]} → {values[1]}"


def _figure(entry: Document) -> str:
    least, most = entry["interval"]
    return (
        f"{entry['measure']}: {_number(entry['old'])} → {_number(entry['new'])}{_percent(entry)}, "
        f"change between {_number(least)} and {_number(most)}"
    )


def _figure_lines(document: Document) -> Iterator[str]:
    yield _figures_heading(document)
    for entry in document["figures"]:
        least, most = entry["interval"]
        yield (
            f"  {entry['measure']:24} {_number(entry['old']):>10} {_number(entry['new']):>10} {_percent(entry):>9}  "
            f"{_number(least):>10} to {_number(most):<10} {entry['direction']}"
        )


def _figure_table(document: Document) -> Iterator[str]:
    yield f"## Figures\n\n{_figures_heading(document)}\n"
    yield "| measure | old | new | change | interval of the change | |"
    yield "| --- | --: | --: | --: | --- | --- |"
    for entry in document["figures"]:
        least, most = (_number(end) for end in entry["interval"])
        cells = [entry["measure"], _number(entry["old"]), _number(entry["new"]), _percent(entry).strip()]
        yield f"| {' | '.join([*cells, f'{least} to {most}', entry['direction']])} |"


def _figures_heading(document: Document) -> str:
    return (
        f"Figures: old, new, and the interval of the change ({document['confidence']:.0%} confidence for all "
        f"together); changes within {document['tolerance']:.0%} count as none."
    )


def _percent(entry: Document) -> str:
    return f" ({entry['change'] / entry['old']:+.1%})" if entry["old"] else ""


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4g}"


def _of(entries: list[Document], direction: str) -> list[Document]:
    return [entry for entry in entries if entry["direction"] == direction]


COMPARISONS: dict[str, Callable[[Document], bytes]] = {
    "terminal": draw_comparison_text,
    "markdown": draw_comparison_markdown,
    "json": draw_comparison_json,
}
