"""Sort the clauses of a result into what a reader must act on, what is open, and what to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assisters_verify.verdicts import Level, Verdict, breaks, leaves_open

Results = dict[str, Any]
Entry = dict[str, Any]

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
    """Return the musts that make the target nonconformant."""
    return [clause for clause in results["clauses"] if breaks(Verdict(clause["verdict"]), Level(clause["level"]))]


def undecided(results: Results) -> list[Entry]:
    """Return the musts that were not decided, by choice or by mishap."""
    return [clause for clause in results["clauses"] if leaves_open(Verdict(clause["verdict"]), Level(clause["level"]))]


def remarks(results: Results) -> list[Entry]:
    """Return what is neither kept nor binding: broken or undecided shoulds and mays."""
    settled = {Verdict.PASS, Verdict.NOT_APPLICABLE}
    return [c for c in results["clauses"] if c["level"] != Level.MUST and c["verdict"] not in settled]


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
    n_broken, n_open = len(broken(results)), len(undecided(results))
    parts = [f"{kept} of {total} promises kept"]
    parts += [f"{n_broken} broken"] if n_broken else []
    parts += [f"{n_open} undecided"] if n_open else []
    n_warnings = sum(c["verdict"] == Verdict.WARN for c in results["clauses"])
    parts += [f"{n_warnings} warned about"] if n_warnings else []
    return f"{results['verdict']}: {', '.join(parts)}"
