"""Draw the kill matrix as a page, and say where it breaks the rules that it is there for."""

from collections.abc import Iterator, Mapping, Sequence

from assisters_verify.catalogue import Catalogue
from assisters_verify.matrix.trial import Finding
from assisters_verify.reference.variations import Fault
from assisters_verify.verdicts import Level, Verdict

_CAUGHT = (Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.WARN)
_BLAMED = (Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.ERROR)


def caught_by(finding: Finding) -> tuple[str, ...]:
    """Return the clauses that caught a trial's fault, or warned of it."""
    return finding.clauses(*_CAUGHT)


def is_as_it_should_be(finding: Finding, faults: Mapping[str, Fault]) -> bool:
    """Tell whether every fault of a trial is caught by its clause, and no reading of it is blamed."""
    is_caught = all(faults[name].clause in caught_by(finding) for name in finding.trial.faults)
    return is_caught and not (finding.trial.readings and finding.clauses(*_BLAMED))


def problems(
    faults: Mapping[str, Fault], findings: Sequence[Finding], catalogue: Catalogue, areas: Sequence[str]
) -> Iterator[str]:
    """Yield each broken rule: a fault that gets past its clause, a reading that is blamed, a must without fault."""
    for finding in findings:
        for name in finding.trial.faults:
            if faults[name].clause not in caught_by(finding):
                yield f"fault {name} gets past {faults[name].clause}"
        if finding.trial.readings:
            for outcome in finding.outcomes:
                if outcome.verdict in _BLAMED:
                    yield f"reading {finding.trial.name} is blamed by {outcome.clause}: {outcome.reason[:200]}"
    broken = {fault.clause for fault in faults.values()}
    for clause in catalogue.select(areas=areas):
        if clause.level is Level.MUST and clause.untestable is None and clause.id not in broken:
            yield f"no fault breaks {clause.id}"


def draw_page(faults: Mapping[str, Fault], findings: Sequence[Finding], catalogue: Catalogue) -> str:
    """Return the page as Markdown: the faults of each area with the clause that caught them, then the readings."""
    by_fault = {name: finding for finding in findings for name in finding.trial.faults}
    readings = [finding for finding in findings if finding.trial.readings]
    lines = [
        "# Kill matrix",
        "",
        "Each fault of the reference server breaks one promise; each reading is a choice that the documentation leaves",
        "open. Made by `assisters-verify spec matrix`; not edited by hand.",
        "",
        _count(faults, by_fault, readings),
    ]
    for area in catalogue.areas:
        rows = [name for name in by_fault if faults[name].area == area]
        if rows:
            lines += ["", f"## {area}", "", "| clause | fault | what is broken | caught |", "| --- | --- | --- | --- |"]
            lines += [_row(faults[name], by_fault[name]) for name in sorted(rows, key=lambda row: faults[row].clause)]
    if readings:
        lines += ["", "## Readings", "", "| reading | blamed by |", "| --- | --- |"]
        lines += [
            f"| `{finding.trial.name}` | {', '.join(finding.clauses(*_BLAMED)) or 'nobody'} |" for finding in readings
        ]
    return "\n".join(lines) + "\n"


def _row(fault: Fault, finding: Finding) -> str:
    is_caught = fault.clause in caught_by(finding)
    return f"| {fault.clause} | `{fault.name}` | {fault.title} | {'yes' if is_caught else '**no**'} |"


def _count(faults: Mapping[str, Fault], by_fault: Mapping[str, Finding], readings: Sequence[Finding]) -> str:
    caught = sum(faults[name].clause in caught_by(finding) for name, finding in by_fault.items())
    unblamed = sum(not finding.clauses(*_BLAMED) for finding in readings)
    return (
        f"{caught} of {len(by_fault)} faults are caught by the clause that they break; "
        f"{unblamed} of {len(readings)} readings are blamed by nobody."
    )
