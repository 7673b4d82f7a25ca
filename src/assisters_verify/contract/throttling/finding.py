"""What a judgement of a load run comes to: one clause's verdict with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assisters_verify.catalogue import Clause
from assisters_verify.load_judging import Judged
from assisters_verify.results import Outcome
from assisters_verify.verdicts import Level, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A verdict as for a must, the reason in one sentence, and the figures that it rests on, by name with unit."""

    verdict: Verdict
    reason: str = ""
    expected: str = ""
    received: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)

    def judged(self, clause: Clause, *, check: str) -> Judged:
        """Return the finding as the outcome of a clause: whatever is no must is warned about only."""
        is_warning = self.verdict is Verdict.FAIL and clause.level is not Level.MUST
        outcome = Outcome(
            check=check,
            clause=clause.id,
            verdict=Verdict.WARN if is_warning else self.verdict,
            reason=self.reason,
            expected=self.expected,
            received=self.received,
        )
        return Judged(outcome=outcome, figures={name: round(value, 6) for name, value in self.figures.items()})


Figures = Mapping[str, float]


def holds(figures: Figures | None = None, *, reason: str = "") -> Finding:
    """Return that the clause holds."""
    return Finding(verdict=Verdict.PASS, reason=reason, figures=figures or {})


def breaks(*, expected: str, received: str, figures: Figures | None = None) -> Finding:
    """Return that the clause is broken."""
    return Finding(
        verdict=Verdict.FAIL,
        reason=f"expected {expected}, received {received}",
        expected=expected,
        received=received,
        figures=figures or {},
    )


def is_open(reason: str, figures: Figures | None = None) -> Finding:
    """Return that it could not be decided, and what stood in the way."""
    return Finding(verdict=Verdict.INCONCLUSIVE, reason=reason, figures=figures or {})


def does_not_apply(reason: str) -> Finding:
    """Return that the clause says nothing about this target."""
    return Finding(verdict=Verdict.NOT_APPLICABLE, reason=reason)
