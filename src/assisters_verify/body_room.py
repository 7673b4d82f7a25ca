"""Bound what large bodies take together: those that are being read, and those that somebody still has."""

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# No answer that a check asks for is as long, nor a stream of 800 tokens at half a kilobyte: one that waits for its turn
# comes late, and who judges its times would blame the target.
SMALL_BYTES = 512 * 1024
_MOST_READ_AT_A_TIME = 2
# No run has so much at a time: the largest answer that a check asks for, a batch of embeddings, takes less than 1 MB.
_MOST_HELD_BYTES = 12 * 1024 * 1024


class BodyRoom:
    """Room for the bodies of more than SMALL_BYTES. `most_held` is what all that are held may take, in bytes."""

    def __init__(self, most_held: int = _MOST_HELD_BYTES) -> None:
        self._most_held = most_held
        self._held = 0
        self._turns = asyncio.Semaphore(_MOST_READ_AT_A_TIME)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[int]:
        """Wait until a large body may be read on; gives the most bytes that it may have."""
        async with self._turns:
            yield max(self._most_held - self._held, SMALL_BYTES)

    def hold(self, owner: object, size: int) -> None:
        """Count a body of this size for as long as its owner lives, if it is a large one."""
        if size > SMALL_BYTES:
            self._held += size
            weakref.finalize(owner, self._free, size)

    def _free(self, size: int) -> None:
        self._held -= size
