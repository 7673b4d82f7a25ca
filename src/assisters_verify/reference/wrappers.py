"""Wrappers around the application, for what happens between an answer and the wire."""

import asyncio
import zlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assisters_verify.reference.stream_wrappers import is_stream

_FIRST_REFUSAL = 400
_EVENT_STREAM = b"text/event-stream"


class BodyFirst:
    """Reads the whole body of a route before the application sees the request, and leaves it in the scope."""

    KEY = "assisters_verify.body"

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        scope[self.KEY] = body
        waiting: list[Message] = [{"type": "http.request", "body": body}]

        async def receive_again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, receive_again, send)


class Forbidden:
    """Turns what a route answers with success into a 403."""

    _BODY = (
        b'{"error":{"type":"permission_error","message":"Insufficient permissions.","param":null,"code":"forbidden"}}'
    )

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_forbidden = False

        async def forbid(message: Message) -> None:
            nonlocal is_forbidden
            if message["type"] == "http.response.start" and message["status"] < _FIRST_REFUSAL:
                is_forbidden = True
                message = {**message, "status": 403, "headers": [(b"content-type", b"application/json")]}
            elif is_forbidden:
                message = {"type": "http.response.body", "body": self._BODY}
            await send(message)

        is_meant = scope["type"] == "http" and scope["path"] == self._path
        await self._app(scope, receive, forbid if is_meant else send)


class Missing:
    """Sends the calls of a route where no route is."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] == self._path:
            scope = {**scope, "path": f"{self._path}-is-not-there"}
        await self._app(scope, receive, send)


class SharedAnswer:
    """Keeps the answer of a route in one variable: of two requests at a time, both get the later one's."""

    _WINDOW_S = 0.03

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path
        self._latest: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        is_passing = False

        async def hold(message: Message) -> None:
            nonlocal is_passing
            if message["type"] == "http.response.start" and is_stream(message):
                is_passing = True
            if is_passing:
                await send(message)
            else:
                held.append(message)

        await self._app(scope, receive, hold)
        if is_passing:
            return
        self._latest = held
        await asyncio.sleep(self._WINDOW_S)
        for message in self._latest:
            await send(message)


class CutConnection:
    """Breaks the connection on a body that is nested too deep, as a crash of the process would."""

    _DEEPEST = 500

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; uvicorn closes the connection of an answer that never comes to its end."""
        is_deep = False

        async def look() -> Message:
            nonlocal is_deep
            message = await receive()
            body = message.get("body", b"")
            is_deep = is_deep or body.count(b"[") + body.count(b"{") > self._DEEPEST
            return message

        async def send_unless_deep(message: Message) -> None:
            if is_deep and message["type"] == "http.response.body":
                message = {**message, "body": message["body"][:1], "more_body": True}
            await send(message)

        await self._app(scope, look, send_unless_deep)


class SilentRoute:
    """Sends the beginning of a route's answer, and breaks the connection."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_start(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message["body"][:1], "more_body": True}
            await send(message)

        is_meant = scope["type"] == "http" and scope["path"] == self._path
        await self._app(scope, receive, send_start if is_meant else send)


class HungRoute:
    """Never answers on a route."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; this one ends when the client leaves."""
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass


class Chunked:
    """Sends bodies in two pieces, without saying how long they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def cut(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": without(message["headers"], b"content-length")}
            elif message["type"] == "http.response.body" and len(message["body"]) > 1:
                half = len(message["body"]) // 2
                await send({**message, "body": message["body"][:half], "more_body": True})
                message = {**message, "body": message["body"][half:]}
            await send(message)

        await self._app(scope, receive, cut)


class Compressed:
    """Compresses every body, streams piece by piece, for clients that take gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        accepted = dict(scope.get("headers") or ()).get(b"accept-encoding", b"")
        packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)

        async def pack(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*without(message["headers"], b"content-length"), (b"content-encoding", b"gzip")]
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body":
                end = zlib.Z_SYNC_FLUSH if message.get("more_body") else zlib.Z_FINISH
                message = {**message, "body": packer.compress(message["body"]) + packer.flush(end)}
            await send(message)

        await self._app(scope, receive, pack if b"gzip" in accepted else send)


class Closing:
    """Closes the connection after each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive, close)


def without(headers: list[tuple[bytes, bytes]], name: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers but those of that name."""
    return [header for header in headers if header[0] != name]
