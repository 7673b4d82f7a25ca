"""Faults and readings that show in time alone: answers that come late, never end, or are cut by another request."""

import asyncio
import time
from typing import Any

import pytest

CHAT = "/v1/chat/completions"
GAP_S = 0.01
BODY = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Count from 1 to 30"}], "stream": True}


def spread_s(api: Any) -> float:
    """Return the time between the second piece and the last."""
    times_s = api.post(CHAT, BODY).times_s
    return float(times_s[-1] - times_s[1])


def test_conforming_stream_takes_its_time(make_api: Any) -> None:
    assert spread_s(make_api(token_gap_s=GAP_S)) > 0.1


@pytest.mark.parametrize(
    "fault", ["stream_is_buffered", "stream_is_buffered_after_first_chunk", "proxy_buffers_stream"]
)
def test_buffered_stream_comes_at_its_end(make_api: Any, fault: str) -> None:
    assert spread_s(make_api(token_gap_s=GAP_S, faults=(fault,))) < 0.1


@pytest.mark.parametrize("fault", ["stream_never_ends", "stream_stalls"])
def test_endless_stream_does_not_end(make_api: Any, fault: str) -> None:
    seen = make_api(token_gap_s=0.0001, faults=(fault,)).post(CHAT, BODY, deadline_s=0.3)
    assert (len(seen.pieces) > 0, seen.is_whole) == (True, False)


@pytest.mark.parametrize(("faults", "is_whole"), [((), True), (("limit_cuts_running_streams",), False)])
def test_stream_goes_on_when_the_limit_strikes(make_api: Any, faults: tuple[str, ...], is_whole: bool) -> None:  # noqa: FBT001
    api = make_api(limit=2, token_gap_s=GAP_S, faults=faults)

    async def scenario() -> Any:
        running = asyncio.ensure_future(api.send("POST", CHAT, body=BODY))
        await asyncio.sleep(2 * GAP_S)
        refused = [await api.send("GET", "/v1/models") for _ in range(2)]
        return refused[-1].status, (await running).is_whole

    assert api.run(scenario()) == (429, is_whole)


def test_slow_model_takes_its_time(make_api: Any) -> None:
    api = make_api(readings=("model_is_slow",))
    start_s = time.monotonic()
    seen = api.post(CHAT, {**BODY, "max_tokens": 3})
    assert (seen.times_s[0] - start_s >= 0.4, seen.times_s[-1] - start_s >= 0.42) == (True, True)


def test_long_run_lets_its_twin_wait(make_api: Any) -> None:
    api = make_api(readings=("twin_waits_for_a_long_run",))
    headers = {"Idempotency-Key": "one"}

    async def twins() -> list[Any]:
        return await asyncio.gather(*(api.send("POST", CHAT, body=BODY, headers=headers) for _ in range(2)))

    first, second = api.run(twins())
    assert first.body == second.body
