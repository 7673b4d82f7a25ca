"""Run the whole matrix, and judge it by its rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml

from assisters_verify.catalogue import Catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.page import draw_page
from assisters_verify.matrix.plan import plan_kills, plan_readings, plan_spills, roots_of, split
from assisters_verify.matrix.rules import blamed, is_right, needed_checks, problems, spare_problems
from assisters_verify.matrix.running import run_trials
from assisters_verify.matrix.trial import Finding, Trial
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.readings import READINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What became of the matrix: its page, and every rule that is broken."""

    page: str
    problems: tuple[str, ...]
    trials: int
    requests: int


def run_matrix(
    catalogue: Catalogue,
    areas: Sequence[str],
    *,
    processes: int,
    is_kills: bool,
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
) -> Matrix:
    """Try the faults of these areas and, unless only kills are asked for, what else they break, and the readings.

    `tell` hears what is about to be tried.
    """
    checks = collect_checks(catalogue)
    trials = plan_kills(catalogue, areas)
    if not is_kills:
        trials += plan_spills(catalogue, areas, roots_of(checks))
        trials += plan_readings(catalogue, areas, seed=seed)
    found = track_down(trials, processes=processes, tell=tell)
    planned = [plan for plan in checks if catalogue[plan.declaration.clause].area in areas]
    spare = {
        check: why
        for check, why in yaml.safe_load((content_root() / "spec" / "spare-checks.yaml").read_text("utf-8")).items()
        if set(areas) == set(catalogue.areas) or any(plan.name.startswith(check) for plan in planned)
    }
    broken = [
        *problems(FAULTS, found, catalogue, areas),
        *spare_problems(planned, needed_checks(found, planned), spare),
    ]
    return Matrix(
        page=draw_page(FAULTS, READINGS, found, catalogue, spare),
        problems=tuple(broken),
        trials=len(found),
        requests=sum(finding.requests for finding in found),
    )


def track_down(
    trials: Sequence[Trial], *, processes: int, tell: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """Run trials. Of a group that is not as it should be, smaller and smaller parts are tried; what is wrong alone, or
    gets past its clause, is tried once more with nothing beside it: on a busy machine a trial may miss its time."""
    found: list[Finding] = []
    wrong_alone: list[Trial] = []
    tell(f"{len(trials)} trials")
    while trials:
        findings = run_trials(trials, processes=processes)
        trials = []
        for finding in findings:
            parts = [] if is_right(finding) else split(finding.trial, blamed(finding))
            if parts:
                trials += parts
            elif is_right(finding):
                found.append(finding)
            else:
                wrong_alone.append(finding.trial)
        tell(f"{len(trials)} parts of groups that showed something, {len(wrong_alone)} to be tried alone")
    found += run_trials(wrong_alone, processes=processes, is_alone=True)
    return sorted(found, key=lambda finding: finding.trial.name)
