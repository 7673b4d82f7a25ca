"""Receive HTTP requests on a port of this machine: bounded, within deadlines, each kept as it came."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qsl

import h11

_MAX_HEAD_BYTES = 64 * 1024
# An event is a few hundred bytes; all connections at once may bring as much.
_MAX_BODY_BYTES = 256 * 1024
_MAX_CONNECTIONS = 256
_MAX_VISITS = 20_000
_MAX_KEPT_BYTES = 16 * 1024 * 1024
# What a visit takes beside its body.
_VISIT_BYTES = 500
_BEAT_S = 0.2
# Visits that come together are looked at together.
_GATHER_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came: `target` is path and query, `body` its raw bytes without the transfer coding. The times are
    on the clock of `time.perf_counter`: when its first bytes were read, and its last."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    http_version: str
    began_s: float
    ended_s: float

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query, decoded, in order."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a request is answered with."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request, and the response that was sent at once. `number` counts from 0 in the order of arrival."""

    number: int
    request: Request
    response: Response


class Receiver:
    """An HTTP server in the running event loop. `answer` is asked for every whole request, and may be replaced.

    `visits` holds what came, oldest first, up to a bound. `worst_lag_s` is the longest time for which the event loop
    did not get round to the receiver, so that a sender might have taken it for dead.
    """

    def __init__(
        self, answer: Callable[[Request], Response], *, idle_timeout_s: float = 60.0, request_timeout_s: float = 20.0
    ) -> None:
        self.answer = answer
        self.idle_timeout_s = idle_timeout_s
        self.request_timeout_s = request_timeout_s
        self.visits: list[Visit] = []
        self.worst_lag_s = 0.0
        self._kept_bytes = 0
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._changed = asyncio.Event()
        self._beat: asyncio.TimerHandle | None = None
        self._pretended_port: int | None = None

    async def open(self, host: str, port: int = 0) -> Self:
        """Listen; port 0 takes a free one. Raises OSError where that cannot be."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port)
        self._schedule_beat()
        return self

    def pretend_to_listen(self, port: int) -> None:
        """Be open without a socket: what comes is given to `take` by somebody else."""
        self._pretended_port = port

    async def close(self) -> None:
        """Stop listening, and drop the connections."""
        if self._beat is not None:
            self._beat.cancel()
        if self._server is not None:
            self._server.close()
            for connection in list(self._connections):
                connection.drop()
            await self._server.wait_closed()
            self._server = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._pretended_port is not None:
            return self._pretended_port
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def wait_until(self, is_enough: Callable[[], bool], *, timeout_s: float) -> bool:
        """Wait for visits until it is enough; tell whether it was within the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not is_enough():
                    self._changed.clear()
                    await self._changed.wait()
                    await asyncio.sleep(_GATHER_S)
        return is_enough()

    def take(self, request: Request) -> Response:
        """Answer a request, and keep it."""
        response = self.answer(request)
        size = _VISIT_BYTES + len(request.body) + sum(len(name) + len(value) for name, value in request.headers)
        if len(self.visits) < _MAX_VISITS and self._kept_bytes + size <= _MAX_KEPT_BYTES:
            self._kept_bytes += size
            self.visits.append(Visit(number=len(self.visits), request=request, response=response))
        self._changed.set()
        return response

    def admit(self, connection: "_Connection") -> bool:
        """Take a connection in, unless there are too many."""
        if len(self._connections) >= _MAX_CONNECTIONS:
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: "_Connection") -> None:
        """Forget a connection that has ended."""
        self._connections.discard(connection)

    def _schedule_beat(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + _BEAT_S

        def beat() -> None:
            self.worst_lag_s = max(self.worst_lag_s, loop.time() - due)
            self._schedule_beat()

        self._beat = loop.call_at(due, beat)


class _Connection(asyncio.Protocol):
    """One connection: reads requests one after the other, and answers each as soon as it is whole."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._state = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._began_s: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._receiver.admit(self):
            self.drop()
            return
        self._set_deadline(self._receiver.idle_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._receiver.forget(self)
        if self._deadline is not None:
            self._deadline.cancel()

    def data_received(self, data: bytes) -> None:
        if self._began_s is None:
            self._began_s = time.perf_counter()
            self._set_deadline(self._receiver.request_timeout_s)
        try:
            self._state.receive_data(data)
            self._take_events()
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)

    def eof_received(self) -> None:
        with contextlib.suppress(h11.RemoteProtocolError):
            self._state.receive_data(b"")

    def drop(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _take_events(self) -> None:
        while (event := self._state.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            match event:
                case h11.Request():
                    self._request = event
                    self._began_s = self._began_s or time.perf_counter()
                    self._body.clear()
                    if self._state.they_are_waiting_for_100_continue:
                        self._send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
                case h11.Data():
                    self._body += event.data
                    if len(self._body) > _MAX_BODY_BYTES:
                        self._refuse(413)
                        return
                case h11.EndOfMessage():
                    self._finish()
                case _:
                    return

    def _finish(self) -> None:
        """Answer the request that is whole now, and make ready for the next."""
        assert self._request is not None
        assert self._began_s is not None
        request = Request(
            method=self._request.method.decode("latin-1"),
            target=self._request.target.decode("latin-1"),
            headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in self._request.headers.raw_items()),
            body=bytes(self._body),
            http_version=f"HTTP/{self._request.http_version.decode('latin-1')}",
            began_s=self._began_s,
            ended_s=time.perf_counter(),
        )
        self._respond(self._receiver.take(request))
        if (self._state.our_state, self._state.their_state) != (h11.DONE, h11.DONE):
            self._close()
            return
        self._state.start_next_cycle()
        self._began_s = None
        self._set_deadline(self._receiver.idle_timeout_s)

    def _respond(self, response: Response) -> None:
        headers = [("Content-Type", response.content_type), ("Content-Length", str(len(response.body)))]
        self._send(h11.Response(status_code=response.status, headers=headers, reason=_phrase(response.status)))
        self._send(h11.Data(data=response.body))
        self._send(h11.EndOfMessage())

    def _refuse(self, status: int) -> None:
        if self._state.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._respond(Response(status=status))
        self._close()

    def _send(self, event: h11.Event) -> None:
        data = self._state.send(event)
        if self._transport is not None and data:
            self._transport.write(data)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _set_deadline(self, timeout_s: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(timeout_s, self.drop)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
