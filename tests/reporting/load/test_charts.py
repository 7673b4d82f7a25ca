"""Paths of lines, areas and bars, in a box of a thousand by a thousand."""

from assisters_verify.reporting.load.charts import band, bars, line, outline
from assisters_verify.reporting.load.scales import Scale

X, Y = Scale(low=0.0, high=10.0), Scale(low=0.0, high=2.0)


def test_a_line_goes_through_its_points() -> None:
    assert line(X, Y, [0.0, 5.0, 10.0], [0.0, 1.0, 2.0]) == "M0 1000L500 500L1000 0"


def test_a_line_breaks_where_a_value_is_missing_and_a_lone_point_is_seen() -> None:
    assert line(X, Y, [0.0, 1.0, 2.0, 3.0], [1.0, 1.0, None, 1.0]) == "M0 500L100 500M298 500H302"


def test_an_area_lies_between_two_lines() -> None:
    assert band(X, Y, [0.0, 10.0], [0.0, 0.0], [1.0, 2.0]) == "M0 500L1000 0L1000 1000L0 1000Z"


def test_bars_stand_on_the_floor_and_empty_ones_are_left_out() -> None:
    assert bars(X, Y, [0.0, 5.0, 10.0], [1.0, 0.0]) == "M1.5 1000V500H498.5V1000Z"


def test_an_outline_runs_over_all_bars() -> None:
    assert outline(X, Y, [0.0, 5.0, 10.0], [1.0, 2.0]) == "M0 1000V500H500V0H1000V1000"
