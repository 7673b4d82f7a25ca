"""Thresholds are judged by the figures, and what was not measured is not held."""

from typing import Any

from assisters_verify.load_thresholds import judge_thresholds
from assisters_verify.settings.thresholds import read_thresholds

FIGURES = {
    "measures": {"latency_s": {"p95": 0.2}, "ttft_s": {"p95": None}},
    "shares": {"error_rate": 0.02, "goodput": 0.9},
    "rate": {"achieved_per_s": 11.0},
}


def judged(value: dict[str, Any], **kinds: Any) -> list[tuple[str, Any, str]]:
    found, _ = judge_thresholds(read_thresholds(value), FIGURES, kinds)
    return [(each["measure"], each["value"], each["verdict"]) for each in found]


def test_each_threshold_is_held_or_not() -> None:
    assert judged(
        {"latency_s": {"p95": 0.2}, "error_rate": 0.01, "goodput": 0.9, "achieved_per_s": 12, "refused_rate": 0}
    ) == [
        ("latency_s.p95", 0.2, "pass"),
        ("error_rate", 0.02, "fail"),
        ("goodput", 0.9, "pass"),
        ("achieved_per_s", 11.0, "fail"),
        ("refused_rate", None, "fail"),
    ]


def test_what_was_not_measured_is_not_held_and_says_so() -> None:
    found, _ = judge_thresholds(read_thresholds({"ttft_s": {"p95": 1}}), FIGURES, {})
    assert (found[0]["verdict"], found[0]["reason"]) == (
        "fail",
        "nothing of it was measured, so nothing shows that it holds",
    )


def test_a_kind_has_its_own_figures() -> None:
    other = {**FIGURES, "shares": {"error_rate": 0.0}}
    assert judged({"chat": {"error_rate": 0.01}}, chat=other) == [("chat.error_rate", 0.0, "pass")]


def test_a_kind_of_which_nothing_was_sent_is_left_out_and_told() -> None:
    found, left_out = judge_thresholds(read_thresholds({"tools": {"error_rate": 0.01}}), FIGURES, {})
    assert (found, left_out) == ([], [{"measure": "tools.error_rate", "limit": 0.01}])
