"""Decide which trials the matrix needs: each fault alone, faults together against other areas, readings together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from assisters_verify.catalogue import Catalogue
from assisters_verify.matrix.trial import Aim, Trial
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.variations import Fault, V

# Screening many at once is what keeps the matrix within minutes. Whatever a group shows is tried again one by one.
_FAULTS_TOGETHER = 14
_READINGS_TOGETHER = 10
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
    """Return trials that look, for each fault of these areas, at the clauses of all other areas."""
    parts: list[_Part] = []
    for area in areas:
        faults = [fault for fault in FAULTS.values() if fault.area == area]
        parts += [_Part(area=area, faults=tuple(group)) for group in _groups(faults, _FAULTS_TOGETHER)]
    trials: list[Trial] = []
    for joined in _join(parts):
        broken = [part.area for part in joined]
        trials.append(_spill(catalogue, joined, [area for area in catalogue.areas if area not in broken]))
        # Of what is broken together, each area is looked at with the faults of the others alone.
        if len(joined) > 1:
            trials += [_spill(catalogue, [part], [area for area in broken if area != part.area]) for part in joined]
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


def _spill(catalogue: Catalogue, parts: Sequence["_Part"], areas: Sequence[str]) -> Trial:
    faults = tuple(fault.name for part in parts for fault in part.faults)
    clauses = tuple(clause.id for clause in catalogue.select(areas=areas))
    name = f"{', '.join(faults)} on {', '.join(areas)}"
    return Trial(name=name, aim=Aim.SPILL, faults=faults, clauses=clauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Faults of one area that can be switched on together."""

    area: str
    faults: tuple[Fault, ...]

    @property
    def choices(self) -> set[str]:
        return {choice for fault in self.faults for choice in fault.choices}

    def goes_with(self, other: "_Part") -> bool:
        """Whether both can be judged at once: nobody talks to a server with a wrong certificate."""
        is_heard = "transport" not in {self.area, other.area}
        return is_heard and self.area != other.area and not self.choices & other.choices


def _join(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """Yield parts to switch on together, with no more faults than one part alone may hold."""
    left = sorted(parts, key=lambda part: -len(part.faults))
    while left:
        joined: list[_Part] = []
        for part in left:
            fits = sum(len(other.faults) for other in (*joined, part)) <= _FAULTS_TOGETHER
            if fits and all(part.goes_with(other) for other in joined):
                joined.append(part)
        yield joined
        left = [part for part in left if part not in joined]


def _groups(variations: Iterable[V], size: int) -> Iterator[list[V]]:
    """Yield groups in which none hides another: no two make the same choice."""
    left = list(variations)
    while left:
        taken: set[str] = set()
        group: list[V] = []
        for variation in left:
            if len(group) < size and not variation.choices.keys() & taken:
                group.append(variation)
                taken |= variation.choices.keys()
        yield group
        left = [variation for variation in left if variation not in group]
