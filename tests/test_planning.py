"""Planning: no check may wait for itself, however long the way round is."""

import pytest

from assisters_verify.checks import Declaration
from assisters_verify.planning import refuse_cycles, refuse_doubles
from assisters_verify.probe import Probe
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Level


async def nothing(probe: Probe) -> None:
    """Judge nothing."""


def check(clause: str, *needs: str, is_last: bool = False) -> Planned:
    declaration = Declaration(clause=clause, needs=needs, is_last=is_last)
    return Planned(name=f"check of {clause}", declaration=declaration, level=Level.MUST, call=nothing)


@pytest.mark.parametrize(
    "checks",
    [
        [check("A", "A")],
        [check("A", "B"), check("B", "A")],
        [check("A", "B"), check("B", "C"), check("C", "A"), check("D")],
        [check("A", "B"), check("B", is_last=True)],
    ],
    ids=["itself", "each_other", "all_round", "what_comes_last"],
)
def test_checks_that_wait_for_each_other_are_refused(checks: list[Planned]) -> None:
    with pytest.raises(pytest.UsageError, match="these checks wait for each other: check of "):
        refuse_cycles(checks)


def test_checks_of_one_name_are_refused() -> None:
    with pytest.raises(pytest.UsageError, match=r"these checks are there twice: check of A\. Give"):
        refuse_doubles([check("A"), check("B"), check("A")])
