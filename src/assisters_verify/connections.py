"""Keep connections to one origin for the next request, but never at the cost of one that waits for its turn."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

# A server with few workers serves nobody else while it holds a kept connection, so each goes soon after its last use.
_KEPT_S = 0.5
# Where a new connection gets no answer for so long, the kept ones may be what holds it up.
_STARVED_S = 1.0
# Set on a request that went out a second time.
SENT_AGAIN = "sent_again"
# What becomes of a kept connection that the peer closes in the moment in which it is used again.
_STALE = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(slots=True, eq=False)
class _Line:
    """A transport of its own for one connection. `is_new` says that the last request had to open it."""

    transport: httpx.AsyncHTTPTransport
    idle_since: float = 0.0
    is_new: bool = True

    async def send(self, request: httpx.Request) -> httpx.Response:
        self.is_new = False
        request.extensions["trace"] = self._note
        response = await self.transport.handle_async_request(request)
        response.request = request
        return response

    async def _note(self, event: str, _info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self.is_new = True


class Connections:
    """At most `most` connections side by side. They are a person's who has no proxy, no netrc and no cookies."""

    def __init__(self, tls: ssl.SSLContext | None, *, most: int) -> None:
        # Without a context of ours each transport would read the system's certificates anew.
        self._tls = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._places = asyncio.Semaphore(most)
        self._lines: set[_Line] = set()
        self._idle: list[_Line] = []
        self._unanswered: dict[_Line, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def send(self, request: httpx.Request, *, is_fresh: bool = False) -> AsyncIterator[httpx.Response]:
        """Send the request and give its answer, of which the body is still to be read. Raises httpx.TransportError.

        Where a kept connection breaks before any answer, the request goes out once more over a new one, as RFC 9112
        9.3.1 expects of a client; with `is_fresh` it does so at once. The request's extension `SENT_AGAIN` tells of it.
        """
        async with self._places:
            line = self._new() if is_fresh or not self._idle or self._is_anyone_starved() else self._idle.pop()
            try:
                response = await self._answer(line, request)
            except _STALE:
                if line.is_new:
                    raise
                request.extensions[SENT_AGAIN] = True
                line = self._new()
                response = await self._answer(line, request)
            try:
                yield response
            finally:
                try:
                    await response.aclose()
                finally:
                    self._give_back(line)

    async def aclose(self) -> None:
        """Close all connections, also those in use."""
        if self._timer is not None:
            self._timer.cancel()
        self._idle.clear()
        for line in list(self._lines):
            self._close_soon(line)
        await asyncio.gather(*self._closing)

    async def _answer(self, line: _Line, request: httpx.Request) -> httpx.Response:
        self._unanswered[line] = time.monotonic()
        try:
            return await line.send(request)
        except BaseException:
            self._close_soon(line)
            raise
        finally:
            del self._unanswered[line]

    def _new(self) -> _Line:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
        line = _Line(httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=limits))
        self._lines.add(line)
        return line

    def _is_anyone_starved(self) -> bool:
        now = time.monotonic()
        return any(line.is_new and now - since > _STARVED_S for line, since in self._unanswered.items())

    def _give_back(self, line: _Line) -> None:
        if self._is_anyone_starved():
            self._close_soon(line)
            return
        line.idle_since = time.monotonic()
        self._idle.append(line)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_KEPT_S, self._close_idle)

    def _close_idle(self) -> None:
        self._timer = None
        limit = time.monotonic() - _KEPT_S
        self._idle, old = (
            [line for line in self._idle if line.idle_since > limit],
            [line for line in self._idle if line.idle_since <= limit],
        )
        for line in old:
            self._close_soon(line)
        if self._idle:
            self._timer = asyncio.get_running_loop().call_later(_KEPT_S, self._close_idle)

    def _close_soon(self, line: _Line) -> None:
        self._lines.discard(line)
        task = asyncio.create_task(line.transport.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
