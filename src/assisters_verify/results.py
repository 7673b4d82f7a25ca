"""The result of a conformance run: the one document from which every report is drawn."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assisters_verify.catalogue import Clause
from assisters_verify.verdicts import Level, Verdict, overall, worst

FORMAT = "assisters-verify/results"
VERSION = 1


# How the reason of what could not be judged begins, where that is since something else is broken.
RESTS_ON_BROKEN = "undecided since "


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one check found. `evidence` are exchange ids, the telling ones first; `expected` and `received` are filled
    where a promise was broken."""

    check: str
    clause: str
    verdict: Verdict
    reason: str = ""
    expected: str = ""
    received: str = ""
    evidence: tuple[str, ...] = ()
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The facts of a run that are not verdicts. `started_at` is UTC in ISO 8601; `base_url` has no userinfo;
    `interrupted` says why the run ended early, or is None. `recording` says by which file it can be judged again, and
    `replay` of which run it is one."""

    base_url: str
    started_at: str
    duration_s: float
    requests: int
    suite: dict[str, str]
    options: dict[str, Any]
    usage: dict[str, int]
    interrupted: str | None = None
    leftovers: tuple[str, ...] = ()
    recording: dict[str, Any] | None = None
    replay: dict[str, Any] | None = None


def build_results(run: Run, clauses: Sequence[Clause], outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Return `results.json` as JSON values; its schema is `reports/results.schema.json`.

    A clause that has no outcome says so: it is never left out, and never green.
    """
    by_clause: dict[str, list[Outcome]] = {clause.id: [] for clause in clauses}
    for outcome in outcomes:
        if outcome.clause in by_clause:
            by_clause[outcome.clause].append(outcome)
    entries = [_entry(clause, by_clause[clause.id], run) for clause in clauses if clause.untestable is None]
    areas: dict[str, Counter[str]] = {}
    for entry in entries:
        areas.setdefault(entry["area"], Counter())[entry["verdict"]] += 1
    return {
        "format": FORMAT,
        "version": VERSION,
        "suite": run.suite,
        "target": {"base_url": run.base_url},
        "options": run.options,
        "started_at": run.started_at,
        "duration_s": round(run.duration_s, 3),
        "verdict": overall((Verdict(entry["verdict"]), Level(entry["level"])) for entry in entries),
        "interrupted": run.interrupted,
        "requests": run.requests,
        "usage": run.usage,
        "leftovers": list(run.leftovers),
        "recording": run.recording,
        "replay": run.replay,
        "areas": {area: {verdict: counts.get(verdict, 0) for verdict in Verdict} for area, counts in areas.items()},
        "clauses": entries,
        "untestable": [
            {"id": clause.id, "area": clause.area, "title": clause.title, "reason": clause.untestable}
            for clause in clauses
            if clause.untestable is not None
        ],
    }


def _entry(clause: Clause, outcomes: Sequence[Outcome], run: Run) -> dict[str, Any]:
    return entry_of(clause, outcomes or [_missing(clause, run)])


def entry_of(clause: Clause, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what these outcomes, of which there is at least one, say about the clause."""
    verdict = worst((outcome.verdict for outcome in outcomes), clause.level)
    telling = [outcome for outcome in outcomes if outcome.verdict is verdict]
    first = telling[0]
    also = f" (and {len(telling) - 1} more of its checks)" if len(telling) > 1 and first.reason else ""
    return {
        "id": clause.id,
        "area": clause.area,
        "level": clause.level,
        "basis": clause.basis,
        "section": clause.section,
        "title": clause.title,
        "verdict": verdict,
        "reason": first.reason + also,
        "expected": first.expected,
        "received": first.received,
        "evidence": list(dict.fromkeys(exchange for outcome in telling for exchange in outcome.evidence)),
        "checks": [asdict(outcome) for outcome in outcomes],
    }


def _missing(clause: Clause, run: Run) -> Outcome:
    if run.interrupted:
        return Outcome(check="", clause=clause.id, verdict=Verdict.INCONCLUSIVE, reason=f"not run: {run.interrupted}")
    return Outcome(check="", clause=clause.id, verdict=Verdict.SKIPPED, reason="planned: there is no check for it yet")
