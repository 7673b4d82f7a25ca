"""The comparison of two results as one document, from which it is drawn in every form."""

import math
from collections.abc import Mapping
from typing import Any

from assisters_verify.comparing.clauses import Direction, compare_clauses
from assisters_verify.comparing.figures import CONFIDENCE, compare_figures

FORMAT = "assisters-verify/comparison"
VERSION = 1
Document = Mapping[str, Any]
# What makes two loads different ones, so that their figures cannot be held against each other.
_LOAD = ("users", "rate_per_s", "arrival", "duration_s", "keys", "processes", "profile")


class NotComparable(Exception):  # noqa: N818 - named after what is so
    """The two results have nothing to do with each other; the message says why."""


def compare(old: Document, new: Document, *, tolerance: float) -> dict[str, Any]:
    """Return what differs between two results of one kind. Raises NotComparable.

    `tolerance` is how much worse a figure of a load run may be, as a share of what it was.
    """
    if old["format"] != new["format"]:
        raise NotComparable(f"one is of {old['format']}, the other of {new['format']}")
    is_load = old["format"].endswith("/load")
    if is_load:
        _expect_comparable(old, new)
    clauses = compare_clauses(old["clauses"], new["clauses"])
    figures = compare_figures(old, new, tolerance=tolerance) if is_load else []
    thresholds = _thresholds(old, new) if is_load else []
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": "load" if is_load else "conformance",
        "old": _side(old),
        "new": _side(new),
        "notes": _load_notes(old, new) if is_load else [_cause(old, new)],
        "counts": {word: _count(word, clauses, figures, thresholds) for word in Direction},
        "clauses": clauses,
        "thresholds": thresholds,
        "figures": figures,
        "confidence": CONFIDENCE if is_load else None,
        "tolerance": tolerance if is_load else None,
    }


def got_worse(comparison: Document) -> bool:
    """Tell whether anything got worse."""
    return bool(comparison["counts"][Direction.WORSE])


def _count(word: Direction, *lists: list[dict[str, Any]]) -> int:
    return sum(entry["direction"] == word for entries in lists for entry in entries)


def _side(results: Document) -> dict[str, Any]:
    return {
        "target": results["target"]["base_url"],
        "suite": results["suite"]["version"],
        "started_at": results["started_at"],
        "verdict": results["verdict"],
        "recording": _recording(results),
    }


def _recording(results: Document) -> str | None:
    """Return the digest of what was judged."""
    found = results.get("replay") or results.get("recording")
    return found["sha256"] if found else None


def _cause(old: Document, new: Document) -> str:
    """Return what a difference can come of."""
    is_same_suite = old["suite"]["version"] == new["suite"]["version"]
    if _recording(old) is not None and _recording(old) == _recording(new):
        judges = (
            "one version of the suite, so that nothing may differ" if is_same_suite else "two versions of the suite"
        )
        return f"One recording was judged twice, by {judges}: it is not the target that changed."
    if is_same_suite:
        return "One version of the suite judged two runs: what differs is the target's doing, or chance."
    return (
        "Two versions of the suite judged two runs: what differs may come of either. Judge the older run again with "
        "the newer suite (conformance --replay) to tell them apart."
    )


def _expect_comparable(old: Document, new: Document) -> None:
    if old["scenario"] != new["scenario"]:
        raise NotComparable(f"one is of the scenario {old['scenario']}, the other of {new['scenario']}")
    for name, results in (("old", old), ("new", new)):
        if results["verdict"] == "void" or results.get("generator", {}).get("saturated"):
            raise NotComparable(
                f"the {name} one is void: its generator was the limit, so it says nothing of the target"
            )


def _load_notes(old: Document, new: Document) -> list[str]:
    before, after = old["options"], new["options"]
    names = [name for name in _LOAD if before.get(name) != after.get(name)]
    told = [f"{name} {before.get(name)} and {after.get(name)}" for name in names]
    return [f"These were different loads: {', '.join(told)}."] if told else []


def _thresholds(old: Document, new: Document) -> list[dict[str, Any]]:
    """Return the thresholds that were held in one run only."""
    before = {entry["measure"]: entry for entry in old["thresholds"]}
    return [
        {
            "measure": entry["measure"],
            "limit": entry["limit"],
            "old": before[entry["measure"]]["value"],
            "new": entry["value"],
            "direction": Direction.WORSE if entry["verdict"] == "fail" else Direction.BETTER,
        }
        for entry in new["thresholds"]
        if entry["measure"] in before and _is_other(before[entry["measure"]], entry)
    ]


def _is_other(old: Document, new: Document) -> bool:
    is_same_limit = old["limit"] is new["limit"] or math.isclose(old["limit"] or 0.0, new["limit"] or 0.0)
    return is_same_limit and old["verdict"] != new["verdict"]
