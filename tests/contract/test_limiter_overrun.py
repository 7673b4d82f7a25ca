"""The limit of a real server is overrun, at a size that takes seconds."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from assisters_verify.contract import limiter_verdicts as verdicts
from assisters_verify.contract.limiter import Findings
from assisters_verify.contract.limiter_overrun import overrun_findings
from assisters_verify.contract.limiter_target import open_range
from assisters_verify.judgement import Broken, Judgement, LeftOut, Undecided
from assisters_verify.probe import Probe
from assisters_verify.reference import ReferenceOptions, ReferenceServer

if TYPE_CHECKING:
    from tests.conftest import ProbeRun

KEY = "sk-test-7d1e4f9c2a8b30561234"
LIMIT, WINDOW_S = 24, 1.5
JUDGES: tuple[Callable[[Findings], None], ...] = (
    verdicts.expect_no_early_refusal,
    verdicts.expect_limit,
    verdicts.expect_throttled_envelopes,
    verdicts.expect_neighbour_served,
    verdicts.expect_return,
    verdicts.expect_refused_everywhere,
    verdicts.expect_retry_after,
    verdicts.expect_true_retry_after,
    verdicts.expect_whole_stream,
    verdicts.expect_every_route_counts,
)


def overrun(with_probe: "ProbeRun", options: ReferenceOptions) -> Findings:
    with ReferenceServer(options) as server:
        findings: Findings = with_probe(
            server.base_url, overrun_findings, rate_limit={"requests": LIMIT, "window_s": WINDOW_S}
        )
    return findings


def options(**changes: object) -> ReferenceOptions:
    return ReferenceOptions(api_keys=(KEY,), **{"limit": LIMIT, "window_s": WINDOW_S, **changes})  # type: ignore[arg-type]


def test_conforming_limit_is_kept_in_all_its_parts(with_probe: "ProbeRun") -> None:
    findings = overrun(with_probe, options())
    for expect in JUDGES:
        expect(findings)
    assert len(findings.main.overrun.served) == LIMIT


@pytest.mark.parametrize(
    ("changes", "expect"),
    [
        ({"limit": LIMIT - 1}, verdicts.expect_no_early_refusal),
        ({"limit": LIMIT + 1}, verdicts.expect_limit),
        ({"limit": None}, verdicts.expect_limit),
        ({"faults": ("limit_lacks_envelope",)}, verdicts.expect_throttled_envelopes),
        ({"faults": ("limit_cuts_running_streams",)}, verdicts.expect_whole_stream),
    ],
)
def test_broken_limit_is_found(
    with_probe: "ProbeRun", changes: dict[str, object], expect: Callable[[Findings], None]
) -> None:
    findings = overrun(with_probe, options(**changes))
    with pytest.raises(Broken):
        expect(findings)


def test_most_of_a_burst_is_counted_but_not_kept(with_probe: "ProbeRun") -> None:
    counted: list[tuple[int, int]] = []

    async def look(probe: Probe) -> None:
        await overrun_findings(probe)
        counted.append((probe.session.recorder.requests, len(probe.session.seen)))

    with ReferenceServer(options(limit=150, window_s=4.0)) as server:
        with_probe(server.base_url, look, rate_limit={"requests": 150, "window_s": 4.0})
    ((requests, seen),) = counted
    assert (requests > 150, seen < 100) == (True, True)


def test_keys_of_a_burst_are_taken_back(with_probe: "ProbeRun") -> None:
    async def left(probe: Probe) -> int:
        await overrun_findings(probe)
        return len(probe.session.debts)

    with ReferenceServer(options()) as server:
        debts = with_probe(server.base_url, left, rate_limit={"requests": LIMIT, "window_s": WINDOW_S})
    assert debts == 0


@pytest.mark.parametrize(
    ("target", "judgement"),
    [
        ({"rate_limit": {"requests": 5, "window_s": 1.0}}, Undecided),
        ({"budget": {"max_requests": 100}}, Undecided),
        ({"base_url": "http://192.0.2.1"}, LeftOut),
    ],
)
def test_burst_that_may_not_be_is_not_begun(
    with_probe: "ProbeRun", target: dict[str, object], judgement: type[Judgement]
) -> None:
    """Nothing is sent: the address is nobody's."""
    with pytest.raises(judgement):
        with_probe("http://127.0.0.1:9", overrun_findings, **target)


def test_stream_that_outlasts_the_burst_is_left_and_blames_nobody(with_probe: "ProbeRun") -> None:
    """Where no limit strikes nobody waits for the stream; its connection is not closed under it."""

    async def use(probe: Probe) -> list[str | None]:
        async with open_range(probe) as found:
            key, _ = await found.fresh_key()
            await found.open_stream(key)
        return [answer.broken_off for answer in probe.session.seen if answer.pieces]

    with ReferenceServer(options(limit=None, token_gap_s=0.5)) as server:
        ends = with_probe(server.base_url, use, rate_limit={"requests": LIMIT, "window_s": WINDOW_S})
    assert set(ends) == {None}
