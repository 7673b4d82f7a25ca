"""A change of a verdict counts by what it means for the target."""

from typing import Any

import pytest

from assisters_verify.comparing.clauses import compare_clauses


def clause(verdict: str, *, level: str = "must", name: str = "CHAT-05", checks: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {
        "id": name,
        "area": "chat",
        "title": "A promise.",
        "level": level,
        "verdict": verdict,
        "reason": f"it is {verdict}",
        "checks": [{"check": check, "verdict": found, "reason": ""} for check, found in checks],
    }


@pytest.mark.parametrize(
    ("level", "old", "new", "direction"),
    [
        ("must", "pass", "fail", "worse"),
        ("must", "pass", "inconclusive", "worse"),
        ("must", "pass", "error", "worse"),
        ("must", "warn", "inconclusive", "worse"),
        ("must", "inconclusive", "fail", "worse"),
        ("must", "fail", "pass", "better"),
        ("must", "fail", "inconclusive", "better"),
        ("must", "skipped", "pass", "better"),
        ("must", "fail", "not_implemented", "changed"),
        ("must", "pass", "not_applicable", "changed"),
        ("should", "pass", "warn", "worse"),
        ("should", "warn", "pass", "better"),
        ("should", "pass", "inconclusive", "changed"),
    ],
)
def test_direction_is_what_a_change_means(level: str, old: str, new: str, direction: str) -> None:
    (change,) = compare_clauses([clause(old, level=level)], [clause(new, level=level)])

    assert change["direction"] == direction


def test_clause_that_is_as_it_was_is_left_out() -> None:
    assert compare_clauses([clause("pass")], [clause("pass")]) == []


def test_clause_that_became_binding_is_a_change() -> None:
    (change,) = compare_clauses([clause("warn", level="should")], [clause("fail")])

    assert (change["direction"], change["old"]["level"], change["new"]["level"]) == ("worse", "should", "must")


@pytest.mark.parametrize(("old", "new", "direction"), [([], ["fail"], "new"), (["fail"], [], "gone")])
def test_clause_in_one_result_only_is_neither_worse_nor_better(old: list[str], new: list[str], direction: str) -> None:
    (change,) = compare_clauses([clause(each) for each in old], [clause(each) for each in new])

    assert change["direction"] == direction


def test_change_says_why_on_both_sides() -> None:
    (change,) = compare_clauses([clause("pass")], [clause("fail")])

    assert (change["old"]["reason"], change["new"]["reason"]) == ("it is pass", "it is fail")


def test_change_names_the_checks_that_found_otherwise() -> None:
    old = clause("pass", checks=(("a", "pass"), ("b", "pass"), ("c", "pass")))
    new = clause("fail", checks=(("a", "pass"), ("b", "fail"), ("d", "pass")))

    (change,) = compare_clauses([old], [new])

    assert [(check["check"], check["old"], check["new"]) for check in change["checks"]] == [
        ("b", "pass", "fail"),
        ("c", "pass", None),
        ("d", None, "pass"),
    ]
