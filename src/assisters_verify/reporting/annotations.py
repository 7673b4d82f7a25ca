"""Draw annotations.txt: printed in a job of GitHub Actions, it marks what is broken on the run's own page."""

from collections.abc import Iterator, Sequence

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.findings import (
    Entry,
    Results,
    broken,
    by_reason,
    headline,
    telling,
    undecided,
    warnings,
)
from assisters_verify.reporting.inert import visible_line
from assisters_verify.reporting.repeat import repeat_command

# GitHub shows ten annotations of a kind for each step, and drops the rest in silence.
_MOST = 9
_LONGEST = 1_000


def draw_annotations(results: Results, _exchanges: Sequence[Exchange]) -> bytes:
    """Return annotations.txt: one workflow command a line."""
    kinds = {"error": broken(results), "warning": [*undecided(results), *warnings(results)]}
    lines = [line for kind, clauses in kinds.items() for line in _commands(kind, clauses, results)]
    lines.append(_command("notice", "assisters-verify", headline(results)))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _commands(kind: str, clauses: Sequence[Entry], results: Results) -> Iterator[str]:
    groups = by_reason(clauses)
    for group in groups[:_MOST]:
        first = group.clauses[0]
        told = telling(first)
        said = f"{told['reason'] or first['title']} (section {first['section']})"
        repeat = repeat_command(results, first["id"])
        title = f"{', '.join(group.ids)}: {group.verdict.replace('_', ' ')}"
        yield _command(kind, title, f"{visible_line(said, _LONGEST)}\n{repeat}")
    rest = [clause_id for group in groups[_MOST:] for clause_id in group.ids]
    if rest:
        yield _command(kind, f"and {len(rest)} more", ", ".join(rest))


def _command(kind: str, title: str, message: str) -> str:
    lines = [visible_line(line, 2 * _LONGEST) for line in message.splitlines()]
    return f"::{kind} title={_escaped(visible_line(title, 200), ':,')}::{_escaped(chr(10).join(lines))}"


def _escaped(text: str, more: str = "") -> str:
    """Return the text as GitHub's commands want it: what could end the line or the property is percent-coded."""
    for character in ("%", "\r", "\n", *more):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
