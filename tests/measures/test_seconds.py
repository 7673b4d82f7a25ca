"""Seconds of a long run are kept small, and lose nothing."""

from assisters_verify.measures.seconds import Second, Series


def fill(series: Series, numbers: range) -> None:
    for number in numbers:
        series[number].counts["sent"] += number
        series[number].latency.record_many([1_000 * number, 2_000 * number])


def told(second: Second) -> tuple[object, ...]:
    summary = second.latency.summary()
    return second.counts["sent"], summary["count"], summary["max"]


def test_seconds_long_over_are_there_as_they_were() -> None:
    series = Series()
    fill(series, range(500))
    assert (len(series), list(series), 499 in series, 500 in series) == (500, list(range(500)), True, False)
    assert [told(second) for second in series.values()] == [(number, 2, 2_000 * number / 1e6) for number in range(500)]
    assert [number for number, _ in series.items()] == list(range(500))


def test_what_comes_late_is_added_to_its_second() -> None:
    series = Series()
    fill(series, range(500))
    fill(series, range(3, 4))
    assert told(series[3]) == told(series.get(3)) == (6, 4, 0.006)


def test_second_that_is_not_there_begins_empty_and_only_asked_for_by_its_number() -> None:
    series = Series()
    assert (series.get(7), 7 in series, len(series)) == (None, False, 0)
    assert (told(series[7])[:2], 7 in series) == ((0, 0), True)


def test_seconds_come_back_from_the_wire() -> None:
    series = Series()
    fill(series, range(200))
    again = Series.from_wire(series.to_wire())
    assert (again.to_wire(), len(again)) == (series.to_wire(), 200)
