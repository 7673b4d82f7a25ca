"""One client's connection: bytes in with the kernel's time of arrival, bytes out without waiting."""

import socket
import ssl
import struct
import time
from collections import deque
from typing import TYPE_CHECKING

from assisters_verify.exact.requests import RequestReader

if TYPE_CHECKING:
    from assisters_verify.exact.plans import Plan

# Not named by the socket module; the number is Linux's on every common architecture.
SO_TIMESTAMPNS = 35
_STAMP = struct.Struct("@qq")
_READ_BYTES = 65_536
_STAMP_SPACE = socket.CMSG_SPACE(_STAMP.size)


class ClientGone(Exception):  # noqa: N818 - not an error: clients may leave
    """The client closed the connection, or broke it."""


class Connection:
    """A plain connection; `waiting` holds what was asked for before the last answer had ended, with its arrival."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = RequestReader()
        self.waiting: deque[tuple[Plan, int]] = deque()
        self.is_answering = False
        self.is_open = True
        self.is_closing = False
        self.unsent = b""
        self.arrived_ns = 0

    def receive(self) -> bytes:
        """Return what has arrived, and set `arrived_ns` to when the kernel got the last of it (monotonic).

        Raises:
            ClientGone: Nothing more will come.
        """
        try:
            data, extras, _, _ = self.sock.recvmsg(_READ_BYTES, _STAMP_SPACE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise ClientGone from error
        if not data:
            raise ClientGone
        self.arrived_ns = time.monotonic_ns()
        if extras:
            seconds, nanoseconds = _STAMP.unpack(extras[0][2])
            self.arrived_ns -= time.time_ns() - seconds * 1_000_000_000 - nanoseconds
        return data

    def send(self, data: bytes) -> None:
        """Write as much as the kernel takes now; the rest is kept in `unsent`.

        Raises:
            ClientGone: The client takes nothing any more.
        """
        if self.unsent:
            self.unsent += data
            return
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise ClientGone from error
        if sent < len(data):
            self.unsent = data[sent:]

    def send_rest(self) -> None:
        """Write what was kept."""
        data, self.unsent = self.unsent, b""
        Connection.send(self, data)

    def close(self) -> None:
        """Say goodbye."""
        self.is_open = False
        self.sock.close()


class SecureConnection(Connection):
    """A connection over TLS, with the kernel's times of the bytes that carry it."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        super().__init__(sock)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_agreed = False

    def receive(self) -> bytes:
        """As of a plain connection; what belongs to the handshake is answered here."""
        self._incoming.write(super().receive())
        parts: list[bytes] = []
        try:
            if not self._is_agreed:
                self._tls.do_handshake()
                self._is_agreed = True
            while part := self._tls.read(_READ_BYTES):
                parts.append(part)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            if not parts:
                self._flush()
                raise ClientGone from error
        self._flush()
        return b"".join(parts)

    def send(self, data: bytes) -> None:
        """As of a plain connection."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            raise ClientGone from error
        self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            Connection.send(self, self._outgoing.read())
