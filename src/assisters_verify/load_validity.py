"""Tell whether the generator was the limit of a load run: then its figures are about itself, and it is void."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings, Role
from assisters_verify.settings.thresholds import Direction

# With the kernel's receive times a late read falsifies a figure only where it joins what came apart: when it is later
# than the next piece. Without them every figure is late by it.
_LEAST_S = {True: 0.005, False: 0.002}
_SHARE_OF_GAP = {True: 0.5, False: 0.2}
_SHARE_OF_ANSWER = {True: 0.1, False: 0.02}
_LEAST_LATENESS_S, _LATENESS_SHARE = 0.005, 0.05
# Where requests are counted over whole windows of a rate limit, a tenth of a second changes nothing.
_COUNTED_S = 0.1
_LEAST_DELIVERED = 0.99
_MOST_CPU = 0.9
_NOTABLE_OTHERS = 0.25
_KERNEL = "kernel"
_WHY_COUNTED = "Requests are counted over windows of the rate limit here, where a tenth of a second changes nothing."


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    settings: LoadSettings
    measures: Measures
    is_counted: bool

    @property
    def is_kernel_timed(self) -> bool:
        return all(_KERNEL in health.receive_clock for health in self.measures.health.values())

    def median_s(self, name: str) -> float:
        return self.measures.histograms[name].quantile_s(0.5) or 0.0


def judge_generator(settings: LoadSettings, measures: Measures, *, is_counted: bool) -> tuple[Rule, ...]:
    """Return every rule that applies to this run, with what was measured.

    `is_counted` says that the run judges how many requests were accepted, and not how long they took.
    """
    case = _Case(settings=settings, measures=measures, is_counted=is_counted)
    found = (rule(case) for rule in _RULES)
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


def _lag(case: _Case) -> Rule | None:
    value = case.measures.own_histograms()["lag_s"].quantile_s(0.99)
    if value is None:
        return None
    is_exact, gap_s = case.is_kernel_timed, case.median_s("gap_s")
    least_s, of_gap, of_answer = _LEAST_S[is_exact], _SHARE_OF_GAP[is_exact], _SHARE_OF_ANSWER[is_exact]
    relative_s = gap_s * of_gap if gap_s else case.median_s("service_s") * of_answer
    why = f"Allowed are {least_s * 1000:g} ms, or {of_gap:.0%} of the usual gap between tokens (without streams "
    why += f"{of_answer:.0%} of the usual answer). "
    why += "Arrival is timed by the kernel: a late read only joins what came apart." if is_exact else ""
    return Rule(
        name="Answers were read after they had arrived, p99",
        unit="lag_s",
        direction=Direction.AT_MOST,
        limit=_COUNTED_S if case.is_counted else max(least_s, relative_s),
        value=value,
        why=_WHY_COUNTED if case.is_counted else why.strip(),
    )


def _lateness(case: _Case) -> Rule | None:
    value = case.measures.own_histograms()["lateness_s"].quantile_s(0.99)
    if value is None or not case.settings.is_open_loop:
        return None
    why = "All times from due hold this delay, which is ours. Allowed are "
    why += f"{_LEAST_LATENESS_S * 1000:g} ms, or {_LATENESS_SHARE:.0%} of the usual answer."
    return Rule(
        name="Requests were sent after they were due, p99",
        unit="lateness_s",
        direction=Direction.AT_MOST,
        limit=_COUNTED_S if case.is_counted else max(_LEAST_LATENESS_S, case.median_s("service_s") * _LATENESS_SHARE),
        value=value,
        why=_WHY_COUNTED if case.is_counted else why,
    )


def _delivered(case: _Case) -> Rule | None:
    asked, delivered, capped = (
        sum(health.figures[name] for health in case.measures.health.values())
        for name in ("asked", "delivered", "capped")
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


def _processor(case: _Case) -> Rule | None:
    shares = [
        health.figures["cpu_s"] / health.figures["wall_s"]
        for health in case.measures.health.values()
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


def _processes(case: _Case) -> Rule | None:
    # One that died late has told of itself, but not to the end.
    settings, found = case.settings, len(case.measures.health.keys() - set(case.measures.lost))
    asked = settings.workers if settings.role is Role.MASTER else settings.processes
    if asked == 1 and found >= 1:
        return None
    return Rule(
        name="Processes that told their figures to the end, of those that were asked for",
        unit="delivered_share",
        direction=Direction.AT_LEAST,
        limit=1.0,
        value=min(found / asked, 1.0),
        why="The share of a process that died is missing from the load and from the figures.",
    )


_RULES: tuple[Callable[[_Case], Rule | None], ...] = (
    _lag,
    _lateness,
    _delivered,
    _processor,
    _processes,
)
