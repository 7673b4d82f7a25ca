"""Draw the kill matrix as a page."""

from collections.abc import Mapping, Sequence

from assisters_verify.catalogue import Catalogue
from assisters_verify.matrix.rules import BLAMED, catchers
from assisters_verify.matrix.trial import Aim, Finding
from assisters_verify.reference.faults.spills import SPILLS
from assisters_verify.reference.variations import Fault, Reading
from assisters_verify.verdicts import Verdict

_OPENING = """\
# Kill matrix

Who checks the checks? The reference server can break one promise at a time: each *fault* below is one broken promise,
and each must be caught by the clause that it breaks, and make no area fail that does not rest on it. A *reading* is a
choice that the documentation leaves open: none may be blamed, alone or with others. Made by
`assisters-verify spec matrix --out docs/kill-matrix.md`, not by hand."""


def draw_page(
    faults: Mapping[str, Fault],
    readings: Mapping[str, Reading],
    findings: Sequence[Finding],
    catalogue: Catalogue,
    spare: Mapping[str, str],
) -> str:
    """Return the page as Markdown: faults by area with the checks that caught them, and everything excepted."""
    kills = {finding.trial.faults[0]: finding for finding in findings if finding.trial.aim is Aim.KILL}
    lines = [_OPENING, "", _count(kills, findings)]
    for area in catalogue.areas:
        rows = sorted((name for name in kills if faults[name].area == area), key=lambda name: faults[name].clause)
        if rows:
            lines += [
                "",
                f"## {area}",
                "",
                "| clause | fault | what is broken | caught by |",
                "| --- | --- | --- | --- |",
            ]
            lines += [_row(faults[name], kills[name]) for name in rows]
    if any(finding.trial.aim is Aim.SPILL for finding in findings):
        lines += [
            "",
            "## Areas that fail along with a clause",
            "",
            *_head("broken", "fails too", "since"),
        ]
        lines += [f"| {', '.join(each.clauses)} | {', '.join(each.areas)} | {each.why} |" for each in SPILLS]
        alone = [(fault.name, area, why) for fault in faults.values() for area, why in fault.also.items()]
        lines += [f"| `{name}` | {area} | {why} |" for name, area, why in alone]
    tried = dict.fromkeys(name for finding in findings for name in finding.trial.readings)
    if tried:
        lines += ["", "## Readings", "", *_head("reading", "what the server does", "blamed by")]
        lines += [f"| `{name}` | {readings[name].title} | {_blamed_by(name, findings)} |" for name in sorted(tried)]
    lines += ["", "## Checks that no fault needs", "", *_head("check", "why it is kept")]
    lines += [f"| `{check}` | {why} |" for check, why in spare.items()]
    return "\n".join(lines) + "\n"


def _head(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]


def _row(fault: Fault, finding: Finding) -> str:
    names = [f"`{name.partition('::')[2]}`" for name in sorted(catchers(finding))]
    return f"| {fault.clause} | `{fault.name}` | {fault.title} | {', '.join(names) or '**nothing**'} |"


def _blamed_by(name: str, findings: Sequence[Finding]) -> str:
    """Return the clauses that failed each time a reading was tried: with others, or alone."""
    tried = [set(finding.clauses(*BLAMED)) for finding in findings if name in finding.trial.readings]
    return ", ".join(sorted(set.intersection(*tried))) or "nobody"


def _count(kills: Mapping[str, Finding], findings: Sequence[Finding]) -> str:
    caught = sum(bool(catchers(finding)) for finding in kills.values())
    tried = {name for finding in findings for name in finding.trial.readings}
    unblamed = sum(_blamed_by(name, findings) == "nobody" for name in tried)
    return (
        f"{caught} of {len(kills)} faults are caught by the clause that they break; "
        f"{unblamed} of {len(tried)} readings are blamed by nobody.{_decided(findings)}"
    )


def _decided(findings: Sequence[Finding]) -> str:
    """Return how much could be told of other areas: what rests on a broken clause waits for it."""
    spills = [finding for finding in findings if finding.trial.aim is Aim.SPILL]
    pairs = sum(len(finding.trial.faults) * len(finding.trial.clauses) for finding in spills)
    decided = pairs - sum(
        len(finding.trial.faults) * len(finding.clauses(Verdict.INCONCLUSIVE, Verdict.SKIPPED)) for finding in spills
    )
    if not spills:
        return ""
    return f" Of each fault and each clause that it must leave alone, {100 * decided // pairs} % were decided."
