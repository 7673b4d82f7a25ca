"""How a load run comes to verdicts on clauses: judges that look at what was measured and know the API."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assisters_verify.catalogue import Clause
from assisters_verify.measures.measures import Measures
from assisters_verify.results import Outcome
from assisters_verify.settings.load import LoadSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one judge found about one clause. `figures` are what it rests on, by name with unit."""

    outcome: Outcome
    figures: Mapping[str, float] = field(default_factory=dict)


# A judge gets the settings, the measures, and the path of the ledger, or None where the scenario keeps none.
Judge = Callable[[LoadSettings, Measures, Path | None], Sequence[Judged]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Who judges a scenario, and the clauses that they judge. A clause that nobody spoke about is left undecided.

    `by_sample` are the clauses that are judged by the answers that happened to be kept: where those show nothing, that
    is told, and the run is judged by the rest. Every other must has to be decided. `by_evidence` are those that, once
    broken, are broken however late the generator was: by what stands in answers, or by counts whose bounds allow for
    every delay.
    """

    clauses: tuple[Clause, ...] = ()
    judges: tuple[Judge, ...] = ()
    by_sample: frozenset[str] = frozenset()
    by_evidence: frozenset[str] = frozenset()
