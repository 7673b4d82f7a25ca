"""ctrf.json says what results.json says, in the words that CTRF's readers know."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jsonschema
import pytest

from assisters_verify.reporting.ctrf import draw_ctrf
from assisters_verify.verdicts import Verdict

Results = dict[str, Any]

# What https://ctrf.io asks of a document, for the parts that we write; nothing beside them is allowed there either.
_TEXT, _COUNT = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
_STATUSES = ["passed", "failed", "skipped", "pending", "other"]
_EXTRA = {"type": "object"}


def _closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = required | (optional or {})
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


_SUMMARY = dict.fromkeys(("tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"), _COUNT)
_TEST = _closed(
    {"name": _TEXT, "status": {"enum": _STATUSES}, "duration": _COUNT},
    {
        "rawStatus": _TEXT,
        "message": _TEXT,
        "type": _TEXT,
        "extra": _EXTRA,
        "tags": {"type": "array", "items": _TEXT},
        "suite": {"type": "array", "items": _TEXT, "minItems": 1},
    },
)
SCHEMA = _closed(
    {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "results": _closed(
            {
                "tool": _closed({"name": _TEXT}, {"version": _TEXT}),
                "summary": _closed(_SUMMARY, {"suites": _COUNT, "duration": _COUNT}),
                "tests": {"type": "array", "items": _TEST},
            },
            {"environment": _closed({}, {"extra": _EXTRA})},
        ),
    },
    {"timestamp": {"type": "string", "format": "date-time"}, "generatedBy": _TEXT, "extra": _EXTRA},
)


def _document(results: Results) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(draw_ctrf(results, []))
    return document


def _tests(results: Results) -> dict[str, dict[str, Any]]:
    return {test["extra"]["clause"]: test for test in _document(results)["results"]["tests"]}


@pytest.mark.parametrize("which", ["results", "empty_results", "green_results"])
def test_the_document_keeps_to_the_format(request: pytest.FixtureRequest, which: str) -> None:
    document = _document(request.getfixturevalue(which))
    problems = [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]
    assert problems == []


def test_the_summary_counts_the_tests(results: Results) -> None:
    summary = _document(results)["results"]["summary"]
    assert summary["tests"] == sum(summary[status] for status in _STATUSES) == len(results["clauses"])


def test_times_are_milliseconds_of_the_epoch(results: Results) -> None:
    summary = _document(results)["results"]["summary"]
    began = datetime.fromisoformat("2026-11-22T20:00:00+00:00").timestamp() * 1000
    assert (summary["start"], summary["stop"] - summary["start"], summary["duration"]) == (began, 12346, 12346)


@pytest.mark.parametrize(
    ("clause_id", "expected"),
    [
        ("CHAT-01", "passed"),
        ("CHAT-02", "failed"),
        ("CHAT-03", "passed"),
        ("STREAM-01", "other"),
        ("STREAM-02", "failed"),
        ("STREAM-03", "skipped"),
        ("METRIC-01", "failed"),
        ("TLS-01", "skipped"),
    ],
)
def test_each_verdict_has_its_status(results: Results, clause_id: str, expected: str) -> None:
    assert _tests(results)[clause_id]["status"] == expected


def test_a_broken_convention_fails_nothing(make_results: Callable[..., Results]) -> None:
    results = make_results(1)
    results["clauses"][0]["level"] = "should"
    assert _tests(results)["CHAT-00"]["status"] == "other"


def test_the_verdict_stands_in_our_own_word(results: Results) -> None:
    raw = {clause_id: test["rawStatus"] for clause_id, test in _tests(results).items()}
    assert raw == {clause["id"]: clause["verdict"] for clause in results["clauses"]}


def test_each_verdict_is_known(make_results: Callable[..., Results]) -> None:
    statuses = {_tests(make_results(1, verdict=verdict))["CHAT-00"]["status"] for verdict in Verdict}
    assert statuses <= set(_STATUSES)


def test_what_is_broken_says_how_to_repeat_it(results: Results) -> None:
    extra = _tests(results)["CHAT-02"]["extra"]
    expected = "assisters-verify conformance --base-url http://127.0.0.1:8000 --seed 7 --clause CHAT-02"
    assert (extra["repeat"], extra["expected"]) == (expected, "200 with `choices`")


def test_no_text_of_the_target_acts(results: Results) -> None:
    texts = [test.get("message", "") for test in _tests(results).values()]
    acting = ("\x1b", "\u202e", "\x00", "\n::error", "##vso[")
    assert [(sign, text) for sign in acting for text in texts if sign in text] == []
