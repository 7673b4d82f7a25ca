"""Rate limits: every algorithm admits the limit and refuses more, each customer apart."""

from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.reference.limits import AlignedWindow, FixedWindow, SlidingWindow, TokenBucket

LIMIT, WINDOW_S = 5, 10.0
Make = Callable[..., Any]
ALGORITHMS = [SlidingWindow, FixedWindow, AlignedWindow, TokenBucket]


class Clock:
    """A clock that a test turns."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def make(algorithm: Make, now_s: float = 1000.0) -> tuple[Any, Clock]:
    clock = Clock(now_s)
    return algorithm(LIMIT, WINDOW_S, clock), clock


def admitted(limiter: Any, count: int, customer: str = "one") -> int:
    return sum(limiter.admit(customer) == 0 for _ in range(count))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_limit_is_admitted_and_no_more(algorithm: Make) -> None:
    limiter, _ = make(algorithm)
    assert admitted(limiter, LIMIT + 3) == LIMIT


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_customers_are_apart(algorithm: Make) -> None:
    limiter, _ = make(algorithm)
    admitted(limiter, LIMIT + 1)
    assert admitted(limiter, LIMIT, "other") == LIMIT


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_waiting_as_told_is_enough(algorithm: Make) -> None:
    """The wait that a refusal names is what Retry-After promises."""
    limiter, clock = make(algorithm, 1003.0)
    admitted(limiter, LIMIT)
    clock.now_s += limiter.admit("one") + 1e-6
    assert limiter.admit("one") == 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_window_later_the_limit_is_there_again(algorithm: Make) -> None:
    limiter, clock = make(algorithm)
    admitted(limiter, LIMIT)
    clock.now_s += WINDOW_S
    assert admitted(limiter, LIMIT) == LIMIT


def test_sliding_window_never_passes_more_than_the_limit() -> None:
    limiter, clock = make(SlidingWindow)
    passed = []
    for _ in range(60):
        if limiter.admit("one") == 0:
            passed.append(clock.now_s)
        clock.now_s += 0.7
    most = max(sum(start <= time_s < start + WINDOW_S for time_s in passed) for start in passed)
    assert most == LIMIT


def test_aligned_window_passes_twice_the_limit_across_its_edge() -> None:
    limiter, clock = make(AlignedWindow, 1009.9)
    first = admitted(limiter, LIMIT)
    clock.now_s = 1010.0
    assert first + admitted(limiter, LIMIT) == 2 * LIMIT


def test_bucket_refills_evenly() -> None:
    limiter, clock = make(TokenBucket)
    admitted(limiter, LIMIT)
    clock.now_s += WINDOW_S * 2 / LIMIT
    assert admitted(limiter, LIMIT) == 2


def test_over_the_limit_every_route_is_429(make_api: Any) -> None:
    api = make_api(limit=3)
    for path in ("/v1/models", "/v1/no-such-route", "/v1/metrics"):
        api.get(path)
    seen = [api.get("/v1/models"), api.chat(), api.delete("/v1/keys/x"), api.get("/v1/no-such-route")]
    assert [one.status for one in seen] == [429] * 4


def test_429_has_envelope_and_retry_after(make_api: Any) -> None:
    api = make_api(limit=1, window_s=60)
    api.get("/v1/models")
    seen = api.get("/v1/models")
    assert (seen.json["error"]["code"], seen.headers["retry-after"]) == ("rate_limit_exceeded", "60")


def test_another_key_of_the_account_has_its_own_limit(make_api: Any) -> None:
    api = make_api(limit=2)
    secret = api.post("/v1/keys", {"name": "other"}).json["key"]
    api.get("/v1/models")
    assert (api.get("/v1/models").status, api.get("/v1/models", key=secret).status) == (429, 200)


def test_requests_without_a_key_count_for_nobody(make_api: Any) -> None:
    api = make_api(limit=2)
    for _ in range(5):
        api.get("/v1/models", key=None)
    assert api.get("/v1/models").status == 200


def test_limit_can_be_lifted(make_api: Any) -> None:
    api = make_api(limit=None)
    assert {api.get("/v1/models").status for _ in range(1200)} == {200}
