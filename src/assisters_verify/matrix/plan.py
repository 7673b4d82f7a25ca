"""Decide which trials the matrix needs: each fault alone, faults together against other areas, readings together."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from assisters_verify.catalogue import Catalogue
from assisters_verify.matrix.trial import Aim, Trial
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.variations import Fault, Variation

# Screening many at once is what keeps the matrix within minutes. Whatever a group shows is tried again one by one.
_FAULTS_TOGETHER = 10
_READINGS_TOGETHER = 5
# Each reading stands in as many groups, each time beside others.
_ROUNDS = 2


def plan_kills(catalogue: Catalogue, areas: Sequence[str]) -> list[Trial]:
    """Return a trial for each fault of these areas, on the clause that it breaks."""
    return [
        Trial(
            name=f"{fault.name} on {fault.clause}",
            aim=Aim.KILL,
            faults=(fault.name,),
            clauses=(fault.clause,),
            beside=fault.beside,
        )
        for fault in FAULTS.values()
        if fault.area in areas and fault.clause in catalogue.ids
    ]


def plan_spills(catalogue: Catalogue, areas: Sequence[str]) -> list[Trial]:
    """Return trials that look, for groups of faults of one area, at the clauses of all other areas."""
    trials = []
    for area in areas:
        clauses = _others(catalogue, area)
        faults = [fault for fault in FAULTS.values() if fault.area == area]
        for number, group in enumerate(_groups(faults, _FAULTS_TOGETHER), start=1):
            names = tuple(fault.name for fault in group)
            trials.append(Trial(name=f"faults of {area}, group {number}", aim=Aim.SPILL, faults=names, clauses=clauses))
    return trials


def plan_readings(catalogue: Catalogue, areas: Sequence[str], *, seed: int) -> list[Trial]:
    """Return trials of several readings at once, on all clauses of these areas; the seed decides which are together."""
    clauses = tuple(clause.id for clause in catalogue.select(areas=areas))
    random = Random(seed)  # noqa: S311 - a draw, no secret
    trials: list[Trial] = []
    for _ in range(_ROUNDS):
        readings = list(READINGS.values())
        random.shuffle(readings)
        for group in _groups(readings, _READINGS_TOGETHER):
            names = tuple(reading.name for reading in group)
            trials.append(Trial(name=f"readings {len(trials) + 1}", aim=Aim.READING, readings=names, clauses=clauses))
    return trials


def split(trial: Trial, clauses: tuple[str, ...]) -> Iterator[Trial]:
    """Yield a trial for each fault or reading of a group alone, on these clauses."""
    if trial.aim is Aim.SPILL:
        for name in trial.faults:
            yield Trial(name=f"{name} alone", aim=Aim.SPILL, faults=(name,), clauses=clauses)
    for name in trial.readings:
        yield Trial(name=f"{name} alone", aim=Aim.READING, readings=(name,), clauses=clauses)


def _others(catalogue: Catalogue, area: str) -> tuple[str, ...]:
    areas = [other for other in catalogue.areas if other != area]
    return tuple(clause.id for clause in catalogue.select(areas=areas))


def _groups(variations: Iterable[Variation], size: int) -> Iterator[list[Variation]]:
    """Yield groups in which none hides another: no two make the same choice, and no two break the same clause."""
    left = list(variations)
    while left:
        taken: set[str] = set()
        group: list[Variation] = []
        for variation in left:
            marks = _marks(variation)
            if len(group) < size and not marks & taken:
                group.append(variation)
                taken |= marks
        yield group
        left = [variation for variation in left if variation not in group]


def _marks(variation: Variation) -> set[str]:
    clause = {variation.clause} if isinstance(variation, Fault) else set()
    return {*variation.choices, *clause}
