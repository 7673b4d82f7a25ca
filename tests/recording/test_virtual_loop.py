"""On a virtual loop hours pass at once, in the right order, and never while somebody is at work."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from assisters_verify.recording.virtual_loop import EPOCH_S, VirtualLoop

HOUR_S = 3600.0


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)


def now_s() -> float:
    return asyncio.get_running_loop().time() - EPOCH_S


def test_sleep_takes_its_time_on_the_clock_and_none_of_ours() -> None:
    async def sleep() -> float:
        await asyncio.sleep(24 * HOUR_S)
        return now_s()

    assert run(sleep()) == 24 * HOUR_S


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    woken: list[float] = []

    async def sleep(delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        woken.append(now_s())

    async def sleep_all() -> None:
        await asyncio.gather(*(sleep(delay_s) for delay_s in (3.0, 1.0, 2.0)))

    run(sleep_all())

    assert woken == [1.0, 2.0, 3.0]


def test_timeout_comes_when_nothing_else_does() -> None:
    async def wait() -> float:
        try:
            async with asyncio.timeout(HOUR_S):
                await asyncio.Event().wait()
        except TimeoutError:
            return now_s()
        return -1.0

    assert run(wait()) == HOUR_S


def test_time_stands_still_while_a_thread_works() -> None:
    async def work() -> float:
        async with asyncio.timeout(HOUR_S):
            await asyncio.to_thread(sum, range(1000))
        return now_s()

    assert run(work()) == 0.0


def test_time_stands_still_while_a_process_works() -> None:
    async def work() -> tuple[bytes, float]:
        async with asyncio.timeout(HOUR_S):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-S", "-c", "print(7)", stdout=asyncio.subprocess.PIPE
            )
            output, _ = await process.communicate()
        return output, now_s()

    assert run(work()) == (b"7\n", 0.0)


def test_time_goes_on_after_work() -> None:
    async def work() -> float:
        await asyncio.to_thread(sum, [])
        await asyncio.sleep(HOUR_S)
        return now_s()

    assert run(work()) == HOUR_S
