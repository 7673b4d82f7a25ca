"""Say in a terminal, after a run, what is broken and how to look at it again."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from assisters_verify.reporting.findings import (
    Entry,
    Group,
    Results,
    broken,
    by_reason,
    complaints,
    headline,
    known,
    open_conventions,
    reason_beside,
    telling,
    undecided,
    warnings,
)
from assisters_verify.reporting.inert import defuse, visible_line
from assisters_verify.reporting.repeat import repeat_command
from assisters_verify.reporting.usual_causes import usual_causes
from assisters_verify.verdicts import Overall, Verdict

_NARROWEST, _WIDEST = 40, 160
_MOST_IN_FULL = 25
_MOST_IDS = 5
_LONGEST_LIST = 5000
_LABEL_WIDTH = 10
_COLOURS: dict[str, str] = {
    Overall.NONCONFORMANT: "red",
    Overall.INCOMPLETE: "yellow",
    Overall.CONFORMANT: "green",
    Verdict.FAIL: "red",
    Verdict.NOT_IMPLEMENTED: "red",
    Verdict.ERROR: "magenta",
    Verdict.WARN: "yellow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terminal:
    width: int
    is_coloured: bool

    def paint(self, text: str, word: str) -> str:
        colour = _COLOURS.get(word)
        return click.style(text, fg=colour, bold=True) if self.is_coloured else text

    def field(self, label: str, text: str, *, limit: int = 600) -> str:
        """Return a labelled text, wrapped and indented under its own beginning."""
        first = f"  {label:<{_LABEL_WIDTH}}"
        return textwrap.fill(
            visible_line(text, limit),
            width=self.width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_on_hyphens=False,
        )


def closing_summary(results: Results, *, report_dir: Path, width: int, is_coloured: bool = False) -> str:
    """Return what to print at the end of a run, without a line break at its end; `width` is in columns."""
    terminal = _Terminal(width=min(max(width, _NARROWEST), _WIDEST), is_coloured=is_coloured)
    blocks = [
        *_broken(results, terminal),
        *_known(results, terminal),
        *_undecided(results, terminal),
        *_warnings(results, terminal),
    ]
    blocks.append("\n".join(_end(results, report_dir, terminal)))
    # Last, and on whole lines: wrapping may have put a `::` at the start of one.
    return defuse("\n\n".join(blocks))


def _broken(results: Results, terminal: _Terminal) -> Iterator[str]:
    clauses = broken(results)
    if not clauses:
        return
    yield f"Broken promises ({len(clauses)})"
    groups, causes = by_reason(clauses), usual_causes()
    for group in groups[:_MOST_IN_FULL]:
        cause = next((causes[each] for each in group.ids if each in causes), "")
        yield "\n".join(_broken_group(group, results, terminal, cause=cause))
    rest = [clause_id for group in groups[_MOST_IN_FULL:] for clause_id in group.ids]
    if rest:
        yield terminal.field("and also", ", ".join(rest), limit=_LONGEST_LIST)


def _broken_group(group: Group, results: Results, terminal: _Terminal, *, cause: str) -> Iterator[str]:
    for clause in group.clauses:
        label = terminal.paint(_words(group.verdict), group.verdict)
        yield f"{label} {visible_line(clause['id'])} {visible_line(clause['title'])}"
    told = telling(group.clauses[0])
    place = "where" if told["expected"] else "reason"
    said = {"expected": told["expected"], "received": told["received"], place: reason_beside(told)}
    for label, text in said.items():
        if text:
            yield terminal.field(label, text)
    if cause:
        yield terminal.field("often", cause)
    yield terminal.field("see", _place(group.clauses[0]))
    yield f"  {'repeat':<{_LABEL_WIDTH}}{repeat_command(results, group.ids[0])}"


def _place(clause: Entry) -> str:
    evidence, check = clause["evidence"], telling(clause).get("check")
    parts = [f"section {clause['section']} ({clause['level']}, {clause['basis']})"]
    parts += [str(check)] if check else []
    parts += [f"exchanges {', '.join(evidence[:_MOST_IDS])}"] if evidence else []
    parts += [f"and {len(evidence) - _MOST_IDS} more"] if len(evidence) > _MOST_IDS else []
    return ", ".join(parts)


def _known(results: Results, terminal: _Terminal) -> Iterator[str]:
    clauses, wrong = known(results), complaints(results)
    if clauses:
        yield f"Known to fail ({len(clauses)})"
        yield "\n".join(
            terminal.field(clause["id"], f"until {listed['expires']}: {listed['reason']}")
            for clause in clauses
            for listed in [clause["known_failure"]]
        )
    if wrong:
        yield f"Wrong in the list of known failures ({len(wrong)})"
        yield "\n".join(terminal.field(terminal.paint("-", Verdict.FAIL), text) for text in wrong)


def _undecided(results: Results, terminal: _Terminal) -> Iterator[str]:
    for heading, clauses in {
        "Undecided": undecided(results),
        "Conventions left open": open_conventions(results),
    }.items():
        if clauses:
            yield f"{heading} ({len(clauses)})"
            yield "\n".join(_group_line(group, terminal) for group in by_reason(clauses))


def _group_line(group: Group, terminal: _Terminal) -> str:
    reason = visible_line(group.reason or "no reason was given", 600)
    text = f"{_words(group.verdict)}: {reason} ({visible_line(', '.join(group.ids), _LONGEST_LIST)})"
    return textwrap.fill(text, width=terminal.width, initial_indent="  ", subsequent_indent="    ")


def _warnings(results: Results, terminal: _Terminal) -> Iterator[str]:
    clauses = warnings(results)
    if clauses:
        yield f"Warnings ({len(clauses)})"
        yield "\n".join(_warning_line(clause, terminal) for clause in clauses)


def _warning_line(clause: Entry, terminal: _Terminal) -> str:
    text = f"{_words(clause['verdict'])} {clause['id']} {telling(clause)['reason'] or clause['title']}"
    line = visible_line(text, 1000)
    return f"  {line if len(line) <= terminal.width - 2 else line[: terminal.width - 3] + '…'}"


def _end(results: Results, report_dir: Path, terminal: _Terminal) -> Iterable[str]:
    if results["interrupted"]:
        yield terminal.field("ended", f"early: {results['interrupted']}")
    for leftover in results["leftovers"]:
        yield terminal.field("left over", leftover)
    verdict = terminal.paint(headline(results), results["verdict"])
    yield f"{verdict}. Report: {visible_line(str(report_dir / 'report.html'), 1000)}"


def _words(verdict: str) -> str:
    return verdict.replace("_", " ").upper()
