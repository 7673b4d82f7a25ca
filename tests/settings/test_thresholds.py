"""Thresholds name measures that there are, and know which way they are to be held."""

from typing import Any

import pytest

from assisters_verify.settings.thresholds import Threshold, read_thresholds


def test_thresholds_are_read_in_their_order() -> None:
    found = read_thresholds({"ttft_s": {"p95": 0.8}, "error_rate": 0.01, "streaming": {"gap_s": {"p99": 0.1}}})
    assert found == (
        Threshold(measure="ttft_s.p95", limit=0.8),
        Threshold(measure="error_rate", limit=0.01),
        Threshold(measure="gap_s.p99", limit=0.1, kind="streaming"),
    )


@pytest.mark.parametrize(
    ("measure", "limit", "value", "is_held"),
    [
        ("ttft_s.p95", 0.8, 0.8, True),
        ("ttft_s.p95", 0.8, 0.801, False),
        ("error_rate", 0.0, 0.0, True),
        ("goodput", 0.95, 0.95, True),
        ("goodput", 0.95, 0.94, False),
        ("stream_tokens_per_s.p50", 30.0, 29.0, False),
        ("achieved_per_s", 10.0, 12.0, True),
    ],
)
def test_times_are_held_from_above_and_rates_from_below(
    *, measure: str, limit: float, value: float, is_held: bool
) -> None:
    assert Threshold(measure=measure, limit=limit).is_held(value) is is_held


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"tttf_s": {"p95": 1}}, "no measure `tttf_s` (the nearest is `ttft_s`)"),
        ({"error_rat": 1}, "the nearest is `error_rate`"),
        ({"ttft_s": {"p59": 1}}, "`ttft_s` has mean, p50, p90, p95, p99, max, and nothing else"),
        ({"ttft_s": 1}, "as in `ttft_s: {p95: 0.8}`"),
        ({"error_rate": "low"}, "should be a number"),
        ({"error_rate": True}, "should be a number"),
        ({"error_rate": -1}, "not negative"),
        ({"error_rate": float("nan")}, "not negative"),
        ({"streaming": {"chat": {"error_rate": 1}}}, "no measure `chat`"),
        ({"streaming": 1}, "`streaming` should hold measures"),
    ],
    ids=str,
)
def test_what_is_no_threshold_is_refused_with_the_nearest_word(value: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        read_thresholds(value)
    assert words in str(caught.value)
