"""Sort the clauses of a result into what a reader must act on, what is open, and what to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assisters_verify.known_failures import complaint, counted, misnamed, overdue
from assisters_verify.verdicts import Level, Verdict, breaks, leaves_open

Results = dict[str, Any]
Entry = dict[str, Any]

_NOT_KEPT = frozenset({Verdict.FAIL, Verdict.NOT_IMPLEMENTED})
_SAID = ("reason", "verdict", "expected", "received")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Clauses that share one reason, and what was expected and received, so that it need be said only once."""

    reason: str
    verdict: Verdict
    clauses: tuple[Entry, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the clauses."""
        return tuple(clause["id"] for clause in self.clauses)


def broken(results: Results) -> list[Entry]:
    """Return the musts that make the target nonconformant, apart from those that are known to fail."""
    return [clause for clause in results["clauses"] if breaks(counted(clause), Level(clause["level"]))]


def known(results: Results) -> list[Entry]:
    """Return the clauses that fail, and of which the vendor knows so."""
    return [clause for clause in results["clauses"] if clause.get("known_failure") is not None]


def complaints(results: Results) -> list[str]:
    """Return what is wrong with the list of known failures, in sentences."""
    return [complaint(entry) for entry in (*overdue(results), *misnamed(results))]


def undecided(results: Results) -> list[Entry]:
    """Return the musts that were not decided, by choice or by mishap."""
    return [clause for clause in results["clauses"] if leaves_open(counted(clause), Level(clause["level"]))]


def warnings(results: Results) -> list[Entry]:
    """Return the conventions that are not kept, and the musts that are kept in a way that was warned about."""
    return [clause for clause in results["clauses"] if _is_warned_about(clause) and not clause.get("known_failure")]


def open_conventions(results: Results) -> list[Entry]:
    """Return the conventions that were not decided."""
    conventions = [clause for clause in results["clauses"] if clause["level"] != Level.MUST]
    return [
        clause
        for clause in conventions
        if not passed(clause) and not _is_warned_about(clause) and not clause.get("known_failure")
    ]


def _is_warned_about(clause: Entry) -> bool:
    is_broken_convention = clause["level"] != Level.MUST and clause["verdict"] in _NOT_KEPT
    return clause["verdict"] == Verdict.WARN or is_broken_convention


def by_reason(clauses: Iterable[Entry]) -> list[Group]:
    """Return the clauses grouped by verdict and reason, in the order in which each reason first appears."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for clause in clauses:
        told = telling(clause)
        groups.setdefault(tuple(told[key] for key in _SAID), []).append(clause)
    return [
        Group(reason=said[0], verdict=Verdict(members[0]["verdict"]), clauses=tuple(members))
        for said, members in groups.items()
    ]


def telling(clause: Entry) -> Entry:
    """Return the first check that gave the clause its verdict."""
    checks: list[Entry] = clause["checks"]
    return next((check for check in checks if check["verdict"] == clause["verdict"]), clause)


def reason_beside(told: Entry) -> str:
    """Return what the reason says beyond what was expected and received: often only the place."""
    said = f"expected {told['expected']}, received {told['received']}"
    if not told["expected"] or not told["reason"].startswith(said):
        return str(told["reason"])
    return str(told["reason"][len(said) :]).strip().removeprefix("(").removesuffix(")")


def passed(clause: Entry) -> bool:
    """Tell whether there is nothing to be said about the clause."""
    return clause["verdict"] in {Verdict.PASS, Verdict.NOT_APPLICABLE}


def headline(results: Results) -> str:
    """Return the verdict on the whole as one sentence of plain text."""
    total, kept = len(results["clauses"]), sum(c["verdict"] == Verdict.PASS for c in results["clauses"])
    parts = [f"{kept} of {total} promises kept"]
    counts: dict[str, list[Any]] = {
        "broken": broken(results),
        "known to fail": known(results),
        "undecided": undecided(results),
        "warned about": warnings(results),
        "wrong in the list of known failures": complaints(results),
    }
    parts += [f"{len(clauses)} {word}" for word, clauses in counts.items() if clauses]
    return f"{results['verdict']}: {', '.join(parts)}"
