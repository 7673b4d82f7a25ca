"""Rate limits: a key may make so many requests in a window, each one more is refused with 429, and then it may again.

One overrun of a key that is made for it tells all; each check judges its part of what was seen. See
`assisters_verify.contract.limiter_bounds` for what is certain, whatever the algorithm.
"""

from assisters_verify.checks import clause
from assisters_verify.contract.limiter_overrun import overrun_findings
from assisters_verify.contract.limiter_verdicts import (
    expect_every_route_counts,
    expect_limit,
    expect_neighbour_served,
    expect_no_early_refusal,
    expect_refused_everywhere,
    expect_retry_after,
    expect_return,
    expect_throttled_envelopes,
    expect_true_retry_after,
    expect_whole_stream,
)
from assisters_verify.probe import Probe


@clause("RATE-01", needs=["AUTH-01"])
async def test_first_requests_of_a_key_are_not_refused(probe: Probe) -> None:
    """None of the first 1000 requests of a key is refused with 429."""
    expect_no_early_refusal(await overrun_findings(probe))


@clause("RATE-02", needs=["AUTH-01"])
async def test_exceeding_the_limit_is_refused(probe: Probe) -> None:
    """What exceeds the limit is refused with 429: neither later, nor otherwise."""
    expect_limit(await overrun_findings(probe))


@clause("RATE-03", needs=["AUTH-01"])
async def test_refusal_carries_the_envelope(probe: Probe) -> None:
    """A 429 is told in the documented form, on every route."""
    expect_throttled_envelopes(await overrun_findings(probe))


@clause("RATE-04", needs=["AUTH-01"])
async def test_another_key_is_not_touched(probe: Probe) -> None:
    """While one key is refused, a fresh one is served."""
    expect_neighbour_served(await overrun_findings(probe))


@clause("RATE-05", needs=["AUTH-01"])
async def test_key_works_again_after_a_window(probe: Probe) -> None:
    """A window after its last request the key is served again."""
    expect_return(await overrun_findings(probe))


@clause("RATE-06", needs=["AUTH-01"])
async def test_every_route_refuses_an_exhausted_key(probe: Probe) -> None:
    """A key that is over its limit is refused on each route that is there."""
    expect_refused_everywhere(await overrun_findings(probe))


@clause("RATE-07", needs=["AUTH-01"])
async def test_refusal_says_when_to_come_back(probe: Probe) -> None:
    """Each 429 has a `Retry-After`."""
    expect_retry_after(await overrun_findings(probe))


@clause("RATE-08", needs=["AUTH-01"])
async def test_retry_after_is_true(probe: Probe) -> None:
    """A client that waits as long as it is told is served."""
    expect_true_retry_after(await overrun_findings(probe))


@clause("RATE-09", needs=["AUTH-01"])
async def test_running_stream_goes_on_to_its_end(probe: Probe) -> None:
    """A stream that was let through is not cut when its key is refused."""
    expect_whole_stream(await overrun_findings(probe))


@clause("RATE-10", needs=["AUTH-01"])
async def test_requests_on_every_route_count(probe: Probe) -> None:
    """A limit that is filled through all routes strikes at the same number."""
    expect_every_route_counts(await overrun_findings(probe))
