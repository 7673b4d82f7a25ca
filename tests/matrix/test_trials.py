"""Trials, as the matrix runs them: faults that only it shows are caught, and readings in any company are not blamed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.plan import plan_kills
from assisters_verify.matrix.rules import BLAMED, catchers
from assisters_verify.matrix.running import run_trials
from assisters_verify.matrix.trial import Aim, Trial, run_trial
from assisters_verify.planning import with_needs
from assisters_verify.reference.faults import corners
from assisters_verify.reference.readings import READINGS
from assisters_verify.scheduler import Planned

CATALOGUE = load_catalogue(content_root() / "spec" / "clauses.yaml")
# Cheap to run, and between them they meet what most readings change.
AREAS = ("authentication", "models", "embeddings", "tools", "reasoning", "keys", "data", "metrics", "canary", "legacy")


def test_faults_in_one_corner_are_caught() -> None:
    names = {fault.name for fault in corners.FAULTS}
    trials = [trial for trial in plan_kills(CATALOGUE, CATALOGUE.areas) if trial.faults[0] in names]
    found = run_trials(trials, processes=1)
    again = run_trials([one.trial for one in found if not catchers(one)], processes=1, is_alone=True)
    assert [finding.trial.name for finding in again if not catchers(finding)] == []


@pytest.fixture(scope="module")
def planned() -> list[Planned]:
    return with_needs(collect_checks(CATALOGUE), {clause.id for clause in CATALOGUE.select(areas=AREAS)})


@settings(max_examples=4, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(names=st.sets(st.sampled_from(sorted(READINGS)), min_size=2, max_size=6))
def test_readings_in_any_company_are_not_blamed(planned: list[Planned], names: set[str]) -> None:
    trial = Trial(name="company", aim=Aim.READING, readings=tuple(sorted(names)), clauses=())
    outcomes, _ = run_trial(trial, planned)
    assert [(outcome.clause, outcome.reason) for outcome in outcomes if outcome.verdict in BLAMED] == []
