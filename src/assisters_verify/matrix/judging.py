"""Run the whole matrix, and judge it by its rules."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from assisters_verify.catalogue import Catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.page import draw_page
from assisters_verify.matrix.plan import plan_kills, plan_readings, plan_spills, split
from assisters_verify.matrix.rules import blamed, is_right, needed_checks, problems, spare_problems
from assisters_verify.matrix.running import run_trials
from assisters_verify.matrix.trial import Aim, Finding, Trial
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.readings import READINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What became of the matrix: its page, and every rule that is broken."""

    page: str
    problems: tuple[str, ...]
    trials: int
    requests: int


def run_matrix(catalogue: Catalogue, areas: Sequence[str], *, processes: int, is_kills: bool, seed: int) -> Matrix:
    """Try the faults of these areas and, unless only kills are asked for, what else they break, and the readings."""
    trials = plan_kills(catalogue, areas)
    if not is_kills:
        trials += [*plan_spills(catalogue, areas), *plan_readings(catalogue, areas, seed=seed)]
    found = _run(trials, catalogue, processes)
    planned = [plan for plan in collect_checks(catalogue) if catalogue[plan.declaration.clause].area in areas]
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


def _run(trials: Sequence[Trial], catalogue: Catalogue, processes: int) -> list[Finding]:
    """Run trials; what is not as it should be is tried again with nothing beside it, groups one by one.

    On a busy machine a trial may miss its time.
    """
    found = {finding.trial.name: finding for finding in run_trials(trials, processes=processes)}
    wrong = [finding for finding in found.values() if not is_right(finding, FAULTS, catalogue)]
    again: list[Trial] = []
    for finding in wrong:
        if finding.trial.aim is Aim.KILL:
            again.append(finding.trial)
        else:
            del found[finding.trial.name]
            again += split(finding.trial, blamed(finding, FAULTS, catalogue))
    found |= {finding.trial.name: finding for finding in run_trials(again, processes=processes, is_alone=True)}
    return [found[name] for name in sorted(found)]
