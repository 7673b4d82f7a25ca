"""Decide which trials the matrix needs: each fault alone, faults together against other areas, readings together."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from assisters_verify.catalogue import Catalogue
from assisters_verify.matrix.trial import Aim, Trial
from assisters_verify.planning import with_needs
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.faults.spills import broken_areas
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.variations import Fault, V
from assisters_verify.scheduler import Planned

# Screening many at once is what keeps the matrix within minutes. Whatever a group shows is tried again in its parts.
_FAULTS_TOGETHER = 16
_READINGS_TOGETHER = 16
_PARTS = 4
_ROOTS_TOGETHER = 4
# So many clauses rest on one.
_MANY = 14
# Each look at an area with a part of the group costs a server of its own.
_KINDS_TOGETHER = 5
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


def plan_spills(catalogue: Catalogue, areas: Sequence[str], roots: Collection[str]) -> list[Trial]:
    """Return trials that look, for each fault of these areas, at the clauses of all areas that it must leave alone.

    `roots` are clauses on which many others rest: where one of them is broken, little is seen of what else is.
    """
    faults = [fault for fault in FAULTS.values() if fault.area in areas]
    deep = _gather([fault for fault in faults if fault.clause in roots], together=_ROOTS_TOGETHER)
    trials: list[Trial] = []
    for group in (*deep, *_gather([fault for fault in faults if fault.clause not in roots], together=_FAULTS_TOGETHER)):
        # An area is looked at with all faults of the group that must leave it alone: areas with the same ones together.
        looks: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for area in catalogue.areas:
            names = tuple(fault.name for fault in group if area not in broken_areas(fault))
            looks[names].append(area)
        trials += [_spill(catalogue, names, looked_at) for names, looked_at in looks.items() if names]
    return trials


def roots_of(planned: Sequence[Planned]) -> frozenset[str]:
    """Return the clauses on which many others rest."""
    rests: Counter[str] = Counter()
    for clause in {plan.declaration.clause for plan in planned}:
        rests.update({plan.declaration.clause for plan in with_needs(planned, [clause])})
    return frozenset(clause for clause, others in rests.items() if others > _MANY)


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


def split(trial: Trial, clauses: tuple[str, ...]) -> list[Trial]:
    """Return trials of a quarter of the group's faults or readings each, on these clauses; none where it is but one."""
    members = trial.faults or trial.readings
    size = -(-len(members) // _PARTS)
    parts = [members[first : first + size] for first in range(0, len(members), size)]
    name = f"of {trial.name}" if trial.aim is Aim.READING else f"on {', '.join(clauses)}"
    return [
        Trial(
            name=f"{', '.join(part)} {name}",
            aim=trial.aim,
            faults=part if trial.faults else (),
            readings=part if trial.readings else (),
            clauses=clauses,
        )
        for part in parts
        if len(parts) > 1
    ]


def _spill(catalogue: Catalogue, names: tuple[str, ...], areas: Sequence[str]) -> Trial:
    clauses = tuple(clause.id for clause in catalogue.select(areas=areas))
    return Trial(name=f"{', '.join(names)} on {', '.join(areas)}", aim=Aim.SPILL, faults=names, clauses=clauses)


@dataclass(slots=True)
class _Group:
    """Faults to switch on together, at most `together`."""

    together: int
    faults: list[Fault] = field(default_factory=list)
    choices: set[str] = field(default_factory=set)
    kinds: set[frozenset[str]] = field(default_factory=set)

    def takes(self, fault: Fault) -> bool:
        """Whether it hides none of the others, and none of them hides it."""
        # Nobody talks to a server with a wrong certificate.
        is_heard = all(("transport" in kind) == (fault.area == "transport") for kind in self.kinds)
        is_small = len(self.faults) < self.together
        few = len(self.kinds | {broken_areas(fault)}) <= _KINDS_TOGETHER
        return is_heard and is_small and few and not self.choices & fault.choices.keys()

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)
        self.choices |= fault.choices.keys()
        self.kinds.add(broken_areas(fault))

    def distance(self, fault: Fault) -> tuple[int, int]:
        """Return how many more areas would be broken, and how many faults there are already."""
        areas = frozenset[str]().union(*self.kinds)
        return len(broken_areas(fault) - areas), len(self.faults)


def _gather(faults: Iterable[Fault], *, together: int) -> list[list[Fault]]:
    """Return groups of faults, each in one of them: first those that many others would hide, each beside its like."""
    rivals = Counter(choice for fault in FAULTS.values() for choice in fault.choices)
    groups: list[_Group] = []
    for fault in sorted(faults, key=lambda fault: -max((rivals[choice] for choice in fault.choices), default=0)):
        open_ones = [group for group in groups if group.takes(fault)]
        if not open_ones:
            groups.append(_Group(together))
            open_ones = groups[-1:]
        like = [group for group in open_ones if broken_areas(fault) in group.kinds]
        min(like or open_ones, key=lambda group: group.distance(fault)).add(fault)
    return [group.faults for group in groups]


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
