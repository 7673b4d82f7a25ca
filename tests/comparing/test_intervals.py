"""Intervals are as wide as chance makes figures, and wider where slow seconds come together."""

import math
from random import Random

import pytest

from assisters_verify.comparing.intervals import (
    Distribution,
    block_draws,
    block_size,
    design_effect,
    draws_of,
    interval,
    widening,
)

EVEN = Distribution(list(range(1000, 2000)), [1] * 1000)


def chance() -> Random:
    return Random(7)  # noqa: S311 - a test that gives the same answer each time


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_draws_of_a_quantile_lie_about_it(share: float) -> None:
    draws = draws_of(EVEN, share, size=1000, chance=chance())

    assert sum(draws) / len(draws) == pytest.approx((1000 + 1000 * share) / 1e6, rel=0.01)


def test_draws_of_a_quantile_are_as_wide_as_theory_has_it() -> None:
    least, most = interval(draws_of(EVEN, 0.5, size=100, chance=chance()), confidence=0.95)

    # Of 100 even values over 1000 the median's deviation is 1000 * 0.5 / 10.
    assert most - least == pytest.approx(2 * 1.96 * 50 / 1e6, rel=0.1)


def test_draws_of_a_mean_are_as_wide_as_theory_has_it() -> None:
    least, most = interval(draws_of(EVEN, None, size=100, chance=chance()), confidence=0.95)

    assert most - least == pytest.approx(2 * 1.96 * 1000 / math.sqrt(12) / 10 / 1e6, rel=0.1)


def test_interval_holds_its_share_of_the_draws() -> None:
    assert interval(list(range(1000)), confidence=0.9) == (50, 949)


def test_blocks_grow_with_the_run_and_are_never_too_few() -> None:
    assert [block_size(seconds) for seconds in (1, 8, 20, 60, 600, 3600)] == [1, 2, 5, 7, 24, 60]


def test_short_run_widens_its_intervals_most() -> None:
    assert widening(20) > widening(60) > widening(600) > 1.0


def test_run_of_equal_seconds_has_no_interval() -> None:
    draws = block_draws([(10.0, 10.0)] * 60, lambda row: row[0] / row[1], chance=chance())

    assert set(draws) == {1.0}


def test_slow_seconds_that_come_together_widen_the_interval_more_than_scattered_ones() -> None:
    together = [(5.0,) if second % 30 < 10 else (10.0,) for second in range(120)]
    scattered = [(5.0,) if second % 3 == 0 else (10.0,) for second in range(120)]
    widths = []
    for seconds in (together, scattered):
        least, most = interval(block_draws(seconds, lambda row: row[0], chance=chance()), confidence=0.95)
        widths.append(most - least)

    assert widths[0] > 3 * widths[1]


def test_values_of_seconds_that_differ_much_are_worth_fewer() -> None:
    medians = [0.001 if second % 30 < 15 else 0.002 for second in range(60)]

    assert design_effect(EVEN, medians, [20.0] * 60, chance=chance()) > 20


def test_run_of_few_seconds_is_taken_as_it_is() -> None:
    assert design_effect(EVEN, [0.001, 0.002], [20.0, 20.0], chance=chance()) == 1.0
