"""Send one request and read what comes back: within a deadline, within bounds, and never to another origin."""

import asyncio
import contextlib
import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from assisters_verify.answer import Piece
from assisters_verify.body_room import SMALL_BYTES, BodyRoom
from assisters_verify.connections import SENT_AGAIN, Connections
from assisters_verify.inflate import BodyTooLarge, BoundedInflater, CorruptBody, UnknownEncoding

MAX_BODY_BYTES = 4 * 1024 * 1024
# More than is kept as evidence.
_KEPT_OF_TOO_LARGE_BYTES = 128 * 1024
# How a body ends that somebody did not want to read on.
LEFT = "left by the suite"
# What is said of an exchange that took longer than it may.
DEADLINE = "nothing whole within"
_MAX_REDIRECTS = 3
_KEPT_METHOD = frozenset({307, 308})
# Each takes a while to be parsed, however small it is; no answer that a check asks for has so many words.
_MAX_PIECES = 20_000


class NoAnswer(Exception):  # noqa: N818 - named after what happened
    """No whole head of an HTTP answer came.

    `kind` is one of connect, timeout, broken; `exchange` is the id of the evidence.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.exchange = ""

    @property
    def is_untrusted(self) -> bool:
        """Whether the target's certificate was not trusted, so that nothing was sent."""
        return "CERTIFICATE_VERIFY_FAILED" in str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request to send. `path` may hold a query; `headers` are sent as they are, after the wire's own few.

    `leave_after` is asked after each piece of the body and ends the reading where it says so, as a client does that
    goes away. `is_stream` keeps the pieces with their times. `is_fresh` takes a connection that nothing was sent over.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    timeout_s: float = 60.0
    is_stream: bool = False
    leave_after: Callable[[bytes], bool] | None = None
    is_fresh: bool = False


@dataclass(slots=True, kw_only=True)
class Reply:
    """What came back so far; filled while it is read, so that a broken one can still be shown. `sends` is how often the
    request went out: twice where a kept connection broke, once more for each redirect. `dropped_bytes` of a body that
    was too large came, but were not kept."""

    started: float
    status: int = 0
    reason: str = ""
    http_version: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    first_byte_s: float | None = None
    total_s: float | None = None
    wire_bytes: int = 0
    broken_off: str | None = None
    sends: int = 1
    dropped_bytes: int = 0

    @property
    def body(self) -> bytes:
        """The body as far as it came, decoded."""
        return b"".join(piece.data for piece in self.pieces)

    @property
    def is_headed(self) -> bool:
        """Whether a whole head came."""
        return self.first_byte_s is not None


