"""Compare the verdicts on clauses: a change counts as worse or better by what it means for the target."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from assisters_verify.verdicts import Level, Verdict

_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
_NOT_KEPT = frozenset({Verdict.FAIL, Verdict.NOT_IMPLEMENTED})
_OPEN = frozenset({Verdict.INCONCLUSIVE, Verdict.SKIPPED, Verdict.ERROR})
_LONGEST = 300


class Direction(StrEnum):
    """What a change means."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


def compare_clauses(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the clauses that differ: in verdict, in level, or by being in one of the results only."""
    before, after = ({entry["id"]: entry for entry in entries} for entries in (old, new))
    found = [_changed(before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    return [change for change in found if change is not None]


def _changed(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if old is None or new is None:
        direction = Direction.NEW if old is None else Direction.GONE
    elif (old["verdict"], old["level"]) == (new["verdict"], new["level"]):
        return None
    else:
        direction = _direction(_badness(old), _badness(new))
    entry = new or old or {}
    return {
        "id": entry["id"],
        "area": entry["area"],
        "title": entry["title"],
        "direction": direction,
        "old": _side(old),
        "new": _side(new),
        "checks": _checks(old, new) if old and new else [],
    }


def _side(entry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {**{name: entry[name] for name in ("level", "verdict")}, "reason": entry["reason"][:_LONGEST]}


def _checks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the checks whose verdict is another, or that only one of the suites has."""
    before, after = ({check["check"]: check for check in entry["checks"]} for entry in (old, new))
    pairs = [(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    return [
        {
            "check": name,
            "old": one and one["verdict"],
            "new": other and other["verdict"],
            "reason": ((other or one or {}).get("reason") or "")[:_LONGEST],
        }
        for name, one, other in pairs
        if (one and one["verdict"]) != (other and other["verdict"])
    ]


def _direction(old: int, new: int) -> Direction:
    if new == old:
        return Direction.CHANGED
    return Direction.WORSE if new > old else Direction.BETTER


def _badness(entry: Mapping[str, Any]) -> int:
    """Return how bad a verdict is: an undecided must is worse than a warning, since nobody can rely on it."""
    verdict, is_must = Verdict(entry["verdict"]), Level(entry["level"]) is Level.MUST
    if verdict in _SETTLED:
        return 0
    if verdict in _OPEN:
        return 2 if is_must else 0
    return 3 if is_must and verdict in _NOT_KEPT else 1
