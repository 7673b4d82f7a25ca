"""The results name every clause that was asked for, and never show an undecided must as green."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.catalogue import Clause
from assisters_verify.content import content_root
from assisters_verify.results import Outcome, Run, build_results
from assisters_verify.verdicts import Basis, Level, Verdict

RUN = Run(
    base_url="https://api.example.com",
    started_at="2026-01-02T03:04:05+00:00",
    duration_s=1.23456,
    requests=3,
    suite={"name": "assisters-verify", "version": "0.1.0"},
    options={"profile": "full"},
    usage={"tokens": 7},
    leftovers=("key 1",),
)


def clause(clause_id: str, *, level: Level = Level.MUST, area: str = "chat", untestable: str | None = None) -> Clause:
    return Clause(
        id=clause_id,
        area=area,
        level=level,
        basis=Basis.DOCUMENTED,
        section="Chat",
        title=f"{clause_id} holds.",
        untestable=untestable,
    )


def outcome(clause_id: str, verdict: Verdict = Verdict.PASS, **facts: Any) -> Outcome:
    return Outcome(check=facts.pop("check", "c"), clause=clause_id, verdict=verdict, **facts)


def build(clauses: list[Clause], outcomes: list[Outcome], *, interrupted: str | None = None) -> dict[str, Any]:
    run = Run(
        base_url=RUN.base_url,
        started_at=RUN.started_at,
        duration_s=RUN.duration_s,
        requests=RUN.requests,
        suite=RUN.suite,
        options=RUN.options,
        usage=RUN.usage,
        interrupted=interrupted,
        leftovers=RUN.leftovers,
    )
    results: dict[str, Any] = json.loads(json.dumps(build_results(run, clauses, outcomes)))
    return results


def one(level: Level, *outcomes: Outcome) -> dict[str, Any]:
    entry: dict[str, Any] = build([clause("CHAT-01", level=level)], list(outcomes))["clauses"][0]
    return entry


def test_facts_of_the_run_stand_at_the_top() -> None:
    results = build([clause("CHAT-01")], [outcome("CHAT-01")])
    facts = {name: value for name, value in results.items() if name not in {"areas", "clauses", "untestable"}}
    assert facts == {
        "format": "assisters-verify/results",
        "version": 1,
        "suite": {"name": "assisters-verify", "version": "0.1.0"},
        "target": {"base_url": "https://api.example.com"},
        "options": {"profile": "full"},
        "started_at": "2026-01-02T03:04:05+00:00",
        "duration_s": 1.235,
        "verdict": "conformant",
        "interrupted": None,
        "requests": 3,
        "usage": {"tokens": 7},
        "leftovers": ["key 1"],
        "recording": None,
        "replay": None,
    }


def test_clause_is_shown_with_its_checks() -> None:
    found = outcome(
        "CHAT-01", Verdict.FAIL, reason="r", expected="e", received="g", evidence=("x1", "x2"), duration_s=0.5
    )
    assert one(Level.MUST, found) == {
        "id": "CHAT-01",
        "area": "chat",
        "level": "must",
        "basis": "documented",
        "section": "Chat",
        "title": "CHAT-01 holds.",
        "verdict": "fail",
        "reason": "r",
        "expected": "e",
        "received": "g",
        "evidence": ["x1", "x2"],
        "checks": [
            {
                "check": "c",
                "clause": "CHAT-01",
                "verdict": "fail",
                "reason": "r",
                "expected": "e",
                "received": "g",
                "evidence": ["x1", "x2"],
                "duration_s": 0.5,
            }
        ],
    }


def test_must_without_outcome_is_never_green() -> None:
    results = build([clause("CHAT-01"), clause("CHAT-02")], [outcome("CHAT-01")])
    entry = results["clauses"][1]
    found = (entry["verdict"], entry["reason"], results["verdict"])
    assert found == ("skipped", "planned: there is no check for it yet", "incomplete")


def test_must_that_an_interrupted_run_did_not_reach_is_inconclusive() -> None:
    results = build([clause("CHAT-01"), clause("CHAT-02")], [outcome("CHAT-01")], interrupted="the target is gone")
    entry = results["clauses"][1]
    found = (entry["verdict"], entry["reason"], results["verdict"], results["interrupted"])
    assert found == ("inconclusive", "not run: the target is gone", "incomplete", "the target is gone")


def test_what_an_interrupted_run_reached_keeps_its_verdict() -> None:
    assert build([clause("CHAT-01")], [outcome("CHAT-01")], interrupted="Ctrl-C")["clauses"][0]["verdict"] == "pass"


def test_clause_without_outcome_has_one_check_without_a_name() -> None:
    checks = build([clause("CHAT-01")], [])["clauses"][0]["checks"]
    assert [(check["check"], check["clause"], check["verdict"]) for check in checks] == [("", "CHAT-01", "skipped")]


def test_clause_that_an_interrupted_run_did_not_reach_has_one_check_without_a_name() -> None:
    checks = build([clause("CHAT-01")], [], interrupted="Ctrl-C")["clauses"][0]["checks"]
    assert [(check["check"], check["clause"]) for check in checks] == [("", "CHAT-01")]


def test_nothing_asked_for_is_never_green() -> None:
    assert build([], [])["verdict"] == "incomplete"


def test_only_untestable_clauses_are_never_green() -> None:
    assert build([clause("CHAT-01", untestable="nobody sees it")], [])["verdict"] == "incomplete"


def test_untestable_clauses_stand_apart_with_their_reason() -> None:
    results = build(
        [clause("CHAT-01"), clause("DATA-01", area="data", untestable="nobody sees it")], [outcome("CHAT-01")]
    )
    found = ([entry["id"] for entry in results["clauses"]], results["untestable"], list(results["areas"]))
    untestable = {"id": "DATA-01", "area": "data", "title": "DATA-01 holds.", "reason": "nobody sees it"}
    assert found == (["CHAT-01"], [untestable], ["chat"])


def test_clauses_keep_the_catalogues_order() -> None:
    clauses = [clause("CHAT-02"), clause("KEY-01", area="keys"), clause("CHAT-01")]
    results = build(clauses, [outcome("CHAT-01"), outcome("KEY-01"), outcome("CHAT-02")])
    assert [entry["id"] for entry in results["clauses"]] == ["CHAT-02", "KEY-01", "CHAT-01"]


def test_outcome_of_a_clause_that_was_not_asked_for_is_left_out() -> None:
    results = build([clause("CHAT-01")], [outcome("CHAT-01"), outcome("CHAT-02", Verdict.FAIL)])
    assert (len(results["clauses"]), results["verdict"]) == (1, "conformant")


def test_areas_count_their_clauses_by_verdict() -> None:
    clauses = [clause("CHAT-01"), clause("CHAT-02"), clause("CHAT-03"), clause("KEY-01", area="keys")]
    passed = [outcome(found) for found in ("CHAT-01", "CHAT-03", "KEY-01")]
    areas = build(clauses, [*passed, outcome("CHAT-02", Verdict.FAIL)])["areas"]
    nothing = dict.fromkeys([str(verdict) for verdict in Verdict], 0)
    assert areas == {"chat": {**nothing, "pass": 2, "fail": 1}, "keys": {**nothing, "pass": 1}}


def test_worst_check_speaks_for_its_clause() -> None:
    entry = one(
        Level.MUST,
        outcome("CHAT-01", check="a", evidence=("x1",)),
        outcome("CHAT-01", Verdict.FAIL, check="b", reason="broken", expected="e", received="g", evidence=("x2",)),
        outcome("CHAT-01", Verdict.WARN, check="c", reason="odd", evidence=("x3",)),
    )
    found = (entry["verdict"], entry["reason"], entry["expected"], entry["received"], entry["evidence"])
    assert found == ("fail", "broken", "e", "g", ["x2"])


def test_all_checks_of_a_clause_are_kept_in_order() -> None:
    entry = one(Level.MUST, outcome("CHAT-01", check="a"), outcome("CHAT-01", Verdict.FAIL, check="b"))
    assert [check["check"] for check in entry["checks"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["first"], "first"),
        (["first", "second"], "first (and 1 more of its checks)"),
        (["first", "second", "third"], "first (and 2 more of its checks)"),
        (["", "second"], ""),
    ],
)
def test_reason_is_the_first_ones_and_counts_the_others(reasons: list[str], expected: str) -> None:
    found = one(Level.MUST, *(outcome("CHAT-01", Verdict.FAIL, reason=reason) for reason in reasons))
    assert found["reason"] == expected


def test_evidence_of_checks_that_agree_is_joined_without_repetition() -> None:
    entry = one(
        Level.MUST,
        outcome("CHAT-01", Verdict.FAIL, evidence=("x2", "x1")),
        outcome("CHAT-01", Verdict.FAIL, evidence=("x3", "x2")),
    )
    assert entry["evidence"] == ["x2", "x1", "x3"]


def test_warning_and_an_open_check_leave_a_must_undecided() -> None:
    warned = outcome("CHAT-01", Verdict.WARN, reason="odd")
    results = build([clause("CHAT-01")], [warned, outcome("CHAT-01", Verdict.INCONCLUSIVE, reason="a 429 came")])
    found = (results["verdict"], results["clauses"][0]["verdict"], results["clauses"][0]["reason"])
    assert found == ("incomplete", "inconclusive", "a 429 came")


@pytest.mark.parametrize(
    ("level", "verdict", "expected"),
    [
        (Level.MUST, Verdict.FAIL, "nonconformant"),
        (Level.MUST, Verdict.NOT_IMPLEMENTED, "nonconformant"),
        (Level.MUST, Verdict.INCONCLUSIVE, "incomplete"),
        (Level.MUST, Verdict.ERROR, "incomplete"),
        (Level.SHOULD, Verdict.WARN, "conformant"),
        (Level.SHOULD, Verdict.INCONCLUSIVE, "conformant"),
    ],
)
def test_verdict_on_the_whole_follows_from_the_clauses(level: Level, verdict: Verdict, expected: str) -> None:
    clauses = [clause("CHAT-01"), clause("CHAT-02", level=level)]
    assert build(clauses, [outcome("CHAT-01"), outcome("CHAT-02", verdict)])["verdict"] == expected


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("level", Level)
def test_results_have_the_published_form(verdict: Verdict, level: Level) -> None:
    schema = json.loads((content_root() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    clauses = [clause("CHAT-01"), clause("CHAT-02", level=level), clause("DATA-01", untestable="nobody sees it")]
    found = outcome("CHAT-02", verdict, reason="why", expected="e", received="g", evidence=("x1",), duration_s=0.1)
    results = build(clauses, [outcome("CHAT-01"), found])
    assert [error.message for error in Draft202012Validator(schema).iter_errors(results)] == []
