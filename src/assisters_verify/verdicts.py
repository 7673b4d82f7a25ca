"""The words in which the suite judges, and how single judgements roll up into a whole."""

from collections.abc import Iterable
from enum import StrEnum


class Level(StrEnum):
    """How binding a clause is: a broken `must` fails a target, the others warn."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Basis(StrEnum):
    """Where a clause comes from."""

    DOCUMENTED = "documented"
    IMPLIED = "implied"
    CONVENTION = "convention"


class Verdict(StrEnum):
    """What was found out about one clause, worst first."""

    FAIL = "fail"
    NOT_IMPLEMENTED = "not_implemented"
    ERROR = "error"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOT_APPLICABLE = "not_applicable"


class Overall(StrEnum):
    """What was found out about the target as a whole."""

    CONFORMANT = "conformant"
    NONCONFORMANT = "nonconformant"
    INCOMPLETE = "incomplete"


_SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}
_BREAKS = frozenset({Verdict.FAIL, Verdict.NOT_IMPLEMENTED})
_UNDECIDED = frozenset({Verdict.INCONCLUSIVE, Verdict.SKIPPED, Verdict.ERROR})


def breaks(verdict: Verdict, level: Level) -> bool:
    """Tell whether this verdict makes a target nonconformant."""
    return level is Level.MUST and verdict in _BREAKS


def leaves_open(verdict: Verdict, level: Level) -> bool:
    """Tell whether this verdict leaves a must undecided, so that the whole cannot be green."""
    return level is Level.MUST and verdict in _UNDECIDED


def worst(verdicts: Iterable[Verdict], level: Level) -> Verdict:
    """Return the verdict of a clause from those of its checks, of which there is at least one.

    A must is not decided by a warning while another check of it is still open.
    """
    found = sorted(verdicts, key=_SEVERITY.__getitem__)
    open_ones = [verdict for verdict in found if leaves_open(verdict, level)]
    return open_ones[0] if open_ones and found[0] is Verdict.WARN else found[0]


def overall(judged: Iterable[tuple[Verdict, Level]]) -> Overall:
    """Return the verdict on the whole from those of all clauses that were asked for.

    Where nothing was asked for, or nothing of it applies to the target, nothing was shown either.
    """
    pairs = list(judged)
    if any(breaks(verdict, level) for verdict, level in pairs):
        return Overall.NONCONFORMANT
    is_empty = all(verdict is Verdict.NOT_APPLICABLE for verdict, _ in pairs)
    if is_empty or any(leaves_open(verdict, level) for verdict, level in pairs):
        return Overall.INCOMPLETE
    return Overall.CONFORMANT
