"""Axes hold all values, and their marks are round."""

import pytest

from assisters_verify.reporting.load.scales import Scale, clock, from_zero, logarithmic, over_time


def test_an_even_scale_goes_from_zero_to_a_round_value() -> None:
    scale, marked = from_zero(43.0)
    assert (scale.low, scale.high, marked) == (0.0, 60.0, [0.0, 20.0, 40.0, 60.0])


def test_nothing_at_all_has_a_scale_too() -> None:
    scale, marked = from_zero(0.0)
    assert (scale.high > 0, len(marked)) == (True, 2)


@pytest.mark.parametrize(
    ("least", "most", "marked"),
    [
        (0.05, 0.6, [0.05, 0.1, 0.2, 0.5]),
        (0.05, 4.0, [0.1, 0.3, 1.0, 3.0]),
        (0.001, 9.0, [0.001, 0.01, 0.1, 1.0]),
        (0.81, 0.95, [0.85, 0.9, 0.95]),
    ],
)
def test_a_logarithmic_scale_has_marks_where_there_is_room(least: float, most: float, marked: list[float]) -> None:
    _, found = logarithmic(least, most)
    assert [round(value, 6) for value in found] == marked


def test_places_lie_between_the_ends() -> None:
    scale = Scale(low=1.0, high=100.0, is_log=True)
    assert [scale.at(value) for value in (0.1, 1.0, 10.0, 100.0, 1000.0)] == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize(
    ("end_s", "step_s"), [(5.0, 1.0), (60.0, 10.0), (180.0, 30.0), (7_200.0, 1_800.0), (86_400.0, 14_400.0)]
)
def test_times_are_marked_in_round_steps(end_s: float, step_s: float) -> None:
    _, marked = over_time(end_s)
    assert (marked[0], marked[1] - marked[0], marked[-1] <= end_s) == (0.0, step_s, True)


def test_times_are_written_as_on_a_clock() -> None:
    assert [clock(value) for value in (0.0, 65.0, 3_725.0)] == ["0:00", "1:05", "1:02:05"]
