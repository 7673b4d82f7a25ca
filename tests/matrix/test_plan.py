"""Which trials are run: every fault and every reading, in groups that hide nothing."""

from collections import Counter

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.plan import plan_kills, plan_readings, plan_spills, split
from assisters_verify.matrix.trial import Aim, Trial
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.readings import READINGS

CATALOGUE = load_catalogue(content_root() / "spec" / "clauses.yaml")


def test_every_fault_is_tried_on_its_clause() -> None:
    trials = plan_kills(CATALOGUE, CATALOGUE.areas)
    assert {trial.faults[0]: trial.clauses for trial in trials} == {
        fault.name: (fault.clause,) for fault in FAULTS.values()
    }


def test_every_fault_is_in_one_group_against_other_areas() -> None:
    counts = Counter(name for trial in plan_spills(CATALOGUE, CATALOGUE.areas) for name in trial.faults)
    assert counts == Counter(dict.fromkeys(FAULTS, 1))


def test_group_of_faults_is_of_one_area_and_looks_at_all_others() -> None:
    for trial in plan_spills(CATALOGUE, CATALOGUE.areas):
        (area,) = {FAULTS[name].area for name in trial.faults}
        looked_at = {CATALOGUE[clause].area for clause in trial.clauses}
        assert looked_at == {*CATALOGUE.areas} - {area}


def test_no_fault_of_a_group_hides_another() -> None:
    for trial in plan_spills(CATALOGUE, CATALOGUE.areas):
        clauses = [FAULTS[name].clause for name in trial.faults]
        choices = [choice for name in trial.faults for choice in FAULTS[name].choices]
        assert (len(clauses), len(choices)) == (len({*clauses}), len({*choices}))


def test_every_reading_is_in_two_groups() -> None:
    counts = Counter(name for trial in plan_readings(CATALOGUE, CATALOGUE.areas, seed=0) for name in trial.readings)
    assert counts == Counter(dict.fromkeys(READINGS, 2))


def test_seed_decides_which_readings_come_together() -> None:
    groups = [[trial.readings for trial in plan_readings(CATALOGUE, ["chat"], seed=seed)] for seed in (0, 0, 1)]
    assert (groups[0] == groups[1], groups[0] == groups[2]) == (True, False)


def test_group_is_split_into_its_members() -> None:
    group = Trial(name="group", aim=Aim.SPILL, faults=("one", "two"), clauses=("A", "B"))
    assert [(trial.faults, trial.clauses) for trial in split(group, ("B",))] == [(("one",), ("B",)), (("two",), ("B",))]
