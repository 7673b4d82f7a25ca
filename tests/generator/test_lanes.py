"""Arrivals come when they should, and every one of them in exactly one process."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.generator.lanes import OpenLoop, Recorded, Step


def dues_of(loop: OpenLoop, seed: int = 1) -> list[float]:
    return list(loop.dues_s(Random(seed)))  # noqa: S311 - arrivals


def test_even_arrivals_do_not_drift() -> None:
    loop = OpenLoop(steps=(Step(duration_s=10.0, rate_per_s=300.0),))

    assert dues_of(loop) == [number / 300 for number in range(3000)]


def test_steps_follow_each_other() -> None:
    loop = OpenLoop(
        steps=(
            Step(duration_s=1.0, rate_per_s=2.0),
            Step(duration_s=1.0, rate_per_s=0.0),
            Step(duration_s=1.0, rate_per_s=4.0),
        )
    )

    assert dues_of(loop) == [0.0, 0.5, 2.0, 2.25, 2.5, 2.75]


@given(st.integers(min_value=0, max_value=1000))
def test_random_arrivals_are_the_same_for_the_same_seed_and_in_order(seed: int) -> None:
    loop = OpenLoop(
        steps=(Step(duration_s=2.0, rate_per_s=50.0), Step(duration_s=1.0, rate_per_s=5.0)), is_poisson=True
    )
    dues_s = dues_of(loop, seed)

    assert all(earlier <= later for earlier, later in pairwise(dues_s))
    assert dues_s == dues_of(loop, seed)


def test_random_arrivals_have_the_mean_and_the_spread_of_a_poisson_process() -> None:
    dues_s = dues_of(OpenLoop(steps=(Step(duration_s=1000.0, rate_per_s=20.0),), is_poisson=True))
    gaps_s = [later - earlier for earlier, later in pairwise(dues_s)]
    mean_s = sum(gaps_s) / len(gaps_s)
    spread_s = (sum((gap_s - mean_s) ** 2 for gap_s in gaps_s) / len(gaps_s)) ** 0.5

    assert mean_s == pytest.approx(0.05, rel=0.05)
    assert spread_s == pytest.approx(mean_s, rel=0.05)


def test_recorded_arrivals_are_as_they_were() -> None:
    assert list(Recorded(times_s=(0.0, 0.3, 0.3)).dues_s(Random(1))) == [0.0, 0.3, 0.3]  # noqa: S311 - arrivals


def test_peak_is_the_highest_rate() -> None:
    loop = OpenLoop(steps=(Step(duration_s=1.0, rate_per_s=2.0), Step(duration_s=1.0, rate_per_s=7.0)))

    assert loop.peak_per_s == 7.0
