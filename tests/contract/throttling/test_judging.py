"""Whole runs in virtual time: each judgement catches its fault, and none blames a permitted limiter."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.contract.throttling.bounds import Limit
from assisters_verify.contract.throttling.judging import OF_RUNS, bench_of
from assisters_verify.contract.throttling.neighbours import judge_quiet_key
from assisters_verify.contract.throttling.observed import Observed
from assisters_verify.reference.limits import AlignedWindow, FixedWindow, SlidingWindow, TokenBucket

Play = Callable[..., Observed]
SMALL = Limit(requests=50, window_s=2.0)
FOUR = {"sliding": SlidingWindow, "fixed": FixedWindow, "aligned": AlignedWindow, "bucket": TokenBucket}
PERMITTED = (*FOUR, "lumps", "whole_seconds")
# What each breaks, in which scenario, and how: each by the limiter that all of them share, but for what is named.
BROKEN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "lets_10_percent_more_through": ("throttling", "LOAD-01", {"share": 1.1}),
    "lets_half_more_through": ("throttling", "LOAD-01", {"share": 1.5}),
    "lets_twice_as_much_through": ("isolation", "LOAD-01", {"share": 2.0}),
    "has_no_limit": ("throttling", "LOAD-01", {"share": 100}),
    "refuses_10_percent_too_early": ("throttling", "LOAD-03", {"share": 0.9}),
    "refuses_half": ("throttling", "LOAD-03", {"share": 0.5}),
    "refuses_keys_below_their_limit": ("throttling", "LOAD-02", {"share": 0.4}),
    "shares_the_limit_between_keys": ("throttling", "LOAD-04", {"customer_of": lambda _key, _connection: "all"}),
    "lets_a_noisy_key_use_up_a_quiet_one": ("isolation", "LOAD-04", {"customer_of": lambda _key, _connection: "all"}),
    "limits_connections": ("throttling", "LOAD-05", {"customer_of": lambda key, connection: f"{key} {connection}"}),
    "has_no_envelope": ("throttling", "LOAD-06", {"has_envelope": False}),
    "refuses_slowly": ("throttling", "LOAD-07", {"refusal_s": 0.8}),
    "asks_for_a_third_of_the_wait": ("throttling", "LOAD-08", {"retry_after": lambda wait_s: wait_s / 3}),
    "asks_for_a_wait_that_nobody_can_read": ("throttling", "LOAD-08", {"has_unreadable_retry_after": True}),
    "asks_for_no_wait": ("throttling", "LOAD-08", {"retry_after": lambda _wait_s: 0.0}),
    "refuses_with_503": ("throttling", "LOAD-09", {"refuses_with": 503}),
    "resets_some_connections": ("throttling", "LOAD-09", {"breaks_every": 10}),
    "cuts_streams_at_the_limit": ("throttling", "LOAD-10", {"cuts_streams": True}),
    "slows_the_quiet_key": ("isolation", "LOAD-11", {"slows_others_s": 5.0}),
}


def verdicts(run: Observed, scenario: str) -> dict[str, str]:
    found = {clause: judge(run) for clause, judge in OF_RUNS[scenario].items()}
    if scenario == "isolation":
        found["LOAD-11"] = judge_quiet_key(run, lag_s=0.0, seed=0)
    return {clause: str(finding.verdict) for clause, finding in found.items()}


@pytest.mark.parametrize("algorithm", FOUR)
@pytest.mark.parametrize("fault", BROKEN)
def test_fault_is_found(play: Play, server_of: type, fault: str, algorithm: str) -> None:
    scenario, clause, choices = BROKEN[fault]
    limit = Limit(requests=100, window_s=8.0) if scenario == "isolation" else SMALL
    run = play(scenario, server_of(make=FOUR[algorithm], **choices), limit=limit, phase_s=0.6)

    assert verdicts(run, scenario)[clause] == "fail"


@pytest.mark.parametrize("algorithm", ["sliding", "fixed", "bucket"])
def test_limit_of_each_process_is_found(play: Play, server_of: type, algorithm: str) -> None:
    """Two processes that share connections evenly; with an aligned window it depends on where its edge falls."""
    server = server_of(make=FOUR[algorithm], customer_of=lambda key, connection: f"{key} {connection % 2}")

    assert verdicts(play("throttling", server), "throttling")["LOAD-05"] == "fail"


@pytest.mark.parametrize("algorithm", PERMITTED)
@pytest.mark.parametrize("scenario", OF_RUNS)
def test_everything_holds_at_the_documented_limit(play: Play, scenario: str, algorithm: str) -> None:
    run = play(scenario, algorithm, limit=Limit(requests=300, window_s=60.0), phase_s=20.0)

    assert set(verdicts(run, scenario).values()) == {"pass"}


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    scenario=st.sampled_from(sorted(OF_RUNS)),
    algorithm=st.sampled_from(PERMITTED),
    limit=st.builds(Limit, requests=st.integers(20, 120), window_s=st.floats(1.0, 60.0)),
    keys=st.integers(1, 7),
    lateness=st.floats(0.0, 0.02),
    phase=st.floats(0.0, 1.0),
    seed=st.integers(0, 1000),
)
def test_no_permitted_limiter_is_ever_blamed(
    play: Play, scenario: str, algorithm: str, limit: Limit, keys: int, lateness: float, phase: float, seed: int
) -> None:
    """Whatever the limit, the number of keys, the delays on the way and the phase of the target's clock."""
    window_s = limit.window_s
    run = play(
        scenario, algorithm, limit=limit, keys=keys, way_s=lateness * window_s, phase_s=phase * window_s, seed=seed
    )

    assert set(verdicts(run, scenario).values()) <= {"pass", "inconclusive"}


