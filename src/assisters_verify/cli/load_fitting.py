"""Fit the settings to scenarios that plan themselves: those about rate limits know how long and with how many keys."""

from collections.abc import Mapping
from typing import Any

from assisters_verify.contract.throttling.bounds import Limit
from assisters_verify.contract.throttling.plan import KEYS, PLANS, Plan
from assisters_verify.settings import SettingsError
from assisters_verify.settings.load import LoadSettings


def is_about_limits(scenario: str) -> bool:
    """Tell whether the scenario goes to the rate limit on purpose."""
    return scenario in PLANS


def fit(settings: LoadSettings, given: Mapping[str, Any]) -> LoadSettings:
    """Return the settings with what the scenario plans, where it plans; `given` are options that stay as they are.

    Raises SettingsError where a ramp is not told how far to go.
    """
    if settings.scenario == "ramp" and settings.rate_per_s is None:
        raise SettingsError("a ramp searches up to a highest rate, and none was given. Give it as --rate R.")
    if not is_about_limits(settings.scenario):
        return settings
    keys = settings.keys if given.get("keys") is not None else KEYS[settings.scenario]
    plan = planned(settings.model_copy(update={"keys": keys}))
    values: dict[str, Any] = {"keys": keys, "warm_up_s": 0.0, "cool_down_s": 0.0, "users": None}
    values["rate_per_s"] = plan.peak_per_s
    if given.get("duration_s") is None:
        values["duration_s"] = plan.duration_s
    return settings.model_copy(update=values)


def planned(settings: LoadSettings) -> Plan:
    """Return what the scenario sends."""
    limit = settings.target.rate_limit
    return PLANS[settings.scenario](Limit(requests=limit.requests, window_s=limit.window_s), settings.keys)


def requests_planned(settings: LoadSettings) -> float:
    """Return how many requests the scenario sends, those left out that refused clients send again."""
    lanes = planned(settings).lanes
    return sum((each.until_s - each.since_s) * each.rate_per_s for lane in lanes for each in lane.stretches)
