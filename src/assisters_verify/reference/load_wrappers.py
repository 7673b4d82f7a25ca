"""Wrappers around the application that harm somebody only while a limit is exceeded."""

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TOO_MANY = 429
_AUTHORIZATION = b"authorization"


class BrokenRefusals:
    """Breaks the connection in every fifth refusal, as a proxy does whose backlog is full."""

    _EVERY = 5

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; uvicorn closes the connection of an answer that never comes to its end."""
        is_broken = False

        async def send_unless_broken(message: Message) -> None:
            nonlocal is_broken
            if message["type"] == "http.response.start" and message["status"] == _TOO_MANY:
                self._refused += 1
                is_broken = self._refused % self._EVERY == 0
            if is_broken and message["type"] == "http.response.body":
                message = {**message, "body": message["body"][:1], "more_body": True}
            await send(message)

        await self._app(scope, receive, send_unless_broken)


class SlowNeighbour:
    """Lets requests wait while another key is refused, as a limiter does that holds one lock for all."""

    _WAIT_S = 0.4
    _LINGERS_S = 0.2

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._refused_s: dict[bytes, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = dict(scope.get("headers") or ()).get(_AUTHORIZATION, b"")

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _TOO_MANY:
                self._refused_s[key] = time.monotonic()
            await send(message)

        others_s = max((at_s for other, at_s in self._refused_s.items() if other != key), default=0.0)
        if time.monotonic() - others_s < self._LINGERS_S:
            await asyncio.sleep(self._WAIT_S)
        await self._app(scope, receive, watch)
