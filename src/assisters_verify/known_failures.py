"""Hold a result against the failures that a vendor knows of: which are, which are over, and which are overdue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from assisters_verify.verdicts import Level, Verdict, worst

_FAILING = frozenset({Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.WARN})
_OPEN = frozenset({Verdict.INCONCLUSIVE, Verdict.SKIPPED, Verdict.ERROR})


class State(StrEnum):
    """What became of a listed failure."""

    KNOWN = "known"
    STALE = "stale"
    """It passes now."""
    EXPIRED = "expired"
    UNDECIDED = "undecided"
    NOT_ASKED = "not_asked"
    UNKNOWN_CHECK = "unknown_check"
    """The clause has no such check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFailure:
    """A failure that a vendor knows of, up to and with the day on which it expires: of a whole clause, or of one check
    of it, named with its parameters or without."""

    clause: str
    reason: str
    expires: date
    check: str | None = None

    def covers(self, check: str) -> bool:
        """Tell whether it is about this check."""
        names = {check, check.partition("::")[2]}
        return self.check is None or self.check in names | {name.partition("[")[0] for name in names}


def note_known_failures(
    results: dict[str, Any], listed: Sequence[KnownFailure], *, file: str, today: date
) -> dict[str, Any]:
    """Return the results with what became of each listed failure, and with those of the clauses that it accounts for.

    No verdict is changed by it.
    """
    clauses = {entry["id"]: entry for entry in results["clauses"]}
    states = [(each, _state(each, clauses.get(each.clause), today=today)) for each in listed]
    active = [each for each, state in states if state is State.KNOWN]
    entries = [
        {
            "clause": each.clause,
            "check": each.check,
            "reason": each.reason,
            "expires": each.expires.isoformat(),
            "state": state,
        }
        for each, state in states
    ]
    noted = [{**entry, "known_failure": _known(entry, active)} for entry in results["clauses"]]
    return {**results, "clauses": noted, "known_failures": {"file": file, "entries": entries}}


def _state(listed: KnownFailure, clause: dict[str, Any] | None, *, today: date) -> State:
    if clause is None:
        return State.NOT_ASKED
    checks = [check for check in clause["checks"] if listed.covers(check["check"])]
    if not checks:
        is_whole = all(check["check"] for check in clause["checks"])
        return State.UNKNOWN_CHECK if is_whole else State.UNDECIDED
    verdicts = {Verdict(check["verdict"]) for check in checks}
    if today > listed.expires:
        return State.EXPIRED
    if verdicts & _FAILING:
        return State.KNOWN
    return State.UNDECIDED if verdicts & _OPEN else State.STALE


def _known(clause: dict[str, Any], active: Iterable[KnownFailure]) -> dict[str, Any] | None:
    """Return by which entry all failing checks of a clause are accounted for, with the verdict of its other checks;
    None where nothing fails, or something that is not listed."""
    mine = [each for each in active if each.clause == clause["id"]]
    failing = [check for check in clause["checks"] if Verdict(check["verdict"]) in _FAILING]
    if not failing or not all(any(each.covers(check["check"]) for each in mine) for check in failing):
        return None
    rest = [Verdict(check["verdict"]) for check in clause["checks"] if check not in failing]
    return {
        "reason": "; ".join(dict.fromkeys(each.reason for each in mine)),
        "expires": min(each.expires for each in mine).isoformat(),
        "rest": worst(rest, Level(clause["level"])) if rest else Verdict.PASS,
    }


def counted(clause: dict[str, Any]) -> Verdict:
    """Return the verdict by which a clause counts: where what fails is known, that of its other checks."""
    known = clause.get("known_failure")
    return Verdict(clause["verdict"] if known is None else known["rest"])


def overdue(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries that must go: of what passes now, and those whose day is over."""
    return _entries(results, State.STALE, State.EXPIRED)


def misnamed(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries that name a check that is none."""
    return _entries(results, State.UNKNOWN_CHECK)


def complaint(entry: dict[str, Any]) -> str:
    """Return in a sentence what is wrong with an entry and what to do about it."""
    what = entry["clause"] if entry["check"] is None else f"{entry['clause']} ({entry['check']})"
    return {
        State.STALE: f"{what} is listed as known to fail, but it passes now. Take the entry out.",
        State.EXPIRED: f"{what} was known to fail until {entry['expires']}: {entry['reason']}. Mend it, or give "
        "another date.",
        State.UNKNOWN_CHECK: f"{what} is no check of that clause. Use a name that results.json has.",
        State.UNDECIDED: f"{what} is listed as known to fail, and could not be decided.",
    }.get(State(entry["state"]), f"{what} is known to fail until {entry['expires']}: {entry['reason']}")


def _entries(results: dict[str, Any], *states: State) -> list[dict[str, Any]]:
    known = results.get("known_failures") or {"entries": []}
    return [entry for entry in known["entries"] if entry["state"] in states]
