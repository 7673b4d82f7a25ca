"""What a run of a scenario about rate limits has seen: its plan, and every try, read from its ledger."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assisters_verify.contract.throttling.bounds import Limit
from assisters_verify.contract.throttling.plan import Plan, Role
from assisters_verify.contract.throttling.tries import Fate, Tries, Try
from assisters_verify.measures.ledger import UNREADABLE, Head, Ledger, Problem, Row

_US = 1e-6
_TOO_MANY = 429
# The target's window may be longer by that much.
_SLOW = 1.02
# A generator that is late sends in bunches; so few refusals that a bunch explains do not unsettle a verdict.
FEW = 0.05
OVERRUN = (Role.OVER, Role.WAITING, Role.NOISY, Role.CLIENTS, Role.STORM)
# What we did not wait for or did not want to read says nothing about the target.
_OURS = frozenset({Problem.UNFINISHED, Problem.TOO_LARGE, Problem.GENERATOR})


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All tries of a run, whose times count from its start as the plan's do."""

    plan: Plan
    tries: Tries

    @property
    def limit(self) -> Limit:
        """The limit that was promised."""
        return self.plan.limit

    @cached_property
    def by_key(self) -> list[Tries]:
        """The tries of each key of the plan."""
        tries: list[list[Try]] = [[] for _ in self.plan.keys]
        for each in self.tries:
            tries[each.key].append(each)
        return [Tries(each) for each in tries]

    def is_over(self, each: Try) -> bool:
        """Tell whether a try was sent while its key was over its limit, or was getting back to normal."""
        key = self.plan.keys[each.key]
        normal_s = key.returned_s + _SLOW * self.limit.window_s if key.returned_s else 0.0
        return key.role in OVERRUN and self.plan.calm_s <= each.sent_s < max(self.plan.busy_until_s, normal_s)

    def of_roles(self, *roles: Role) -> list[tuple[int, Tries]]:
        """Return the keys of these roles with their tries."""
        return [(number, self.by_key[number]) for number in self.plan.keys_of(*roles)]

    def name(self, key: int) -> str:
        """Return a key as a reason names it."""
        return f"key {key}, offered {self.plan.keys[key].factor:.2g} times its limit"


def observe(plan: Plan, path: Path) -> Observed:
    """Read a ledger."""
    ledger = Ledger(path)
    return Observed(plan=plan, tries=Tries(read_try(row, ledger.head) for row in ledger if row.problem not in _OURS))


def read_try(row: Row, head: Head) -> Try:
    """Return a row of the ledger as a try."""
    answered_us = row.first_byte_us if row.first_byte_us >= 0 else row.end_us
    ended_us = row.end_us if row.end_us >= 0 else answered_us
    return Try(
        key=row.key,
        kind=head.kinds[row.kind],
        sent_s=row.sent_us * _US,
        due_s=row.due_us * _US,
        decided_s=max(answered_us, row.sent_us) * _US,
        ended_s=max(ended_us, row.sent_us) * _US,
        fate=_fate(row),
        attempt=row.attempt,
        status=row.status,
        problem=Problem(row.problem).word.replace("_", " "),
        retry_after_s=None if row.retry_after_ms < 0 else row.retry_after_ms / 1000,
        has_unreadable_retry_after=row.retry_after_ms == UNREADABLE,
        has_envelope=None if row.envelope < 0 else row.envelope == 1,
    )


def _fate(row: Row) -> Fate:
    if row.status == _TOO_MANY:
        return Fate.REFUSED
    return Fate.ACCEPTED if 200 <= row.status < 300 else Fate.FAILED  # noqa: PLR2004 - the class of success statuses
