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


def areas_of(trial: Trial) -> set[str]:
    return {FAULTS[name].area for name in trial.faults}


def looked_at(trial: Trial) -> set[str]:
    return {CATALOGUE[clause].area for clause in trial.clauses}


def test_every_fault_is_tried_once_on_each_other_area() -> None:
    trials = plan_spills(CATALOGUE, CATALOGUE.areas)
    pairs = Counter((name, area) for trial in trials for name in trial.faults for area in looked_at(trial))
    others = {(name, area) for name, fault in FAULTS.items() for area in CATALOGUE.areas if area != fault.area}
    assert pairs == Counter(dict.fromkeys(others, 1))


def test_no_area_is_looked_at_that_is_broken_itself() -> None:
    trials = plan_spills(CATALOGUE, CATALOGUE.areas)
    assert [trial.name for trial in trials if areas_of(trial) & looked_at(trial)] == []


def test_area_is_looked_at_whole() -> None:
    for trial in plan_spills(CATALOGUE, CATALOGUE.areas):
        assert set(trial.clauses) == {clause.id for clause in CATALOGUE.select(areas=sorted(looked_at(trial)))}


def test_no_fault_of_a_group_hides_another() -> None:
    for trial in plan_spills(CATALOGUE, CATALOGUE.areas):
        choices = [choice for name in trial.faults for choice in FAULTS[name].choices]
        assert len(choices) == len({*choices})


def test_every_reading_is_in_two_groups() -> None:
    counts = Counter(name for trial in plan_readings(CATALOGUE, CATALOGUE.areas, seed=0) for name in trial.readings)
    assert counts == Counter(dict.fromkeys(READINGS, 2))


def test_seed_decides_which_readings_come_together() -> None:
    groups = [[trial.readings for trial in plan_readings(CATALOGUE, ["chat"], seed=seed)] for seed in (0, 0, 1)]
    assert (groups[0] == groups[1], groups[0] == groups[2]) == (True, False)


def test_group_is_split_into_its_members() -> None:
    group = Trial(name="group", aim=Aim.SPILL, faults=("one", "two"), clauses=("A", "B"))
    assert [(trial.faults, trial.clauses) for trial in split(group, ("B",))] == [(("one",), ("B",)), (("two",), ("B",))]
