"""The steps of a ramp: their rates, and which of them held the thresholds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assisters_verify.generator.lanes import Phase, Step
from assisters_verify.load_thresholds import judge_thresholds
from assisters_verify.measures.group import Group
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings

# A step shows something when it lasts a few seconds; more than so many make a search no better.
_SHORTEST_S = 5.0
_FEWEST, _MOST = 4, 20
_LOWEST_SHARE = 0.1
_PER_S = " per s"

Figures = Callable[[Group, float], dict[str, Any]]


def rates_of_steps(settings: LoadSettings) -> tuple[Step, ...]:
    """Return the steps of the whole run, each a constant factor above the one before; the warm-up is at the lowest."""
    if settings.rate_per_s is None:
        raise ValueError("a ramp needs the highest rate to try")
    count = int(min(max(settings.duration_s // _SHORTEST_S, _FEWEST), _MOST))
    lasts_s = settings.duration_s / count
    rates = [settings.rate_per_s * _LOWEST_SHARE ** (1 - number / (count - 1)) for number in range(count)]
    warm_up = Step(duration_s=settings.warm_up_s, rate_per_s=rates[0])
    return (warm_up, *(Step(duration_s=lasts_s, rate_per_s=rate) for rate in rates))


def phases_of_steps(steps: Sequence[Step]) -> tuple[Phase, ...]:
    """Return a phase for each step, so that its figures are kept apart."""
    starts_s = [sum(step.duration_s for step in steps[:number]) for number in range(len(steps))]
    return tuple(
        Phase(start_s=start_s, name=f"{step.rate_per_s:.6g}{_PER_S}")
        for start_s, step in zip(starts_s, steps, strict=True)
    )


def judge_steps(settings: LoadSettings, measures: Measures, figures_of: Figures) -> list[dict[str, Any]]:
    """Return each step of a ramp with its thresholds, slowest first; nothing for any other scenario.

    A threshold on one kind of request is judged over all kinds, which a step does not tell apart.
    """
    found: list[dict[str, Any]] = []
    for name, group in measures.phases.items():
        if not name.endswith(_PER_S):
            continue
        figures = figures_of(group, settings.duration_s / max(len(measures.phases), 1))
        kinds = {threshold.kind: figures for threshold in settings.thresholds if threshold.kind}
        judged, _ = judge_thresholds(settings.thresholds, figures, kinds)
        is_held = all(each["verdict"] == "pass" for each in judged)
        found.append(
            {
                "rate_per_s": float(name.removesuffix(_PER_S)),
                "verdict": "pass" if is_held else "fail",
                "thresholds": judged,
                "figures": figures,
            }
        )
    return sorted(found, key=lambda step: float(step["rate_per_s"]))


def highest_held(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the fastest step below which every step held, or None where the slowest did not."""
    held = None
    for step in steps:
        if step["verdict"] != "pass":
            break
        held = step
    return held
