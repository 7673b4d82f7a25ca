"""Charts over time show what was due, what came of it, and how long it took."""

from typing import TYPE_CHECKING

from assisters_verify.reporting.load.time_lines import quantile_chart, rate_chart

if TYPE_CHECKING:
    from tests.reporting.load.conftest import Document, MakeDocument


def test_the_rate_has_what_came_and_what_was_due(document: "Document") -> None:
    assert [name for _, name in rate_chart(document["series"]).keys] == ["answered", "due"]


def test_refusals_and_failures_are_shown_where_there_are_some(limited_document: "Document") -> None:
    chart = rate_chart(limited_document["series"])
    assert [name for _, name in chart.keys] == ["answered", "refused (429)", "failed", "due"]


def test_a_closed_loop_has_nothing_that_was_due(document: "Document") -> None:
    series = {**document["series"], "offered": [0.0] * 60}
    assert [name for _, name in rate_chart(series).keys] == ["answered"]


def test_a_measure_that_was_never_taken_has_no_chart(document: "Document") -> None:
    series = {**document["series"], "ttft_p99_s": [None] * 60}
    assert quantile_chart(series, "ttft", title="First token", limits={}) is None


def test_limits_within_reach_are_drawn(document: "Document") -> None:
    limits = {"limit p95": 0.8, "limit p99": 30.0}
    chart = quantile_chart(document["series"], "ttft", title="First token", limits=limits)
    assert chart is not None
    assert [rule.label for rule in chart.across] == ["limit p95 800 ms"]


def test_a_stalling_target_gets_a_logarithmic_axis(make: "MakeDocument") -> None:
    chart = quantile_chart(make(stalls=True)["series"], "ttft", title="First token", limits={})
    assert chart is not None
    assert chart.note == "The axis is logarithmic."


def test_a_long_run_is_drawn_by_the_worst_of_some_seconds(document: "Document") -> None:
    series = {name: [*column] * 60 for name, column in document["series"].items()}
    series["t_s"] = [float(second) for second in range(3_600)]
    chart = quantile_chart(series, "latency", title="Whole answer", limits={})
    assert chart is not None
    assert (chart.note, chart.shapes[-1].path.count("L")) == ("Each point is the worst of 15 seconds.", 239)
