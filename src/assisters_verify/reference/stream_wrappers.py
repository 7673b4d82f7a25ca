"""Wrappers around the application that do something to streams."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FIRST_REFUSAL = 400
_EVENT_STREAM = b"text/event-stream"


def is_stream(start: MutableMapping[str, Any]) -> bool:
    """Tell whether a response that starts so is a stream of events."""
    return any(value.startswith(_EVENT_STREAM) for name, value in start["headers"] if name == b"content-type")


class SharedStream:
    """Keeps the latest piece of all streams in one variable, so that streams side by side carry each other's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: dict[int, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        me = id(send)

        async def mix(message: Message) -> None:
            if message["type"] == "http.response.start" and is_stream(message):
                self._running[me] = b""
            elif me in self._running and message.get("body"):
                self._running[me] = message["body"]
                others = [body for stream, body in self._running.items() if stream != me and body]
                message = {**message, "body": others[0] if others else message["body"]}
            await send(message)

        try:
            await self._app(scope, receive, mix)
        finally:
            self._running.pop(me, None)


class BufferingProxy:
    """Collects a stream and passes it on when it has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        held: list[Message] = []
        is_held = False

        async def hold(message: Message) -> None:
            nonlocal is_held
            is_held = is_held or (message["type"] == "http.response.start" and is_stream(message))
            if is_held:
                held.append(message)
            else:
                await send(message)

        await self._app(scope, receive, hold)
        for message in held:
            await send(message)


class BrokenByLeaving:
    """Answers nothing but 500 for a while after a client has left in the middle of a stream."""

    _REFUSED = 5

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._to_refuse = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_streaming = False

        async def watch(message: Message) -> None:
            nonlocal is_streaming
            if message["type"] == "http.response.start":
                is_streaming = is_stream(message)
            elif message["type"] == "http.response.body" and not message.get("more_body"):
                is_streaming = False
            await send(message)

        async def notice() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect" and is_streaming:
                self._to_refuse = self._REFUSED
            return message

        if scope["type"] == "http" and self._to_refuse:
            self._to_refuse -= 1
            await send({"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"Internal Server Error"})
            return
        await self._app(scope, notice, watch)


class LeakedSlots:
    """Has a few slots for streams, and gives none back when a client leaves."""

    _SLOTS = 2

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._leaked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_streaming = is_refused = has_left = False

        async def take_slot(message: Message) -> None:
            nonlocal is_streaming, is_refused
            if message["type"] == "http.response.start" and is_stream(message):
                is_refused = self._leaked >= self._SLOTS
                is_streaming = not is_refused
                headers = [(b"content-type", b"application/json")]
                message = {**message, "status": 503, "headers": headers} if is_refused else message
            elif is_refused:
                message = {**message, "body": b""}
            elif not message.get("more_body"):
                is_streaming = False
            await send(message)

        async def notice() -> Message:
            nonlocal has_left
            message = await receive()
            if message["type"] == "http.disconnect" and is_streaming and not has_left:
                has_left = True
                self._leaked += 1
            return message

        await self._app(scope, notice, take_slot)


class CutAtLimit:
    """Cuts the running streams of a key as soon as a request of the same key is refused with 429."""

    _TOO_MANY = 429

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._over: dict[bytes, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = dict(scope.get("headers") or ()).get(b"authorization", b"")
        refused_before = self._over.get(key, 0)
        is_streaming = False

        async def watch(message: Message) -> None:
            nonlocal is_streaming
            if message["type"] == "http.response.start":
                is_streaming = is_stream(message)
                self._over[key] = self._over.get(key, 0) + (message["status"] == self._TOO_MANY)
            if is_streaming and self._over.get(key, 0) > refused_before:
                raise ConnectionAbortedError("cut on purpose")
            await send(message)

        await self._app(scope, receive, watch)
