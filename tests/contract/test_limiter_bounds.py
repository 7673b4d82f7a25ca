"""The arithmetic of rate limits, bound by bound."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.contract.limiter import Crossing, Observation, Outcome, Overrun, Shot
from assisters_verify.contract.limiter_bounds import (
    Excess,
    are_too_many,
    crossing_excess,
    early_refusal,
    excess,
    explain_excess,
    is_beyond_all,
    is_steady,
    may_hide,
    may_share_edges,
    refilled,
    span_s,
)

SERVED, THROTTLED, OTHER = Outcome


def shot(
    sent_s: float, outcome: Outcome = SERVED, *, took_s: float = 0.01, kind: str = "models", attempts: int = 1
) -> Shot:
    return Shot(kind=kind, sent_s=sent_s, answered_s=sent_s + took_s, outcome=outcome, attempts=attempts)


def overrun(served: int, *, at_s: float = 0.0, took_s: float = 1.0, mixed: tuple[str, ...] = ()) -> Overrun:
    """Return an overrun that is served so often, evenly, and then refused."""
    shots = [shot(at_s + took_s * number / served, took_s=0.0) for number in range(served)]
    return Overrun(filler="models", shots=(*shots, shot(at_s + took_s, THROTTLED)), mixed=mixed)


def test_refusal_of_the_last_that_is_allowed_is_early() -> None:
    shots = (shot(0), shot(1), shot(2, THROTTLED))
    assert early_refusal(Overrun(filler="models", shots=shots), 3) == (shots[2], 3)


def test_refusal_of_the_next_is_not_early() -> None:
    shots = (shot(0), shot(1), shot(2, THROTTLED))
    assert early_refusal(Overrun(filler="models", shots=shots), 2) is None


def test_whatever_was_under_way_may_have_been_counted_before() -> None:
    """The third was sent after the refused one, but before it was answered."""
    shots = (shot(0), shot(1, THROTTLED, took_s=5), shot(2))
    assert early_refusal(Overrun(filler="models", shots=shots), 2) is None


def test_what_was_sent_after_the_answer_was_not_counted_before() -> None:
    shots = (shot(0), shot(1, THROTTLED, took_s=0.5), shot(2), shot(3))
    assert early_refusal(Overrun(filler="models", shots=shots), 2) == (shots[1], 2)


def test_each_attempt_may_have_been_counted() -> None:
    shots = (shot(0, attempts=3), shot(1, THROTTLED))
    assert early_refusal(Overrun(filler="models", shots=shots), 3) is None


def test_requests_of_others_may_have_been_counted() -> None:
    shots = (shot(0), shot(1, THROTTLED))
    assert early_refusal(Overrun(filler="models", shots=shots), 3, disturbed=2) is None


def test_what_was_sent_with_the_answer_was_not_counted_before() -> None:
    shots = (shot(0), shot(1, THROTTLED, took_s=1), shot(2))
    assert early_refusal(Overrun(filler="models", shots=shots), 2) == (shots[1], 2)


def test_refusal_that_was_answered_first_is_judged_first() -> None:
    shots = (shot(0, THROTTLED, took_s=5), shot(1, THROTTLED))
    assert early_refusal(Overrun(filler="models", shots=shots), 2) == (shots[1], 2)


def test_excess_counts_what_was_served() -> None:
    assert excess(overrun(103), 100) == 3


def test_span_ends_with_the_last_answer_that_served() -> None:
    shots = (shot(1.0), shot(2.0, took_s=0.5), shot(9.0, THROTTLED))
    assert span_s(Overrun(filler="models", shots=shots)) == pytest.approx(1.5)


def test_overrun_that_was_never_served_has_no_span() -> None:
    assert span_s(Overrun(filler="models", shots=(shot(7.0, THROTTLED),))) == 0.0


def test_whole_window_may_hold_two_edges() -> None:
    shots = (*(shot(0.0, took_s=0.0) for _ in range(200)), shot(60.0, took_s=0.0))
    assert not is_beyond_all(Overrun(filler="models", shots=shots), limit=100, window_s=60.0)


@pytest.mark.parametrize(("served", "took_s", "is_beyond"), [(200, 1.0, False), (201, 1.0, True), (201, 61.0, False)])
def test_twice_the_limit_is_the_most_of_a_window(served: int, took_s: float, *, is_beyond: bool) -> None:
    assert is_beyond_all(overrun(served, took_s=took_s), limit=100, window_s=60.0) is is_beyond


@pytest.mark.parametrize(("passed_s", "most"), [(0.0, 1), (0.5, 1), (0.6, 2), (6.0, 11)])
def test_bucket_refills_evenly(passed_s: float, most: int) -> None:
    assert refilled(limit=100, window_s=60.0, since_s=3.0, until_s=3.0 + passed_s) == most


@given(
    limit=st.integers(1, 5000),
    window_s=st.floats(0.5, 120),
    level=st.floats(0, 0.999),
    passed_s=st.floats(0, 200),
)
def test_refused_bucket_never_serves_more(limit: int, window_s: float, level: float, passed_s: float) -> None:
    """Whatever it held when it refused, which was less than one."""
    tokens = min(limit, level + passed_s * limit / window_s)
    assert int(tokens) <= refilled(limit=limit, window_s=window_s, since_s=0.0, until_s=passed_s)


@given(
    phase_s=st.floats(0, 60),
    starts_s=st.tuples(st.floats(0, 500), st.floats(0, 500)),
    spans_s=st.tuples(st.floats(0.1, 70), st.floats(0.1, 70)),
)
def test_two_edges_in_two_overruns_are_never_overlooked(
    phase_s: float, starts_s: tuple[float, float], spans_s: tuple[float, float]
) -> None:
    one, other = (overrun(10, at_s=at_s, took_s=took_s) for at_s, took_s in zip(starts_s, spans_s, strict=True))
    edges = [phase_s + 60 * number for number in range(12)]
    have_edges = all(
        any(each.began_s <= edge <= each.began_s + span_s(each) for edge in edges) for each in (one, other)
    )
    assert not have_edges or may_share_edges(one, other, 60.0)


def test_one_window_holds_one_edge() -> None:
    assert not may_share_edges(overrun(10), overrun(10, at_s=5.0), 60.0)


def test_one_window_holds_one_edge_at_any_time_of_the_run() -> None:
    assert not may_share_edges(overrun(10, at_s=100.0), overrun(10, at_s=105.0), 60.0)


@pytest.mark.parametrize(("later_s", "may"), [(61.2, True), (63.0, False)])
def test_clocks_may_run_apart_by_a_hundredth(later_s: float, *, may: bool) -> None:
    assert may_share_edges(overrun(10), overrun(10, at_s=later_s), 60.0) is may


@pytest.mark.parametrize(
    ("served", "is_proof"),
    [
        ((110, 110), True),
        ((101, 101), True),
        ((110, 111), False),
        ((110, 100), False),
        ((100, 100), False),
        ((110, 111, 112), True),
        ((110,), False),
    ],
)
def test_equal_excess_is_no_edge(served: tuple[int, ...], *, is_proof: bool) -> None:
    overruns = [overrun(count, at_s=5.0 * number) for number, count in enumerate(served)]
    assert are_too_many(overruns, limit=100, window_s=60.0) is is_proof


def test_excess_a_window_apart_may_be_two_edges() -> None:
    overruns = [overrun(110, at_s=0.0), overrun(110, at_s=60.0)]
    assert not are_too_many(overruns, limit=100, window_s=60.0)


def observed(served: int, *, at_s: float = 0.0, rest: tuple[Shot, ...] = (), is_refilling: bool = False) -> Observation:
    return Observation(overrun=overrun(served, at_s=at_s), rest=rest, is_refilling=is_refilling)


@pytest.mark.parametrize(
    ("observation", "why"),
    [
        (observed(102, rest=(shot(2.0),), is_refilling=True), Excess.REFILLED),
        (observed(150, rest=(shot(2.0),), is_refilling=True), Excess.LIMIT),
        (observed(110, rest=(shot(5.0, THROTTLED), shot(30.0))), Excess.PERHAPS_REFILLED),
        (observed(110, rest=(shot(15.0, THROTTLED), shot(30.0))), Excess.EDGE_OR_LIMIT),
        (observed(110, rest=(shot(15.0, THROTTLED), shot(61.0))), Excess.EDGE_OR_LIMIT),
        (observed(110, rest=(shot(15.0, THROTTLED),)), Excess.EDGE_OR_LIMIT),
        (observed(110, rest=(shot(5.0, THROTTLED),)), Excess.PERHAPS_REFILLED),
        (observed(110, rest=(shot(10.5, THROTTLED),)), Excess.PERHAPS_REFILLED),
        (observed(102, at_s=100.0, rest=(shot(102.0),), is_refilling=True), Excess.REFILLED),
        (observed(150, at_s=100.0, rest=(shot(102.0),), is_refilling=True), Excess.LIMIT),
    ],
)
def test_excess_is_explained_by_when_the_key_is_served_again(observation: Observation, why: Excess) -> None:
    assert explain_excess(observation, limit=100, window_s=60.0) is why


def test_key_that_was_never_refused_may_be_a_buckets() -> None:
    never_refused = Observation(overrun=Overrun(filler="models", shots=overrun(110).shots[:-1]))
    assert explain_excess(never_refused, limit=100, window_s=60.0) is Excess.PERHAPS_REFILLED


def test_other_route_does_not_show_a_bucket() -> None:
    """A route that has no limit serves an exhausted key at any time."""
    rest = (shot(15.0, THROTTLED), shot(2.0, kind="embeddings"))
    assert explain_excess(observed(110, rest=rest), limit=100, window_s=60.0) is Excess.EDGE_OR_LIMIT


def crossing(served: int, *, at_s: float = 0.0, kind: str = "models", took_s: float = 0.01) -> Crossing:
    before, after = shot(at_s, THROTTLED), shot(at_s + 9.0, THROTTLED)
    shots = tuple(shot(at_s + 0.1, took_s=took_s, kind=kind) for _ in range(served))
    return Crossing(kind=kind, before=before, shots=(*shots, shot(at_s + 0.1, THROTTLED, kind=kind)), after=after)


@pytest.mark.parametrize(
    ("served", "is_refilling", "over"), [(0, False, 0), (1, False, 1), (0, True, 0), (1, True, 0), (4, True, 3)]
)
def test_only_a_bucket_serves_between_two_refusals(served: int, *, is_refilling: bool, over: int) -> None:
    found = crossing_excess(crossing(served), limit=100, window_s=60.0, is_refilling=is_refilling)
    assert max(found, 0) == over


@pytest.mark.parametrize(
    ("served", "took_s", "is_found"),
    [(4, 1.8, True), (2, 1.8, True), (1, 1.8, False), (9, 1.8, False), (12, 7.0, False)],
)
def test_steady_refill_is_what_a_moment_brings(served: int, took_s: float, *, is_found: bool) -> None:
    observation = replace(observed(100), countings=(crossing(served, took_s=took_s),))
    assert is_steady(observation, limit=100, window_s=60.0) is is_found


@pytest.mark.parametrize(("served", "kind"), [(0, "models"), (4, "embeddings")])
def test_no_other_counting_shows_a_steady_refill(served: int, kind: str) -> None:
    observation = replace(observed(100), countings=(crossing(served, kind=kind, took_s=1.8),))
    assert not is_steady(observation, limit=100, window_s=60.0)


def test_steady_refill_is_seen_at_any_time_of_the_run() -> None:
    observation = replace(observed(100), countings=(crossing(4, at_s=100.0, took_s=1.8),))
    assert is_steady(observation, limit=100, window_s=60.0)


@pytest.mark.parametrize(("served", "why"), [(105, Excess.REFILLED), (106, Excess.LIMIT)])
def test_bucket_that_refills_steadily_has_no_lump_to_explain_an_excess(served: int, why: Excess) -> None:
    """In 2.01 s it refills 3.4, and one each may be on its way at either end."""
    observation = observed(served, rest=(shot(2.0),), is_refilling=True)
    steady = replace(observation, countings=(crossing(4, at_s=2.0, took_s=1.8),))
    assert explain_excess(steady, limit=100, window_s=60.0) is why


def test_bucket_that_may_refill_in_lumps_explains_a_lump_more() -> None:
    observation = observed(110, rest=(shot(2.0),), is_refilling=True)
    assert explain_excess(observation, limit=100, window_s=60.0) is Excess.REFILLED


def test_exact_count_of_a_single_request_leaves_nothing_to_hide() -> None:
    shots = (*overrun(99).shots[:-1], shot(1.0, kind="chat"), shot(2.0, THROTTLED))
    assert not may_hide(Overrun(filler="models", shots=shots, mixed=("chat",)), "chat", 100)


def test_exact_count_leaves_nothing_to_hide() -> None:
    shots = (*overrun(97).shots[:-1], *(shot(1.0, kind="chat") for _ in range(3)), shot(2.0, THROTTLED))
    assert not may_hide(Overrun(filler="models", shots=shots, mixed=("chat",)), "chat", 100)


def test_failures_may_hide_what_is_not_counted() -> None:
    """Of 100 that pass, three uncounted ones may be made up for by three that failed and were counted."""
    shots = (
        *overrun(97).shots[:-1],
        *(shot(1.0, kind="chat") for _ in range(3)),
        *(shot(1.5, OTHER) for _ in range(3)),
        shot(2.0, THROTTLED),
    )
    assert may_hide(Overrun(filler="models", shots=shots, mixed=("chat",)), "chat", 100)
