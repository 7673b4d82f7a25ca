"""Scenarios about rate limits bring their own time, rates and keys; what was given on the command line stays."""

from typing import Any

import pytest

from assisters_verify.cli.load_fitting import fit, is_about_limits, requests_planned
from assisters_verify.settings import SettingsError
from assisters_verify.settings.load import LoadSettings


def fitted(scenario: str, **given: Any) -> LoadSettings:
    settings = LoadSettings.model_validate({"scenario": scenario, "rate_per_s": 4, "warm_up_s": 2, **given})
    return fit(settings, given)


def test_other_scenarios_stay_as_they_are() -> None:
    settings = fitted("chat")
    assert (settings.duration_s, settings.keys, settings.warm_up_s, is_about_limits("chat")) == (30, 1, 2, False)


def test_time_and_keys_are_the_plans() -> None:
    settings = fitted("throttling")
    assert (settings.duration_s, settings.keys, settings.warm_up_s) == (165, 6, 0)


def test_what_was_given_stays() -> None:
    settings = fitted("throttling", keys=3, duration_s=40.0)
    assert (settings.keys, settings.duration_s) == (3, 40)


def test_a_shorter_window_makes_a_shorter_run() -> None:
    settings = fitted("isolation", target={"rate_limit": {"requests": 60, "window_s": 6}})
    assert (settings.duration_s, round(requests_planned(settings))) == (13.5, 368)


def test_ramp_without_a_highest_rate_is_refused() -> None:
    with pytest.raises(SettingsError, match="Give it as --rate R"):
        fitted("ramp", rate_per_s=None, users=3)
