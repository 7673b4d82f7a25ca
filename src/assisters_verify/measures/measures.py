"""All that a run, or a process of it, has measured."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Self

from assisters_verify.measures.evidence import MOST_SAMPLES, MOST_SLOWEST, Kept
from assisters_verify.measures.group import COUNTERS, Group
from assisters_verify.measures.health import Health
from assisters_verify.measures.histogram import Histogram
from assisters_verify.measures.seconds import Series


class Measures:
    """Figures by kind of request and by second, the generator's own health, and answers that were kept.

    `phases` has the same figures by the name of the lane's phase, for lanes that have some. `lost` names the processes
    that ended before the run did; what they had measured until then is there.
    """

    def __init__(self) -> None:
        self.kinds: defaultdict[str, Group] = defaultdict(Group)
        self.phases: defaultdict[str, Group] = defaultdict(Group)
        self.series = Series()
        self.health: dict[str, Health] = {}
        self.slowest: list[Kept] = []
        self.samples: list[Kept] = []
        self.lost: list[str] = []

    def histogram(self, name: str) -> Histogram:
        """Return one histogram of all kinds together."""
        whole = Histogram()
        for group in self.kinds.values():
            whole.merge(group.histograms[name])
        return whole

    def whole(self) -> Group:
        """Return the figures of all kinds together."""
        whole = Group()
        for group in self.kinds.values():
            whole.merge(group)
        return whole

    @property
    def histograms(self) -> dict[str, Histogram]:
        """Histograms of all kinds together by name, `lag_s` and `lateness_s` of the generator itself among them."""
        return {**self.whole().histograms, **self.own_histograms()}

    @property
    def counters(self) -> dict[str, int]:
        """Counters of all kinds together."""
        return {name: sum(group.counters[name] for group in self.kinds.values()) for name in COUNTERS}

    @property
    def by_status(self) -> Counter[str]:
        """How many requests ended with which status or problem."""
        return sum((group.by_status for group in self.kinds.values()), Counter())

    def own_histograms(self) -> dict[str, Histogram]:
        """Return how late the generator itself was: in reading (`lag_s`) and in sending (`lateness_s`)."""
        lag, lateness = Histogram(), Histogram()
        for health in self.health.values():
            lag.merge(health.lag)
            lateness.merge(health.lateness)
        return {"lag_s": lag, "lateness_s": lateness}

    def merge(self, other: "Measures") -> None:
        """Add what another part measured; counts and histograms stay exact."""
        for kind, group in other.kinds.items():
            self.kinds[kind].merge(group)
        for phase, group in other.phases.items():
            self.phases[phase].merge(group)
        for number, second in other.series.items():
            self.series[number].merge(second)
        for process, health in other.health.items():
            self.health.setdefault(process, Health()).merge(health)
        self.slowest = sorted([*self.slowest, *other.slowest], key=lambda kept: kept.rank, reverse=True)[:MOST_SLOWEST]
        self.samples = sorted([*self.samples, *other.samples], key=lambda kept: kept.rank)[:MOST_SAMPLES]
        self.lost += other.lost

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return {
            "kinds": {kind: group.to_wire() for kind, group in self.kinds.items()},
            "phases": {phase: group.to_wire() for phase, group in self.phases.items()},
            "series": self.series.to_wire(),
            "health": {process: health.to_wire() for process, health in self.health.items()},
            "slowest": [kept.to_wire() for kept in self.slowest],
            "samples": [kept.to_wire() for kept in self.samples],
            "lost": self.lost,
        }

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        measures = cls()
        measures.kinds.update({kind: Group.from_wire(wire) for kind, wire in value["kinds"].items()})
        measures.phases.update({phase: Group.from_wire(wire) for phase, wire in value["phases"].items()})
        measures.series = Series.from_wire(value["series"])
        measures.health.update({process: Health.from_wire(wire) for process, wire in value["health"].items()})
        measures.slowest = [Kept.from_wire(wire) for wire in value["slowest"]]
        measures.samples = [Kept.from_wire(wire) for wire in value["samples"]]
        measures.lost = list(value["lost"])
        return measures

    def write(self, path: Path) -> None:
        """Write everything to a file."""
        path.write_text(json.dumps(self.to_wire()), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what `write` wrote."""
        return cls.from_wire(json.loads(path.read_text(encoding="utf-8")))
