"""Faults that break clauses of load runs; what catches them is shown in tests/contract/throttling."""

import pytest

from assisters_verify.contract.throttling.judging import OF_ANSWERS, OF_RUNS, catalogue
from assisters_verify.reference.app import build_behaviour
from assisters_verify.reference.behaviour import Behaviour
from assisters_verify.reference.faults import FAULTS, LOAD_FAULTS
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.variations import Fault


@pytest.mark.parametrize("name", LOAD_FAULTS)
def test_fault_can_be_built(name: str) -> None:
    assert build_behaviour(ReferenceOptions(faults=(name,))) != Behaviour()


@pytest.mark.parametrize("fault", LOAD_FAULTS.values(), ids=lambda fault: fault.name)
def test_clause_is_one_of_load_runs(fault: Fault) -> None:
    assert (catalogue()[fault.clause].area, fault.title[-1]) == (fault.area, ".")


def test_no_name_is_taken_twice() -> None:
    assert LOAD_FAULTS.keys() & (FAULTS.keys() | READINGS.keys()) == set()


def test_each_clause_of_load_runs_has_a_judge() -> None:
    judged = {clause for scenario in OF_RUNS.values() for clause in scenario} | OF_ANSWERS.keys() | {"LOAD-11"}

    assert catalogue().ids == judged
