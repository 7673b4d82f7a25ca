"""What the matrix must show: every rule, and what breaks it."""

from collections.abc import Iterator, Mapping, Sequence

from assisters_verify.catalogue import Catalogue
from assisters_verify.matrix.trial import Aim, Finding
from assisters_verify.reference.variations import Fault
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Level, Verdict

CAUGHT = (Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.WARN)
BLAMED = (Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.ERROR)


def function_of(check: str) -> str:
    """Return a check's name without its parameters."""
    return check.partition("[")[0]


def catchers(finding: Finding) -> tuple[str, ...]:
    """Return the checks, without parameters, that caught a trial's fault or warned of it."""
    names = (function_of(outcome.check) for outcome in finding.outcomes if outcome.verdict in CAUGHT)
    return tuple(dict.fromkeys(names))


def blamed(finding: Finding) -> tuple[str, ...]:
    """Return the clauses that a group of readings, or of faults that must leave their areas alone, made fail."""
    return finding.clauses(*BLAMED)


def is_right(finding: Finding) -> bool:
    """Tell whether a trial shows what it should."""
    if finding.trial.aim is Aim.KILL:
        return bool(catchers(finding))
    return not blamed(finding)


def problems(
    faults: Mapping[str, Fault], findings: Sequence[Finding], catalogue: Catalogue, areas: Sequence[str]
) -> Iterator[str]:
    """Yield each broken rule: a fault that gets past its clause or makes another area fail, a reading that is blamed, a
    must without a fault."""
    for finding in findings:
        trial = finding.trial
        if trial.aim is Aim.KILL and not catchers(finding):
            yield f"fault {trial.faults[0]} gets past {faults[trial.faults[0]].clause}"
        elif trial.aim is not Aim.KILL:
            for clause in blamed(finding):
                yield f"{', '.join(trial.faults or trial.readings)}: {clause} is broken too: {_reason(finding, clause)}"
    broken = {fault.clause for fault in faults.values()}
    for promise in catalogue.select(areas=areas):
        if promise.level is Level.MUST and promise.untestable is None and promise.id not in broken:
            yield f"no fault breaks {promise.id}"


def needed_checks(findings: Sequence[Finding], planned: Sequence[Planned]) -> frozenset[str]:
    """Return the checks without which some fault would get past the clause that it breaks.

    A check that judges what the others saw needs one that provokes it: it does not make that one needless.
    """
    observers = {function_of(plan.name) for plan in planned if plan.declaration.is_last}
    needed = set()
    for finding in findings:
        if finding.trial.aim is Aim.KILL:
            caught = set(catchers(finding))
            active = caught - observers
            needed |= active or caught if len(active or caught) == 1 else set()
    return frozenset(needed)


def spare_problems(planned: Sequence[Planned], needed: frozenset[str], spare: Mapping[str, str]) -> Iterator[str]:
    """Yield each check that no fault needs and that is not listed, and each that is listed and needed, or not there."""
    known = dict.fromkeys(function_of(plan.name) for plan in planned)
    for check in known:
        if check not in needed and check not in spare:
            yield f"{check}: no fault is caught by it alone"
    for check in spare:
        if check not in known:
            yield f"{check} is listed as spare, but there is no such check"
        elif check in needed:
            yield f"{check} is listed as spare, but a fault is caught by it alone"


def _reason(finding: Finding, clause: str) -> str:
    return next(one.reason for one in finding.outcomes if one.clause == clause and one.verdict in BLAMED)[:200]
