"""Where a rate limit is overrun: what the experiment asks of the target, or of a simulated one."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from assisters_verify.contract.limiter import Shot, StreamEnd


class Range(Protocol):
    """Fires requests. Times are seconds on one monotonic clock.

    `parallel` is how many requests run side by side, `has_streams` says whether chat can be streamed. `nobody` says why
    no second key can be made; it is empty where any number can.
    """

    parallel: int
    has_streams: bool
    nobody: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """The routes beside `models` that are there, streams and removals aside."""

    @property
    def has_removals(self) -> bool:
        """Whether a route deletes, and says of what is not there that it is not."""

    def now_s(self) -> float:
        """Return the time."""

    async def pause_until(self, when_s: float) -> None:
        """Return at that time, or at once where it has passed."""

    async def fresh_key(self) -> tuple[str, list[Shot]]:
        """Return a key that may make all its requests, but for those that it has made already, which are told too.

        Where no second key can be made, it is the only one, when it may again.
        """

    async def neighbour(self) -> str | None:
        """Return a key that has made few requests, and is never overrun, or None where there is none."""

    async def volley(
        self, key: str, kinds: Sequence[str], *, stops_when_refused: bool = False, until_s: float | None = None
    ) -> list[Shot]:
        """Send one request of each kind, as many side by side as may be, and return them in the order of sending.

        No more are sent once one is refused, where that is wanted, or after `until_s`.
        """

    async def open_stream(self, key: str) -> Shot:
        """Start a long stream, and return when its first piece has come, or its end."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Return what to hold while a key is overrun: nobody else sends meanwhile, unless it takes long."""

    async def end_stream(self) -> StreamEnd | None:
        """Return how the stream that was opened last ended, or None where none was."""

    def disturbed(self) -> int:
        """Return how many requests others have made meanwhile with a key that was overrun."""
