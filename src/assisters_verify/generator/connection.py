"""One kept-alive connection, driven by the event loop: no greenlet waits for it."""

import errno
import ssl
from collections.abc import Callable
from typing import Any, Protocol

import gevent
from geventhttpclient.response import HTTPParseError

from assisters_verify.generator.answer import Answer, Room, TooLarge
from assisters_verify.generator.channel import Channel, Closed
from assisters_verify.generator.clock import now_us
from assisters_verify.generator.exchange import Exchange
from assisters_verify.generator.retry_after import read_retry_after
from assisters_verify.inflate import CorruptBody, UnknownEncoding
from assisters_verify.measures.evidence import MOST_KEPT_BYTES
from assisters_verify.measures.ledger import NEVER, Problem

_READABLE, _WRITABLE = 1, 2
_OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL)
_ERROR = 400
# Whatever can be wrong with a transport or with what came over it.
FAULTS = (Closed, OSError, HTTPParseError, TooLarge, CorruptBody, UnknownEncoding)


class Holder(Protocol):
    """Who has the connections."""

    lags_us: list[int]
    chunks: int
    bytes_received: int
    room: Room

    def open_channel(self) -> Channel:
        """Begin to connect. Raises OSError."""

    def take_back(self, connection: "Connection") -> None:
        """Take a connection that waits for its next request."""

    def forget(self, connection: "Connection") -> None:
        """Count with it no more."""

    def replace(self, exchange: Exchange) -> None:
        """Send it again over a new connection: the old one was gone already."""

    def end(self, exchange: Exchange) -> None:
        """The exchange is over."""


