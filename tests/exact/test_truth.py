from dataclasses import replace

from assisters_verify.exact import ExactOptions
from assisters_verify.exact.log import Row
from assisters_verify.exact.plans import Kind
from assisters_verify.exact.truth import summarise, truth

OPTIONS = ExactOptions(first_token_s=0.05, gap_s=0.01, tokens=3)


def stream(*writes_us: int, contents: int = 3, is_whole: bool = True) -> Row:
    return Row(
        arrived_s=100.0, kind=Kind.STREAMING, is_whole=is_whole, contents=contents, tokens=contents, writes_us=writes_us
    )


def row_at(arrived_s: float) -> Row:
    return replace(stream(50_000, 60_000, 70_000), arrived_s=arrived_s)


def test_percentiles_are_values_that_were_measured() -> None:
    summary = summarise(range(1, 101))

    assert [summary[name] for name in ("p50", "p90", "p99", "max")] == [50e-6, 90e-6, 99e-6, 100e-6]


def test_percentiles_of_one_value_are_this_value() -> None:
    assert summarise([7])["p99"] == 7e-6


def test_figures_of_nothing_are_none() -> None:
    assert (summarise([])["count"], summarise([])["p50"]) == (0, None)


def test_stream_has_first_token_gaps_and_latency() -> None:
    figures = truth([stream(50_010, 60_020, 70_050)], OPTIONS)["kinds"]["streaming"]

    assert [figures[name]["max"] for name in ("ttft_s", "gap_s", "latency_s")] == [0.05001, 0.01003, 0.07005]


def test_write_without_content_is_no_first_token() -> None:
    figures = truth([stream(100, 50_000, 60_000, 70_000)], OPTIONS)["kinds"]["streaming"]

    assert (figures["first_byte_s"]["max"], figures["ttft_s"]["max"], figures["gap_s"]["count"]) == (0.0001, 0.05, 2)


def test_timer_error_is_how_late_a_write_began() -> None:
    assert truth([stream(50_010, 60_020, 70_050)], OPTIONS)["timer_error_s"]["max"] == 50e-6


def test_requests_under_way_are_counted_in_the_second_half() -> None:
    """Two users with turns of 70 ms; one lets as much time pass between two, so that it is busy half of the time."""
    eager = [row_at(turn * 0.07) for turn in range(9)]
    slow = [row_at(turn * 0.14) for turn in range(4)]

    assert round(truth([*eager, *slow], OPTIONS)["kinds"]["streaming"]["under_way"], 3) == 1.5


def test_cut_streams_are_counted_and_not_in_the_figures() -> None:
    figures = truth([stream(50_000, is_whole=False), stream(50_000, 60_000, 70_000)], OPTIONS)["kinds"]["streaming"]

    assert (figures["cut"], figures["requests"], figures["ttft_s"]["count"]) == (1, 1, 1)
