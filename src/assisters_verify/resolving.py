"""An event loop in which a name that is never resolved holds up nobody: neither who waits for it, nor the end."""

import asyncio
import contextlib
import socket
import threading
from typing import Any


class ResolvingLoop(asyncio.SelectorEventLoop):
    """Looks each name up in a thread of its own, which the end of the loop, and of the program, does not wait for.

    asyncio's own way waits for such threads when the loop is closed, however long the system's resolver takes.
    """

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio's signature
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Return what `socket.getaddrinfo` returns. Raises what it raises."""
        found: asyncio.Future[list[Any]] = self.create_future()

        def look_up() -> None:
            try:
                addresses = socket.getaddrinfo(host, port, family, type, proto, flags)
            except (OSError, UnicodeError) as error:
                self._tell(found.set_exception, found, error)
            else:
                self._tell(found.set_result, found, addresses)

        threading.Thread(target=look_up, name="resolver", daemon=True).start()
        return await found

    def _tell(self, settle: Any, found: "asyncio.Future[list[Any]]", value: Any) -> None:
        def tell() -> None:
            if not found.done():
                settle(value)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.call_soon_threadsafe(tell)
