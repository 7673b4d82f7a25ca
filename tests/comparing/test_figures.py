"""Two runs of one server do not differ; one that got slower or fails is told, and noise is not."""

import math
from random import Random
from typing import Any

import pytest

from assisters_verify.comparing.figures import compare_figures
from assisters_verify.measures.histogram import Histogram, bounds

SECONDS = 60


def load_run(seed: int, *, slower: float = 1.0, failing: float = 0.0, wander: float = 0.0) -> dict[str, Any]:
    """Return what a run of 20 requests a second measured, of which the level may wander from second to second."""
    chance, level = Random(seed), 0.0  # noqa: S311 - a test that gives the same answer each time
    whole = Histogram()
    series: dict[str, list[float | None]] = {
        name: [] for name in ("t_s", "ok", "good", "failed", "refused", "finished", "tokens", "latency_p50_s")
    }
    for second in range(SECONDS):
        level = 0.8 * level + chance.gauss(0.0, wander)
        own, failed = Histogram(), sum(chance.random() < failing for _ in range(20))
        own.record_many(
            int(slower * 1e6 * math.exp(chance.gauss(math.log(0.2) + level, 0.4))) for _ in range(20 - failed)
        )
        whole.merge(own)
        ok = float(20 - failed)
        values = {"t_s": float(second), "ok": ok, "good": ok, "failed": float(failed), "refused": 0.0}
        values |= {"finished": 20.0, "tokens": 10 * ok, "latency_p50_s": own.quantile_s(0.5) or 0.0}
        for name, value in values.items():
            series[name].append(value)
    indexes = sorted(whole.counts)
    distribution = {"us": [bounds(index)[0] for index in indexes], "count": [whole.counts[index] for index in indexes]}
    return {"measures": {"latency_s": whole.summary()}, "distributions": {"latency_s": distribution}, "series": series}


def directions(old: dict[str, Any], new: dict[str, Any], *, tolerance: float = 0.05) -> dict[str, str]:
    return {entry["measure"]: entry["direction"] for entry in compare_figures(old, new, tolerance=tolerance)}


@pytest.mark.parametrize("wander", [0.0, 0.05])
@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_regression(seed: int, wander: float) -> None:
    found = directions(load_run(seed, wander=wander), load_run(seed + 100, wander=wander))

    assert set(found.values()) == {"same"}


def test_slower_run_is_worse() -> None:
    assert directions(load_run(1), load_run(2, slower=1.3))["latency_s.p50"] == "worse"


def test_faster_run_is_better() -> None:
    assert directions(load_run(1, slower=1.3), load_run(2))["latency_s.p50"] == "better"


def test_failures_are_worse() -> None:
    assert directions(load_run(1), load_run(2, failing=0.05))["failed_share"] == "worse"


def test_fewer_answers_are_worse() -> None:
    assert directions(load_run(1), load_run(2, failing=0.2))["ok_per_s"] == "worse"


def test_change_within_the_tolerance_is_none() -> None:
    assert directions(load_run(1), load_run(2, slower=1.3), tolerance=0.5)["latency_s.p50"] == "same"


def test_quantile_that_rests_on_a_handful_of_values_is_left_out() -> None:
    run = load_run(1)
    few = {"us": [1000], "count": [50]}
    thin = {**run, "distributions": {"latency_s": few}}

    assert "latency_s.p99" not in directions(thin, thin)


def test_same_comparison_gives_the_same_answer() -> None:
    old, new = load_run(1), load_run(2)

    assert compare_figures(old, new, tolerance=0.05) == compare_figures(old, new, tolerance=0.05)