class Wire:
    """Connections to one origin. Proxies, netrc and cookies of this machine are not used."""

    def __init__(
        self, base_url: str, *, ca_file: Path | None = None, connections: int = 32, redirects: int = _MAX_REDIRECTS
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._redirects = redirects
        self._origin = _origin(self.base_url)
        tls = tls_context(ca_file) if self.base_url.startswith("https:") else None
        self._connections = Connections(tls, most=connections)
        self.room = BodyRoom()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.aclose()

    async def send(self, order: Order, reply: Reply) -> None:
        """Send the order and fill the reply. Raises NoAnswer where no head came; a body that ended early is told by
        `reply.broken_off`."""
        try:
            async with asyncio.timeout(order.timeout_s):
                await self._follow(order, reply)
        except TimeoutError:
            message = f"{DEADLINE} {order.timeout_s:g} s"
            if not reply.is_headed:
                raise NoAnswer("timeout", message) from None
            reply.broken_off = message
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            message = _plain_words(error)
            if not reply.is_headed:
                raise NoAnswer("connect" if isinstance(error, httpx.ConnectError) else "broken", message) from error
            reply.broken_off = message
        except (BodyTooLarge, CorruptBody, UnknownEncoding) as error:
            reply.broken_off = str(error)
        finally:
            reply.total_s = time.perf_counter() - reply.started
            if not order.is_stream and order.leave_after is None:
                _join_pieces(reply)

    async def _follow(self, order: Order, reply: Reply) -> None:
        url = self.base_url + order.path
        for redirects_left in range(self._redirects, -1, -1):
            request = httpx.Request(order.method, url, headers=_headers(order), content=order.body)
            async with self._connections.send(request, is_fresh=order.is_fresh) as response:
                reply.sends += SENT_AGAIN in request.extensions
                target = _same_origin_redirect(response, url, self._origin) if redirects_left else None
                if target is None:
                    await self._read(response, order, reply)
                    return
                url = target
                reply.sends += 1

    async def _read(self, response: httpx.Response, order: Order, reply: Reply) -> None:
        _note_head(response, reply)
        inflater = BoundedInflater(response.headers.get("content-encoding", "identity"), MAX_BODY_BYTES)
        async with contextlib.AsyncExitStack() as turn:
            try:
                await self._read_pieces(response, inflater, order, reply, turn)
            except BodyTooLarge:
                _shorten(reply)  # before the next one takes its turn
                raise

    async def _read_pieces(
        self,
        response: httpx.Response,
        inflater: BoundedInflater,
        order: Order,
        reply: Reply,
        turn: contextlib.AsyncExitStack,
    ) -> None:
        size, most = 0, MAX_BODY_BYTES
        async for data in response.aiter_raw():
            came_s = time.perf_counter() - reply.started
            reply.wire_bytes += len(data)
            decoded = inflater.feed(data)
            if size <= SMALL_BYTES < size + len(decoded):
                most = await turn.enter_async_context(self.room.turn())
            size += len(decoded)
            if size > most:
                raise BodyTooLarge(f"the body is larger than {most} bytes")
            if decoded:
                reply.pieces.append(Piece(t_s=came_s, data=decoded))
            if len(reply.pieces) > _MAX_PIECES:
                reply.broken_off = f"more than {_MAX_PIECES} pieces"
                return
            if order.leave_after is not None and order.leave_after(decoded):
                reply.broken_off = LEFT
                return
        inflater.close()


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that verifies against this file, or against the system's certificates.

    Raises OSError or ssl.SSLError where the file cannot be used.
    """
    return ssl.create_default_context(cafile=str(ca_file)) if ca_file else ssl.create_default_context()


def _headers(order: Order) -> list[tuple[bytes, bytes]]:
    given = {name.lower() for name, _ in order.headers}
    own = [
        ("User-Agent", "assisters-verify"),
        ("Accept", "*/*"),
        # Compressed streams would be timed by the decoder's blocks instead of the server's chunks.
        ("Accept-Encoding", "identity"),
    ]
    pairs = [pair for pair in own if pair[0].lower() not in given] + list(order.headers)
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def _note_head(response: httpx.Response, reply: Reply) -> None:
    reply.first_byte_s = time.perf_counter() - reply.started
    reply.status = response.status_code
    reply.reason = response.reason_phrase
    reply.http_version = response.http_version
    reply.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]


def _join_pieces(reply: Reply) -> None:
    """Make one piece of them all, which whoever asks for the body gets: otherwise it is held once more by each."""
    if len(reply.pieces) > 1:
        reply.pieces[:] = [Piece(t_s=reply.pieces[-1].t_s, data=reply.body)]


def _shorten(reply: Reply) -> None:
    """Drop all but the beginning of a body that nobody can judge whole: many of them at once would fill the memory."""
    size = 0
    for number, piece in enumerate(reply.pieces):
        size += len(piece.data)
        if size > _KEPT_OF_TOO_LARGE_BYTES:
            reply.dropped_bytes = sum(len(dropped.data) for dropped in reply.pieces[number + 1 :])
            del reply.pieces[number + 1 :]
            return


def _same_origin_redirect(response: httpx.Response, url: str, origin: tuple[str, str]) -> str | None:
    location = response.headers.get("location")
    if response.status_code not in _KEPT_METHOD or not location:
        return None
    try:
        target = urljoin(url, location)
        httpx.URL(target)
    except (ValueError, httpx.InvalidURL):
        return None  # it leads nowhere: the redirect itself is the answer
    return target if _origin(target) == origin else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _plain_words(error: BaseException) -> str:
    text = " ".join((_system_error(error) or str(error)).split()) or type(error).__name__
    return text[:200]


def _system_error(error: BaseException) -> str | None:
    """Return the system's words for what is at the root of the error, since the libraries above keep none of them."""
    words = None
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            words = cause.strerror
        elif isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno:
            words = os.strerror(cause.errno)
        cause = cause.exceptions[-1] if isinstance(cause, ExceptionGroup) else cause.__cause__ or cause.__context__
    return words
