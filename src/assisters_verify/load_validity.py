"""Tell whether the generator was the limit of a load run: then its figures are about itself, and it is void."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings, Role
from assisters_verify.settings.thresholds import Direction

# Below this a figure's error is that of any clock on a machine that does something else too.
_LEAST_S = 0.002
_SHARE_OF_GAP = 0.2
_SHARE_OF_LATENCY = 0.02
_LEAST_DELIVERED = 0.99
_MOST_CPU = 0.9
_NOTABLE_OTHERS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One condition under which the figures are the target's. `unit` names a measure of the same unit."""

    name: str
    unit: str
    direction: Direction
    limit: float
    value: float
    why: str

    @property
    def is_held(self) -> bool:
        """Whether the generator was no limit here."""
        return self.value <= self.limit if self.direction is Direction.AT_MOST else self.value >= self.limit


def judge_generator(settings: LoadSettings, measures: Measures) -> tuple[Rule, ...]:
    """Return every rule that applies to this run, with what was measured."""
    found = (rule(settings, measures) for rule in _RULES)
    return tuple(rule for rule in found if rule is not None)


def advice(settings: LoadSettings, measures: Measures) -> str:
    """Return what to do where a rule was broken."""
    cores = os.cpu_count() or 1
    wall_s = sum(health.figures["wall_s"] for health in measures.health.values())
    others_s = sum(health.figures["others_cpu_s"] for health in measures.health.values())
    words = []
    if wall_s and others_s / wall_s > _NOTABLE_OTHERS:
        words.append(
            f"Other programs took {others_s / wall_s:.0%} of a core meanwhile (the target too, if it runs here): "
            "end them, or put the generator on a machine of its own."
        )
    more = settings.processes + 1
    if more <= cores:
        words.append(f"Take more processes: --processes {more} (this machine has {cores} cores).")
    words.append("Take workers on other machines: --master here, --worker there. Or ask for less load.")
    words.append("`assisters-verify load calibrate` shows what this machine can measure.")
    return " ".join(words)


def _lag(_settings: LoadSettings, measures: Measures) -> Rule | None:
    value = measures.own_histograms()["lag_s"].quantile_s(0.99)
    if value is None:
        return None
    gap_s = measures.histograms["gap_s"].quantile_s(0.5)
    service_s = measures.histograms["service_s"].quantile_s(0.5)
    relative = gap_s * _SHARE_OF_GAP if gap_s is not None else (service_s or 0.0) * _SHARE_OF_LATENCY
    return Rule(
        name="Answers were read after they had arrived, p99",
        unit="lag_s",
        direction=Direction.AT_MOST,
        limit=max(_LEAST_S, relative),
        value=value,
        why="What lies in the socket unread is timed too late, or together with what came after it. Allowed are "
        f"{_LEAST_S * 1000:g} ms, or {_SHARE_OF_GAP:.0%} of the usual gap between tokens "
        f"(without streams {_SHARE_OF_LATENCY:.0%} of the usual answer).",
    )


def _lateness(settings: LoadSettings, measures: Measures) -> Rule | None:
    value = measures.own_histograms()["lateness_s"].quantile_s(0.99)
    if value is None or not settings.is_open_loop:
        return None
    return Rule(
        name="Requests were sent after they were due, p99",
        unit="lateness_s",
        direction=Direction.AT_MOST,
        limit=max(_LEAST_S, (measures.histograms["service_s"].quantile_s(0.5) or 0.0) * _SHARE_OF_LATENCY),
        value=value,
        why="All times from due hold this delay, which is ours. Allowed are "
        f"{_LEAST_S * 1000:g} ms, or {_SHARE_OF_LATENCY:.0%} of the usual answer.",
    )


def _delivered(_settings: LoadSettings, measures: Measures) -> Rule | None:
    asked, delivered, capped = (
        sum(health.figures[name] for health in measures.health.values()) for name in ("asked", "delivered", "capped")
    )
    if asked - capped <= 0:
        return None
    return Rule(
        name="Requests that were sent, of those that were due",
        unit="delivered_share",
        direction=Direction.AT_LEAST,
        limit=_LEAST_DELIVERED,
        value=min(delivered / (asked - capped), 1.0),
        why="A target that got less than what was asked for was not tried at it. What a cap held back is not counted.",
    )


def _processor(_settings: LoadSettings, measures: Measures) -> Rule | None:
    shares = [
        health.figures["cpu_s"] / health.figures["wall_s"]
        for health in measures.health.values()
        if health.figures["wall_s"] >= 1
    ]
    if not shares:
        return None
    return Rule(
        name="Processor time of the busiest process, of one core",
        unit="cpu_share",
        direction=Direction.AT_MOST,
        limit=_MOST_CPU,
        value=max(shares),
        why="A process that hardly ever rests could not have sent or read more, so the rate is its own.",
    )


def _processes(settings: LoadSettings, measures: Measures) -> Rule | None:
    asked = settings.workers if settings.role is Role.MASTER else settings.processes
    if asked == 1 and len(measures.health) >= 1:
        return None
    return Rule(
        name="Processes that told their figures, of those that were asked for",
        unit="delivered_share",
        direction=Direction.AT_LEAST,
        limit=1.0,
        value=min(len(measures.health) / asked, 1.0),
        why="The share of a process that died is missing from the load and from the figures.",
    )


_RULES: tuple[Callable[[LoadSettings, Measures], Rule | None], ...] = (
    _lag,
    _lateness,
    _delivered,
    _processor,
    _processes,
)
