"""A comparison says of what kind the difference is, and refuses what cannot be compared."""

from typing import Any

import pytest

from assisters_verify.comparing.comparison import NotComparable, compare, got_worse
from assisters_verify.reporting.comparison import COMPARISONS


def results(verdict: str = "pass", *, suite: str = "1.0", sha256: str | None = None) -> dict[str, Any]:
    return {
        "format": "assisters-verify/results",
        "suite": {"name": "assisters-verify", "version": suite},
        "target": {"base_url": "http://127.0.0.1:1"},
        "started_at": "2026-11-23T00:00:00+00:00",
        "verdict": "conformant" if verdict == "pass" else "nonconformant",
        "recording": sha256 and {"file": "recording.jsonl.gz", "sha256": sha256},
        "clauses": [
            {
                "id": "CHAT-05",
                "area": "chat",
                "title": "An unknown `model` is refused.",
                "level": "must",
                "verdict": verdict,
                "reason": "" if verdict == "pass" else "expected 404, received 200",
                "checks": [{"check": "test_chat.py::test_a", "verdict": verdict, "reason": ""}],
            }
        ],
    }


def load(scenario: str = "streaming", verdict: str = "pass", threshold: str = "pass") -> dict[str, Any]:
    return {
        **results(),
        "format": "assisters-verify/load",
        "scenario": scenario,
        "verdict": verdict,
        "options": {"users": 5},
        "clauses": [],
        "measures": {},
        "distributions": {},
        "series": {"t_s": []},
        "thresholds": [{"measure": "ttft_s.p95", "limit": 0.5, "value": 0.4, "verdict": threshold}],
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (results(), results(), "One version of the suite judged two runs"),
        (results(), results(suite="2.0"), "Two versions of the suite judged two runs"),
        (results(sha256="a"), results(sha256="a", suite="2.0"), "One recording was judged twice, by two versions"),
        (results(sha256="a"), results(sha256="b"), "One version of the suite judged two runs"),
    ],
)
def test_comparison_says_what_a_difference_can_come_of(old: Any, new: Any, words: str) -> None:
    (note,) = compare(old, new, tolerance=0.05)["notes"]

    assert words in note


def test_replay_counts_by_what_it_judged() -> None:
    replay = {**results(suite="2.0"), "replay": {"sha256": "a"}}

    assert "One recording" in compare(results(sha256="a"), replay, tolerance=0.05)["notes"][0]


@pytest.mark.parametrize(("old", "new", "is_worse"), [("pass", "fail", True), ("fail", "pass", False)])
def test_worse_is_what_makes_the_exit_status(old: str, new: str, is_worse: bool) -> None:  # noqa: FBT001 - a table
    assert got_worse(compare(results(old), results(new), tolerance=0.05)) is is_worse


def test_threshold_that_is_not_held_any_more_is_worse() -> None:
    assert got_worse(compare(load(), load(threshold="fail"), tolerance=0.05))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (results(), load(), "one is of assisters-verify/results"),
        (load(), load("tools"), "one is of the scenario streaming"),
        (load(), load(verdict="void"), "the new one is void"),
    ],
)
def test_what_has_nothing_to_do_with_each_other_is_refused(old: Any, new: Any, why: str) -> None:
    with pytest.raises(NotComparable, match=why):
        compare(old, new, tolerance=0.05)


def test_different_loads_are_told() -> None:
    new = {**load(), "options": {"users": 9}}

    assert compare(load(), new, tolerance=0.05)["notes"] == ["These were different loads: users 5 and 9."]


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_each_form_tells_the_clause_and_the_change(form: str) -> None:
    text = COMPARISONS[form](compare(results(), results("fail"), tolerance=0.05)).decode()

    assert all(word in text for word in ("CHAT-05", "fail", "expected 404, received 200"))


def test_markdown_of_a_foreign_text_stays_text() -> None:
    new = results("fail")
    new["clauses"][0]["reason"] = "</details><script>alert(1)</script> **bold**"

    text = COMPARISONS["markdown"](compare(results(), new, tolerance=0.05)).decode()

    assert "`new: </details><script>alert(1)</script> **bold**`" in text
