"""Ask again for a while, for what takes effect soon rather than at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Found = TypeVar("Found")


async def ask_until(
    ask: Callable[[], Awaitable[Found]], is_enough: Callable[[Found], bool], *, pauses_s: Sequence[float]
) -> Found:
    """Ask until the answer is enough, with these pauses between; return the last answer, enough or not."""
    found = await ask()
    for pause_s in pauses_s:
        if is_enough(found):
            break
        await asyncio.sleep(pause_s)
        found = await ask()
    return found
