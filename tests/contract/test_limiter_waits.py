"""What a 429 says of when to come back, in all its forms."""

import pytest

from assisters_verify.contract.limiter_waits import asked_pause_s

NOON = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "pause_s"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("1.5", 1.5),
        (" 3 ", 3.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("1,2", None),
        ("7s", None),
    ],
)
def test_seconds_are_a_number(value: str, pause_s: float | None) -> None:
    assert asked_pause_s({"retry-after": value}) == pause_s


def test_absent_header_asks_for_nothing() -> None:
    assert asked_pause_s({}) is None


@pytest.mark.parametrize(
    ("date", "pause_s"), [("Sun, 22 Nov 2026 11:59:00 GMT", 60.0), ("Sun, 22 Nov 2026 12:00:05 GMT", 0.0)]
)
def test_date_is_taken_by_the_clock_of_the_target(date: str, pause_s: float) -> None:
    assert asked_pause_s({"retry-after": NOON, "date": date}) == pause_s


def test_date_without_a_clock_of_the_target_is_taken_by_ours() -> None:
    assert asked_pause_s({"retry-after": "Sun, 22 Nov 2020 12:00:00 GMT"}) == 0.0
