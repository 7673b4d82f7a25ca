"""Draw ctrf.json (Common Test Report Format, https://ctrf.io), which dashboards and pull request actions read."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.findings import Entry, Results, complaints
from assisters_verify.reporting.inert import clip, defuse, visible, visible_line
from assisters_verify.reporting.repeat import repeat_command
from assisters_verify.reporting.results_file import as_json
from assisters_verify.verdicts import Level, Verdict, breaks

_SPEC_VERSION = "0.1.0"
_LONGEST_TEXT = 4000
_LONGEST_LINE = 500
_STATUSES = ("passed", "failed", "skipped", "pending", "other")
# A clause that was not decided is none that was passed over: readers must not take it for settled.
_STATUS_OF: dict[Verdict, str] = {
    Verdict.FAIL: "other",  # of a should or may: a must's failure is told apart before
    Verdict.NOT_IMPLEMENTED: "other",
    Verdict.ERROR: "failed",
    Verdict.WARN: "passed",
    Verdict.INCONCLUSIVE: "other",
    Verdict.SKIPPED: "skipped",
    Verdict.PASS: "passed",
    Verdict.NOT_APPLICABLE: "skipped",
}


def draw_ctrf(results: Results, _exchanges: Sequence[Exchange]) -> bytes:
    """Return ctrf.json: a test for each clause, whose `rawStatus` is the verdict in our own word."""
    tests = [_test(clause, results) for clause in results["clauses"]]
    suite = results["suite"]
    document = {
        "reportFormat": "CTRF",
        "specVersion": _SPEC_VERSION,
        "timestamp": results["started_at"],
        "generatedBy": "assisters-verify",
        "results": {
            "tool": {"name": suite["name"], "version": suite["version"]},
            "summary": _summary(results, tests),
            "tests": tests,
            "environment": {"extra": {"target": visible_line(results["target"]["base_url"], _LONGEST_LINE)}},
        },
        "extra": {
            "verdict": results["verdict"],
            "interrupted": results["interrupted"],
            "requests": results["requests"],
            "complaints": [_line(text) for text in complaints(results)],
        },
    }
    return as_json(document)


def _summary(results: Results, tests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = Counter(test["status"] for test in tests)
    start = int(datetime.fromisoformat(results["started_at"]).timestamp() * 1000)
    return {
        "tests": len(tests),
        **{status: counts[status] for status in _STATUSES},
        "suites": len(results["areas"]),
        "start": start,
        "stop": start + _ms(results["duration_s"]),
        "duration": _ms(results["duration_s"]),
    }


def _test(clause: Entry, results: Results) -> dict[str, Any]:
    verdict = Verdict(clause["verdict"])
    test: dict[str, Any] = {
        "name": _line(f"{clause['id']} {clause['title']}"),
        "status": _status(clause),
        "rawStatus": verdict,
        "duration": _ms(sum(check["duration_s"] for check in clause["checks"])),
        "suite": [_line(clause["area"])],
        "type": "conformance",
        "tags": [_line(clause["area"]), clause["level"], clause["basis"]],
        "extra": {"clause": clause["id"], "section": _line(clause["section"]), "evidence": clause["evidence"]},
    }
    if clause.get("known_failure"):
        test["extra"]["known_failure"] = clause["known_failure"]
    if clause["reason"]:
        test["message"] = defuse(visible(clip(clause["reason"], _LONGEST_TEXT)))
    if test["status"] == "failed":
        test["extra"]["expected"] = defuse(visible(clip(clause["expected"], _LONGEST_TEXT)))
        test["extra"]["received"] = defuse(visible(clip(clause["received"], _LONGEST_TEXT)))
        test["extra"]["repeat"] = repeat_command(results, clause["id"])
    return test


def _status(clause: Entry) -> str:
    if clause.get("known_failure"):
        return "other"
    verdict = Verdict(clause["verdict"])
    return "failed" if breaks(verdict, Level(clause["level"])) else _STATUS_OF[verdict]


def _line(text: str) -> str:
    return defuse(visible_line(text, _LONGEST_LINE))


def _ms(duration_s: float) -> int:
    return round(duration_s * 1000)
