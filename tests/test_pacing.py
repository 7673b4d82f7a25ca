"""The client keeps within the limit in every window, and waits as it is asked to, but not for ever."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.pacing import Pacer, Patience, retry_after_s


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        # As a real clock does, this one goes on a little whatever it is asked for.
        self.now_s += max(seconds, 1e-6)


def send_all(pauses_s: list[float], *, requests: int, window_s: float, impatient: frozenset[int]) -> list[float]:
    """Send a request after each pause; return when they were sent."""
    clock = Clock()
    pacer = Pacer(requests=requests, window_s=window_s, clock=clock, sleep=clock.sleep)
    times = []

    async def run() -> None:
        for number, pause_s in enumerate(pauses_s):
            clock.now_s += pause_s
            pacer.count() if number in impatient else await pacer.wait()
            times.append(clock.now_s)

    asyncio.run(run())
    return times


def most_in_a_window(times: list[float], window_s: float) -> int:
    return max(sum(start <= time < start + window_s - 1e-6 for time in times) for start in times)


@settings(max_examples=60, deadline=None, database=None)
@given(
    pauses_s=st.lists(st.floats(0, 3), min_size=1, max_size=80),
    requests=st.integers(1, 40),
    window_s=st.floats(0.05, 10),
)
def test_any_window_holds_at_most_nine_tenths_of_the_limit(
    pauses_s: list[float], requests: int, window_s: float
) -> None:
    times = send_all(pauses_s, requests=requests, window_s=window_s, impatient=frozenset())
    assert most_in_a_window(times, window_s) <= max(1, requests * 0.9)


@settings(max_examples=40, deadline=None, database=None)
@given(impatient=st.frozensets(st.integers(0, 59), max_size=20), requests=st.integers(2, 20))
def test_requests_that_do_not_wait_count_for_those_that_do(impatient: frozenset[int], requests: int) -> None:
    times = send_all([0.01] * 60, requests=requests, window_s=5.0, impatient=impatient)
    most = int(requests * 0.9)
    for number, time in enumerate(times):
        if number not in impatient:
            assert sum(time - 5.0 + 1e-6 < earlier <= time for earlier in times[: number + 1]) <= most


def test_request_that_would_be_too_many_is_neither_sent_nor_counted() -> None:
    clock = Clock()
    pacer = Pacer(requests=2, window_s=10, clock=clock, sleep=clock.sleep)
    took = [pacer.take(), pacer.take()]
    clock.now_s += 10
    assert [*took, pacer.take()] == [True, False, True]


def test_limit_is_used_without_pauses_where_it_allows_it() -> None:
    clock = Clock()
    pacer = Pacer(requests=1000, window_s=60, clock=clock, sleep=clock.sleep)

    async def run() -> None:
        for _ in range(901):
            await pacer.wait()

    asyncio.run(run())
    assert clock.slept_s == [60.0]


def test_requests_that_wait_side_by_side_keep_the_limit_too() -> None:
    times: list[float] = []

    async def run() -> None:
        pacer = Pacer(requests=5, window_s=0.2)

        async def send() -> None:
            await pacer.wait()
            times.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(send() for _ in range(12)))

    asyncio.run(run())
    assert [later - earlier >= 0.199 for earlier, later in zip(times, times[4:], strict=False)] == [True] * 8


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("120", 120.0),
        ("99999999999999999999", 999_999_999.0),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        ("7, 8", None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999999", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_read_in_both_its_forms_and_in_no_other(value: str, expected: float | None) -> None:
    assert retry_after_s({"retry-after": value}) == expected


def test_retry_after_may_be_absent() -> None:
    assert retry_after_s({}) is None


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"])
def test_retry_after_as_a_date_counts_from_now(form: str) -> None:
    """All three forms that RFC 9110 has recipients accept."""
    value = (datetime.now(UTC) + timedelta(seconds=90)).strftime(form)
    assert 80 < (retry_after_s({"retry-after": value}) or 0) <= 90


def test_retry_after_as_a_date_of_another_zone_counts_from_now() -> None:
    value = format_datetime((datetime.now(UTC) + timedelta(seconds=90)).astimezone())
    assert 80 < (retry_after_s({"retry-after": value}) or 0) <= 90


@settings(max_examples=300, deadline=None, database=None)
@given(
    value=st.one_of(
        st.text(max_size=40),
        st.builds(
            "{}, {} {} {} {}:{}:{} {}".format,
            st.sampled_from(["Mon", "Sonntag", ""]),
            st.integers(-3, 10**20),
            st.sampled_from(["Jan", "Dec", "13"]),
            st.integers(-1, 10**20),
            *[st.integers(-1, 10**12)] * 3,
            st.sampled_from(["GMT", "+0100", "+99999999999999999999", "-9999", "Z"]),
        ),
    )
)
def test_no_retry_after_breaks_the_client(value: str) -> None:
    pause_s = retry_after_s({"retry-after": value})
    assert pause_s is None or pause_s >= 0


def patience(*, window_s: float = 60.0, retries: int = 3) -> Patience:
    return Patience(window_s=window_s, retries=retries, jitter=random.Random(0))  # noqa: S311 - a fixed seed


def pauses(of: Patience, status: int, headers: dict[str, str]) -> list[float]:
    """Return all pauses before the client gives up."""
    found: list[float] = []
    while (pause_s := of.pause_before_retry(status, headers)) is not None:
        found.append(pause_s)
        assert len(found) < 1000
    return found


def test_429_backs_off_exponentially_for_a_window() -> None:
    """As the documentation says: 1 s, 2 s, 4 s; in all at least a window, so that any limit has let go."""
    found = pauses(patience(), 429, {})
    assert (found, sum(found) >= 60) == ([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", [5.0] * 6 + [6.4, 12.8]),
        ("60", [60.0]),
        ("65", [65.0]),
        ("66", []),
        ("999999999", []),
        ("soon", [1, 2, 4, 8, 16, 32]),
    ],
)
def test_429_is_waited_out_as_it_asks_but_for_a_window_at_most(value: str, expected: list[float]) -> None:
    assert pauses(patience(), 429, {"retry-after": value}) == pytest.approx(expected)


@pytest.mark.parametrize("value", ["0", "-1", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_429_that_asks_for_no_pause_is_not_tried_hundreds_of_times(value: str) -> None:
    found = pauses(patience(), 429, {"retry-after": value})
    assert (len(found) <= 10, all(pause_s > 0 for pause_s in found)) == (True, True)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again_as_often_as_told(status: int) -> None:
    found = pauses(patience(retries=3), status, {})
    assert (len(found), all(0.1 <= pause_s <= 0.5 for pause_s in found)) == (3, True)


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 404, 409, 501, 505])
def test_other_answers_stand(status: int) -> None:
    assert patience().pause_before_retry(status, {"retry-after": "1"}) is None


@pytest.mark.parametrize(("retries", "expected"), [(0, 0), (1, 1), (2, 2), (3, 2), (10, 2)])
def test_broken_connections_are_tried_again_a_few_times(retries: int, expected: int) -> None:
    of = patience(retries=retries)
    found = [of.pause_before_reconnect() for _ in range(5)]
    assert sum(pause_s is not None for pause_s in found) == expected


def test_broken_connection_after_much_waiting_is_tried_again_all_the_same() -> None:
    of = patience()
    for _ in range(3):
        of.pause_before_retry(429, {"retry-after": "1"})
        of.pause_before_retry(500, {})
    assert of.pause_before_reconnect() == pytest.approx(0.1)
