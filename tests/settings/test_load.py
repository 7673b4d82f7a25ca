"""The settings of a load run are one frozen object that survives the way to the generator."""

from typing import Any

import pytest
from pydantic import ValidationError

from assisters_verify.settings.load import LoadSettings


def make(**values: Any) -> LoadSettings:
    return LoadSettings.model_validate({"scenario": "chat", "rate_per_s": 5.0, **values})


def test_json_and_back_changes_nothing() -> None:
    settings = make(
        target={"base_url": "https://api.example.com/prefix/v1", "models": {"chat": "m"}},
        thresholds={"ttft_s": {"p95": 0.8}, "streaming": {"error_rate": 0}},
        prompt_words={"choices": {20: 1, 400: 2}},
        good={"latency_s": 3},
        role="master",
    )
    assert LoadSettings.from_json(settings.to_json()) == settings


@pytest.mark.parametrize("loop", [{"users": 3}, {"rate_per_s": None}, {"users": 0, "rate_per_s": None}])
def test_neither_loop_or_both_are_refused(loop: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(**loop)


def test_a_rate_above_the_cap_is_refused() -> None:
    with pytest.raises(ValidationError, match="above the cap of 100 requests a second"):
        make(rate_per_s=101, max_rate_per_s=100)


def test_users_make_a_closed_loop() -> None:
    assert (make().is_open_loop, make(rate_per_s=None, users=2).is_open_loop) == (True, False)


def test_a_good_request_holds_the_loosest_of_the_thresholds_on_it() -> None:
    settings = make(thresholds={"ttft_s": {"p50": 0.3, "p99": 2}, "error_rate": 0.1, "chat": {"latency_s": {"p95": 9}}})
    assert settings.request_limits == {"ttft_s": 2.0, "latency_s": 9.0}


def test_what_a_good_request_holds_can_be_said() -> None:
    settings = make(thresholds={"ttft_s": {"p50": 0.3}}, good={"latency_s": 1})
    assert settings.request_limits == {"latency_s": 1.0}


def test_a_good_request_is_told_by_times_that_a_request_has() -> None:
    with pytest.raises(ValidationError, match=r"no request has `latncy_s` .the nearest is `latency_s`."):
        make(good={"latncy_s": 1})


def test_weights_are_of_kinds_that_there_are() -> None:
    with pytest.raises(ValidationError, match=r"no kind of request `steaming` .the nearest is `streaming`."):
        make(weights={"steaming": 1})


def test_the_run_is_ended_after_its_parts_and_the_drain() -> None:
    settings = make(duration_s=10, warm_up_s=2, cool_down_s=1, drain_s=5)
    assert (settings.whole_s, settings.limit_s, make(deadline_s=3).limit_s) == (13, 78, 3)
