"""The caps of all processes together are those of the run."""

from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.generator.caps import Caps
from assisters_verify.settings.load import LoadSettings


def caps_for(processes: int = 1, index: int = 0, **values: float) -> Caps:
    settings = LoadSettings.model_validate({"scenario": "chat", "users": 1, **values})
    return Caps.share(settings, processes=processes, index=index)


@given(st.integers(min_value=1, max_value=10_000), st.integers(min_value=1, max_value=9))
def test_shares_add_up(most: int, processes: int) -> None:
    shares = [caps_for(processes, index, max_requests=most).max_requests for index in range(processes)]

    assert (sum(shares), max(shares) - min(shares) <= 1) == (most, True)


def test_no_request_passes_the_cap() -> None:
    caps = caps_for(max_requests=3)

    assert ([caps.admit(0) for _ in range(5)], caps.reached) == ([True, True, True, False, False], "max_requests")


def test_tokens_that_are_asked_for_count_until_the_answer_tells_better() -> None:
    caps = caps_for(max_tokens=100)
    admitted = [caps.admit(60), caps.admit(30)]
    caps.settle(60, 10)

    assert (admitted, caps.admit(60), caps.admit(1), caps.reached) == ([True, True], True, False, "max_tokens")


@given(st.lists(st.integers(min_value=0, max_value=200_000), max_size=300))
def test_rate_is_never_passed_but_for_a_bunch(pauses_us: list[int]) -> None:
    caps, at_us, sent = caps_for(max_rate_per_s=50.0), 10**9, 0
    start_us = at_us
    for pause_us in pauses_us:
        at_us += pause_us
        sent += caps.wait_us(at_us) == 0

    assert sent <= (at_us - start_us) / 1e6 * 50 + 0.25 * 50 + 2


def test_wait_ends_when_it_said() -> None:
    caps, at_us = caps_for(max_rate_per_s=50.0), 10**9
    while not (wait_us := caps.wait_us(at_us)):
        pass

    assert caps.wait_us(at_us + wait_us) == 0
