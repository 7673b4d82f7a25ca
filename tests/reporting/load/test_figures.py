"""Numbers are written as people read them."""

import pytest

from assisters_verify.reporting.load.figures import long_time, number, of_measure, seconds, share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0 ms"),
        (0.00021, "210 µs"),
        (0.0042, "4.2 ms"),
        (0.0123, "12.3 ms"),
        (0.412, "412 ms"),
        (2.314, "2.31 s"),
        (42.0, "42 s"),
        (125.0, "2 min 5 s"),
    ],
)
def test_times_have_three_digits(value: float | None, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.00001, "< 0.01 %"),
        (0.99999, "> 99.99 %"),
        (0.9991, "99.91 %"),
        (0.99, "99 %"),
        (0.0101, "1.01 %"),
        (0.4666, "46.7 %"),
    ],
)
def test_little_is_never_shown_as_nothing_nor_nearly_all_as_all(value: float | None, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "0.25"), (12.34, "12.3"), (1234.5, "1,234"), (7, "7"), (None, "\N{EN DASH}")]
)
def test_rates_have_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.0, "0 s"), (45.4, "45 s"), (3600.0, "1 h"), (7265.0, "2 h 1 min 5 s")])
def test_long_times_have_no_parts_of_seconds(value: float, text: str) -> None:
    assert long_time(value) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ttft_s.p95", "500 ms"),
        ("streaming.gap_s.p99", "500 ms"),
        ("error_rate", "50 %"),
        ("chat.error_rate", "50 %"),
        ("achieved_per_s", "0.5 /s"),
        ("stream_tokens_per_s.p50", "0.5 /s"),
        ("lag_s", "500 ms"),
    ],
)
def test_a_measure_has_its_unit(name: str, text: str) -> None:
    assert of_measure(name, 0.5) == text
