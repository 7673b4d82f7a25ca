"""Which trials are run: every fault and every reading, in groups that hide nothing."""

from collections import Counter
from collections.abc import Sequence

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.checks import Declaration
from assisters_verify.content import content_root
from assisters_verify.matrix.plan import plan_kills, plan_readings, plan_spills, roots_of, split
from assisters_verify.matrix.trial import Aim, Trial
from assisters_verify.probe import Probe
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.faults.spills import broken_areas
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.variations import Fault
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Level

CATALOGUE = load_catalogue(content_root() / "spec" / "clauses.yaml")
ROOTS = frozenset({"AUTH-01", "CHAT-22"})
SPILLS = plan_spills(CATALOGUE, CATALOGUE.areas, ROOTS)


def test_every_fault_is_tried_on_its_clause() -> None:
    trials = plan_kills(CATALOGUE, CATALOGUE.areas)
    assert {trial.faults[0]: trial.clauses for trial in trials} == {
        fault.name: (fault.clause,) for fault in FAULTS.values()
    }


async def nothing(probe: Probe) -> None:
    """Judge nothing."""


def check(clause: str, *, needs: Sequence[str] = ()) -> Planned:
    declaration = Declaration(clause=clause, needs=tuple(needs))
    return Planned(name=clause, declaration=declaration, level=Level.MUST, call=nothing)


def looked_at(trial: Trial) -> set[str]:
    return {CATALOGUE[clause].area for clause in trial.clauses}


def test_every_fault_is_tried_once_on_each_area_that_it_must_leave_alone() -> None:
    pairs = Counter((name, area) for trial in SPILLS for name in trial.faults for area in looked_at(trial))
    others = {
        (name, area) for name, fault in FAULTS.items() for area in CATALOGUE.areas if area not in broken_areas(fault)
    }
    assert pairs == Counter(dict.fromkeys(others, 1))


def test_declared_areas_are_broken_areas() -> None:
    fault = Fault(name="wide", title="Wide.", area="chat", clause="CHAT-13", also={"legacy": "since it is so"})
    assert broken_areas(fault) == {"chat", "legacy", "tools"}


def test_only_faults_of_the_asked_areas_are_tried() -> None:
    assert {FAULTS[name].area for trial in plan_spills(CATALOGUE, ["sdk"], ROOTS) for name in trial.faults} == {"sdk"}


def test_every_group_of_faults_is_small() -> None:
    assert max(len(trial.faults) for trial in SPILLS) <= 16


def test_fault_that_breaks_a_root_stands_beside_few_and_none_but_such() -> None:
    groups = [[FAULTS[name].clause in ROOTS for name in trial.faults] for trial in SPILLS]
    deep = [group for group in groups if True in group]
    assert ({False in group for group in deep}, max(len(group) for group in deep)) == ({False}, 4)


def test_clause_on_which_most_others_rest_is_a_root() -> None:
    first = [check("A-01"), check("A-02", needs=["A-01"])]
    others = [check(f"B-{number}", needs=["A-02"]) for number in range(14)]
    assert roots_of([*first, *others]) == {"A-01", "A-02"}
    assert roots_of([*first, *others[1:]]) == {"A-01"}


def test_wrong_certificate_is_tried_beside_no_other_fault() -> None:
    groups = [{FAULTS[name].area == "transport" for name in trial.faults} for trial in SPILLS]
    assert {True, False} not in groups


def test_trials_have_names_of_their_own() -> None:
    trials = [*plan_kills(CATALOGUE, CATALOGUE.areas), *SPILLS]
    assert len({trial.name for trial in trials}) == len(trials)


def test_area_is_looked_at_whole() -> None:
    for trial in SPILLS:
        assert set(trial.clauses) == {clause.id for clause in CATALOGUE.select(areas=sorted(looked_at(trial)))}


def test_no_fault_of_a_group_hides_another() -> None:
    for trial in SPILLS:
        choices = [choice for name in trial.faults for choice in FAULTS[name].choices]
        assert len(choices) == len({*choices})


def test_every_reading_is_in_two_groups() -> None:
    counts = Counter(name for trial in plan_readings(CATALOGUE, CATALOGUE.areas, seed=0) for name in trial.readings)
    assert counts == Counter(dict.fromkeys(READINGS, 2))


def test_seed_decides_which_readings_come_together() -> None:
    groups = [[trial.readings for trial in plan_readings(CATALOGUE, ["chat"], seed=seed)] for seed in (0, 0, 1)]
    assert (groups[0] == groups[1], groups[0] == groups[2]) == (True, False)


def test_group_is_split_into_quarters() -> None:
    names = tuple("abcdefghij")
    parts = split(Trial(name="group", aim=Aim.SPILL, faults=names, clauses=("A", "B")), ("B",))
    assert [(part.faults, part.clauses) for part in parts] == [
        (("a", "b", "c"), ("B",)), (("d", "e", "f"), ("B",)), (("g", "h", "i"), ("B",)), (("j",), ("B",))
    ]  # fmt: skip


def test_few_readings_are_split_into_single_ones() -> None:
    parts = split(Trial(name="readings 7", aim=Aim.READING, readings=("a", "b"), clauses=("A",)), ("A",))
    assert [part.readings for part in parts] == [("a",), ("b",)]


@pytest.mark.parametrize("aim", [Aim.KILL, Aim.SPILL])
def test_single_fault_has_no_parts(aim: Aim) -> None:
    assert split(Trial(name="one", aim=aim, faults=("one",), clauses=("A",)), ("A",)) == []
