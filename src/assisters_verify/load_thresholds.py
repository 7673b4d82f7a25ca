"""Judge the thresholds of a load run by its figures: one that could not be measured is not held."""

from collections.abc import Iterable, Mapping
from typing import Any

from assisters_verify.settings.thresholds import NUMBERS, Threshold

Figures = Mapping[str, Any]


def judge_thresholds(
    thresholds: Iterable[Threshold], figures: Figures, kinds: Mapping[str, Figures]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the judged thresholds as load.json has them, and those of kinds of which nothing was sent."""
    judged, left_out = [], []
    for threshold in thresholds:
        if threshold.kind and threshold.kind not in kinds:
            left_out.append({"measure": threshold.name, "limit": threshold.limit})
        else:
            judged.append(_judge(threshold, kinds[threshold.kind] if threshold.kind else figures))
    return judged, left_out


def _judge(threshold: Threshold, figures: Figures) -> dict[str, Any]:
    value = _value(threshold.measure, figures)
    is_held = value is not None and threshold.is_held(value)
    return {
        "measure": threshold.name,
        "limit": threshold.limit,
        "value": value,
        "verdict": "pass" if is_held else "fail",
        "direction": threshold.direction,
        "reason": "nothing of it was measured, so nothing shows that it holds" if value is None else "",
    }


def _value(measure: str, figures: Figures) -> float | None:
    if measure in NUMBERS:
        found = figures["shares"].get(measure, figures["rate"].get(measure))
    else:
        name, _, statistic = measure.partition(".")
        found = figures["measures"].get(name, {}).get(statistic)
    return None if found is None else float(found)
