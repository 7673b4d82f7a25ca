"""An event loop whose time passes only while everybody waits, and then at once."""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

# Somewhat later than the zero from which code may count "never".
EPOCH_S = 1_000.0
_LOOK_S = 0.05


class VirtualLoop(asyncio.SelectorEventLoop):
    """Waits for nothing but the threads and processes that it has started: their work takes no time on its clock."""

    def __init__(self) -> None:
        self.now_s = EPOCH_S
        self._working = 0
        super().__init__(_VirtualSelector(self))

    def time(self) -> float:
        """Return the virtual time."""
        return self.now_s

    @property
    def is_working(self) -> bool:
        """Whether a thread or a process is at work for somebody who waits."""
        return self._working > 0

    def run_in_executor(  # type: ignore[override]  # its arguments are whatever the function takes
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Run this in a thread, while the time stands still."""
        future = super().run_in_executor(executor, func, *args)
        self._working += 1
        future.add_done_callback(lambda _: self._end_work())
        return future

    async def subprocess_exec(self, protocol_factory: Callable[[], Any], *args: Any, **options: Any) -> Any:
        """Run this process, while the time stands still."""

        def make() -> Any:
            protocol = protocol_factory()
            exited = protocol.process_exited

            def note_exit() -> None:
                self._end_work()
                exited()

            protocol.process_exited = note_exit
            return protocol

        self._working += 1
        try:
            return await super().subprocess_exec(make, *args, **options)
        except BaseException:
            self._end_work()
            raise

    def _end_work(self) -> None:
        self._working -= 1


class _VirtualSelector(selectors.DefaultSelector):
    """Lets the loop's time pass instead of waiting."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; where nothing is, the time that was to be waited has passed."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        # Beside the loop's own pipe there are only those to processes.
        if timeout is None or self._loop.is_working or len(self.get_map()) > 1:
            return super().select(_LOOK_S)
        self._loop.now_s += timeout
        return []
