from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.contract.throttling.bounds import (
    Limit,
    early_refusals,
    excess_after_refusal,
    excess_at_all,
)
from assisters_verify.contract.throttling.tries import Tries

Run = Callable[..., Tries]
NAMES = ("sliding", "fixed", "aligned", "bucket", "lumps", "whole_seconds")
FOUR = NAMES[:4]
THOUSAND = Limit(requests=1000, window_s=60.0)
FIFTY = Limit(requests=50, window_s=2.0)


def is_too_strict(tries: Tries, limit: Limit, *, share: float = 0.97) -> bool:
    return early_refusals(tries, limit, share=share) is not None


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(
    name=st.sampled_from(NAMES),
    factor=st.sampled_from([0.5, 0.9, 1.1, 2.0, 5.0]) | st.floats(0.3, 6.0),
    limit=st.builds(Limit, requests=st.integers(20, 200), window_s=st.floats(1.0, 60.0)),
    lateness=st.floats(0.0, 0.02),
    phase=st.floats(0.0, 1.0),
    seed=st.integers(0, 1000),
)
def test_no_permitted_algorithm_is_ever_blamed(
    run: Run, name: str, factor: float, limit: Limit, lateness: float, phase: float, seed: int
) -> None:
    """Whatever the rate, the delays on the way and the phase of the target's clock."""
    window_s = limit.window_s
    tries = run(name, factor, limit=limit, way_s=lateness * window_s, phase_s=phase * window_s, seed=seed)
    found = [excess for excess in (excess_after_refusal(tries, limit), excess_at_all(tries, limit)) if excess]

    assert ([excess for excess in found if excess.is_too_much], is_too_strict(tries, limit, share=1)) == ([], False)


@pytest.mark.parametrize("phase", [0.0, 0.1, 0.97])
@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize(("limit", "share"), [(THOUSAND, 1.02), (FIFTY, 1.1), (FIFTY, 1.5), (FIFTY, 2)])
def test_limit_that_is_too_lax_is_found(run: Run, name: str, limit: Limit, share: float, phase: float) -> None:
    tries = run(name, 5.0, limit=limit, share=share, phase_s=phase * limit.window_s)
    excess = excess_after_refusal(tries, limit)

    assert excess is not None
    assert excess.is_too_much


@pytest.mark.parametrize("phase", [0.0, 0.9])
@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize("factor", [2.0, 5.0])
@pytest.mark.parametrize(("limit", "share"), [(THOUSAND, 0.94), (FIFTY, 0.9), (FIFTY, 0.5)])
def test_limit_that_is_too_strict_is_found(
    run: Run, name: str, factor: float, limit: Limit, share: float, phase: float
) -> None:
    assert is_too_strict(run(name, factor, limit=limit, share=share, phase_s=phase * limit.window_s), limit)


@pytest.mark.parametrize(("name", "share"), [("sliding", 0.88), ("fixed", 0.88), ("aligned", 0.88), ("bucket", 0.5)])
def test_refusal_of_a_key_below_its_limit_is_found(run: Run, name: str, share: float) -> None:
    assert is_too_strict(run(name, 0.9, limit=THOUSAND, share=share), THOUSAND, share=1)


@pytest.mark.parametrize("limit", [THOUSAND, FIFTY])
def test_no_limit_at_all_is_found(run: Run, limit: Limit) -> None:
    tries = run("sliding", 5.0, limit=limit, share=50)
    excess = excess_at_all(tries, limit)

    assert excess is not None
    assert excess.is_too_much


@pytest.mark.parametrize("name", FOUR)
def test_share_of_97_percent_is_enough(run: Run, name: str) -> None:
    assert not is_too_strict(run(name, 5.0, limit=THOUSAND, share=0.97), THOUSAND)


def test_bunched_arrivals_are_no_excuse_to_blame(simulated: Callable[..., Tries]) -> None:
    """A generator that stalls sends everything that was due at once; the window before each refusal is full anyway."""
    moments = [(0.4 * (int(number / 25) + (number % 25) / 1000), 0) for number in range(400)]

    assert [is_too_strict(simulated(name, moments, limit=FIFTY), FIFTY, share=1) for name in NAMES] == [False] * 6


def test_refusals_that_no_request_earned_are_counted(run: Run) -> None:
    early = early_refusals(run("fixed", 2.0, limit=THOUSAND, share=0.5, windows=0.5), THOUSAND)

    assert early is not None
    assert (early.made, early.count) == (502, 500)