class Connection:
    """Takes one exchange at a time. `owner` says whose connection it is."""

    __slots__ = ("_answer", "_channel", "_pool", "_reader", "_served", "_writer", "exchange", "owner")

    def __init__(self, pool: Holder, owner: str) -> None:
        self.owner = owner
        self.exchange: Exchange | None = None
        self._pool = pool
        self._served = 0
        self._answer = Answer(pool.room)
        self._channel = pool.open_channel()
        loop = gevent.get_hub().loop
        self._reader: Any = loop.io(self._channel.fd, _READABLE)
        self._writer: Any = loop.io(self._channel.fd, _WRITABLE)
        self._writer.start(self._guard, self._on_writable)

    def send(self, exchange: Exchange) -> None:
        """Send it now, or as soon as the connection is there."""
        self.exchange = exchange
        if self._channel.is_ready:
            try:
                self._send()
            except FAULTS as error:
                self._fail(error)

    def drop(self, problem: Problem, text: str = "") -> None:
        """Close the connection; an exchange that is under way ends with this problem."""
        exchange, self.exchange = self.exchange, None
        self._close()
        if exchange is not None:
            self._note(exchange)
            exchange.problem, exchange.problem_text = problem, text
            exchange.end_us = now_us()
            self._pool.end(exchange)

    def _guard(self, step: Callable[[], None]) -> None:
        """Do a step; whatever goes wrong with the transport ends the exchange as what it is."""
        try:
            step()
        except FAULTS as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, Closed):
            self._on_close()
        elif isinstance(error, ssl.SSLError):
            self.drop(Problem.TLS, error.reason or type(error).__name__)
        elif isinstance(error, OSError):
            self._on_error(error)
        elif isinstance(error, TooLarge):
            self.drop(Problem.TOO_LARGE)
        elif isinstance(error, HTTPParseError):
            self.drop(Problem.NOT_HTTP, str(error))
        else:
            self.drop(Problem.BROKEN_BODY, str(error))

    def _send(self) -> None:
        exchange = self.exchange
        if exchange is None:
            return
        self._answer.begin()
        if exchange.sent_us == NEVER:
            exchange.sent_us = now_us()
        self._channel.send(exchange.data)
        if self._channel.has_unsent:
            self._writer.start(self._guard, self._on_writable)

    def _on_writable(self) -> None:
        channel = self._channel
        if channel.is_ready:
            channel.send_rest()
            if not channel.has_unsent:
                self._writer.stop()
            return
        self._get_ready()

    def _get_ready(self) -> None:
        channel = self._channel
        channel.advance()
        if channel.has_unsent:
            channel.send_rest()
        else:
            self._writer.stop()
        if channel.is_ready:
            self._reader.stop()
            self._reader.start(self._on_readable)
            self._send()
        elif not self._reader.active:
            self._reader.start(self._guard, self._get_ready)

    def _on_readable(self) -> None:
        # What happens most is done with few calls: this is where the generator spends its time.
        try:
            data = self._channel.receive()
            if not data:
                return
            exchange = self.exchange
            if exchange is None:
                self.drop(Problem.NONE)  # nobody asked for anything
            else:
                self._take(data, exchange, self._channel.received_us)
        except FAULTS as error:
            self._fail(error)

    def _take(self, data: bytes, exchange: Exchange, received_us: int) -> None:
        pool, answer = self._pool, self._answer
        pool.lags_us.append(now_us() - received_us)
        pool.bytes_received += len(data)
        exchange.bytes_received += len(data)
        if exchange.first_byte_us == NEVER:
            exchange.first_byte_us = received_us
        answer.feed(data)
        if answer.pieces:
            body = answer.take_pieces()
            exchange.keep(received_us, body)
            stream = answer.stream
            if stream is not None:
                contents = stream.feed(body)
                if contents:
                    exchange.take_contents(contents, received_us)
                    pool.chunks += contents
                if stream.problem:
                    self.drop(Problem.BROKEN_STREAM, stream.problem)
                    return
        else:
            answer.count_bodiless(len(data))
        if answer.is_complete:
            self._finish(received_us)

    def _on_close(self) -> None:
        exchange, answer = self.exchange, self._answer
        if exchange is None or exchange.first_byte_us == NEVER:
            self._on_error(ConnectionResetError(errno.ECONNRESET, "closed without an answer"))
            return
        try:
            answer.feed(b"")  # an answer without a length ends with the connection
        except HTTPParseError:
            answer.is_complete = False
        if answer.is_complete:
            self._finish(self._channel.received_us or now_us(), is_last=True)
        else:
            self.drop(Problem.CUT, "the connection was closed within the answer")

    def _on_error(self, error: OSError) -> None:
        exchange = self.exchange
        if exchange is not None and exchange.first_byte_us == NEVER and self._served and not exchange.is_replaced:
            # The server closed a kept connection while the request was on its way: nobody's fault.
            exchange.is_replaced = True
            self.exchange = None
            self._close()
            self._pool.replace(exchange)
            return
        text = error.strerror or type(error).__name__
        if exchange is not None and exchange.first_byte_us != NEVER:
            self.drop(Problem.CUT if self._answer.status else Problem.RESET, text)
        else:
            self.drop(problem_of(error) if exchange is not None and exchange.sent_us == NEVER else Problem.RESET, text)

    def _finish(self, received_us: int, *, is_last: bool = False) -> None:
        exchange, answer = self.exchange, self._answer
        assert exchange is not None
        self.exchange = None
        self._served += 1
        exchange.end_us = received_us
        self._note(exchange)
        stream = answer.stream
        if stream is not None:
            stream.close()
            exchange.tokens = stream.contents if stream.usage_tokens is None else stream.usage_tokens
            if stream.problem or not stream.contents:
                exchange.problem = Problem.BROKEN_STREAM
                exchange.problem_text = stream.problem or "the stream has no content"
        if is_last or answer.must_close or self._channel.has_unsent:
            self._close()
        else:
            self._pool.take_back(self)
        self._pool.end(exchange)

    def _note(self, exchange: Exchange) -> None:
        """Take over what the answer's head says."""
        answer = self._answer
        if not answer.status:
            return
        exchange.status = answer.status
        exchange.head = answer.head()[:MOST_KEPT_BYTES]
        exchange.body = answer.take_body()
        exchange.body_bytes = answer.body_bytes
        stream = answer.stream
        if stream is not None:
            exchange.is_stream, exchange.has_ended = True, stream.is_ended
        if exchange.status >= _ERROR:
            exchange.retry_after_ms = read_retry_after(answer.header("retry-after"), date=answer.header("date"))

    def _close(self) -> None:
        self._reader.stop()
        self._writer.stop()
        self._reader.close()
        self._writer.close()
        self._channel.close()
        self._pool.forget(self)


def problem_of(error: OSError) -> Problem:
    """Return what a connection that did not come about suffered from."""
    if error.errno in _OUT_OF_DESCRIPTORS:
        return Problem.GENERATOR
    return Problem.TLS if isinstance(error, ssl.SSLError) else Problem.UNREACHABLE