def test_target_without_retry_after_is_not_judged_by_it(play: Play, server_of: type) -> None:
    run = play("throttling", server_of(retry_after=lambda _wait_s: None))

    assert verdicts(run, "throttling")["LOAD-08"] == "not_applicable"


def test_streams_that_end_at_once_cannot_be_cut(play: Play, server_of: type) -> None:
    run = play("throttling", server_of(stream_s=0.0), way_s=0.0)

    assert verdicts(run, "throttling")["LOAD-10"] == "not_applicable"


def test_streams_that_nobody_refused_beside_are_left_open(play: Play, server_of: type) -> None:
    run = play("throttling", server_of(make=lambda _limit, window_s, clock: SlidingWindow(10**9, window_s, clock)))

    assert verdicts(run, "throttling")["LOAD-10"] == "inconclusive"


def test_refusals_that_are_as_quick_as_answers_at_once_are_left_open(play: Play, server_of: type) -> None:
    run = play("throttling", server_of(answer_s=0.0005, refusal_s=0.001))

    assert verdicts(run, "throttling")["LOAD-07"] == "inconclusive"


def test_key_that_is_never_let_in_again_is_found(play: Play, server_of: type, never_forgiving: Any) -> None:
    server = server_of(make=never_forgiving)
    found = verdicts(play("recovery", server), "recovery"), verdicts(play("retry_storm", server), "retry_storm")

    assert (found[0]["LOAD-12"], found[1]["LOAD-12"], found[1]["LOAD-13"]) == ("fail", "fail", "fail")


class StricterToOne:
    """Lets the key that waits as it is told have half of the limit, and all others the whole."""

    def __init__(self, make: Any, limit: int, window_s: float, clock: Any) -> None:
        self._usual, self._strict = make(limit, window_s, clock), make(limit // 2, window_s, clock)

    def admit(self, customer: str) -> float:
        return float((self._strict if customer == "2" else self._usual).admit(customer))


@pytest.mark.parametrize("algorithm", FOUR)
def test_key_that_waits_has_the_whole_limit_too(play: Play, server_of: type, algorithm: str) -> None:
    server = server_of(make=partial(StricterToOne, FOUR[algorithm]), customer_of=lambda key, _connection: str(key))

    assert verdicts(play("throttling", server, phase_s=0.6), "throttling")["LOAD-03"] == "fail"


def test_one_key_is_enough_for_what_one_can_show(play: Play) -> None:
    found = verdicts(play("throttling", keys=1), "throttling")

    assert {clause for clause, verdict in found.items() if verdict == "pass"} >= {"LOAD-01", "LOAD-03", "LOAD-06"}


@pytest.mark.parametrize("scenario", ["chat", "streaming", "embeddings", "mixed", *OF_RUNS])
def test_each_scenario_has_a_judge_for_each_of_its_clauses(scenario: str) -> None:
    bench = bench_of(scenario)

    assert bool(bench.clauses)
    assert len(bench.judges) >= 1
