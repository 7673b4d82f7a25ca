"""One connection's bytes, plain or through TLS, never blocking, with the kernel's receive times where it has them."""

import errno
import socket as patched
import ssl
import struct
import sys

from gevent import monkey

from assisters_verify.generator.clock import KernelClock, now_us

# Locust replaces the standard library's sockets by cooperative ones; here the event loop is asked directly instead.
Socket: type[patched.socket] = monkey.get_original("socket", "socket")
# linux/socket.h; Python has no name for it.
_SO_TIMESTAMPNS = 35
_STAMP = struct.Struct("@qq")
_ANCILLARY_BYTES = 64
_READ_BYTES = 65_536
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)
HAS_KERNEL_TIMES = sys.platform == "linux"


class Closed(Exception):  # noqa: N818 - named after what happened
    """The other end has closed its side."""


class Channel:
    """A plain connection. Every method that moves bytes raises OSError where the connection is lost."""

    def __init__(self, family: int, address: tuple[str, int], clock: KernelClock) -> None:
        self.received_us = 0
        self.is_ready = False
        self._clock = clock
        self._sock = Socket(family, patched.SOCK_STREAM)
        self._unsent = bytearray()
        self._sock.setblocking(False)
        self._sock.setsockopt(patched.IPPROTO_TCP, patched.TCP_NODELAY, 1)
        if HAS_KERNEL_TIMES:
            self._sock.setsockopt(patched.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        error = self._sock.connect_ex(address)
        if error not in {0, *_UNDER_WAY}:
            self._sock.close()
            raise OSError(error, "connect")

    @property
    def fd(self) -> int:
        """The descriptor, for the event loop."""
        return self._sock.fileno()

    @property
    def has_unsent(self) -> bool:
        """Whether there are bytes that the kernel had no room for."""
        return bool(self._unsent)

    def advance(self) -> None:
        """Go on with getting ready, where the loop says that something can be done."""
        error = self._sock.getsockopt(patched.SOL_SOCKET, patched.SO_ERROR)
        if error:
            raise OSError(error, "connect")
        self.is_ready = True

    def send(self, data: bytes) -> None:
        """Send it, or as much as there is room for, and the rest with `send_rest`."""
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._unsent += data[sent:]

    def send_rest(self) -> None:
        """Send what had no room."""
        try:
            sent = self._sock.send(self._unsent)
        except BlockingIOError:
            return
        del self._unsent[:sent]

    def receive(self) -> bytes:
        """Return what came, perhaps nothing; `received_us` is when the kernel had it. Raises Closed at the end."""
        try:
            data, ancillary, _, _ = self._sock.recvmsg(_READ_BYTES, _ANCILLARY_BYTES)
        except BlockingIOError:
            return b""
        if ancillary:
            seconds, nanoseconds = _STAMP.unpack(ancillary[0][2])
            self.received_us = seconds * 1_000_000 + nanoseconds // 1000 - self._clock.offset_us
        else:
            self.received_us = now_us()
        if not data:
            raise Closed
        return data

    def close(self) -> None:
        """Close it."""
        self._sock.close()


class SecureChannel(Channel):
    """A connection through TLS, in memory, so that the kernel's receive times stay known."""

    def __init__(
        self, family: int, address: tuple[str, int], clock: KernelClock, *, context: ssl.SSLContext, host: str
    ) -> None:
        super().__init__(family, address, clock)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._is_connected = False

    def advance(self) -> None:
        """Go on with connecting and with the handshake."""
        if not self._is_connected:
            super().advance()
            self._is_connected, self.is_ready = True, False
        else:
            try:
                self._incoming.write(super().receive())
            except Closed:
                raise ConnectionResetError from None
        try:
            self._tls.do_handshake()
            self.is_ready = True
        except ssl.SSLWantReadError:
            pass
        finally:
            self._flush()

    def send(self, data: bytes) -> None:
        """Encrypt and send it."""
        self._tls.write(data)
        self._flush()

    def receive(self) -> bytes:
        """Return what can be decrypted."""
        data = super().receive()
        if not data:
            return b""
        self._incoming.write(data)
        try:
            plain = self._tls.read(_READ_BYTES)
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLZeroReturnError:
            raise Closed from None
        if self._incoming.pending or self._tls.pending():
            plain = self._read_rest(plain)
        return plain

    def _read_rest(self, first: bytes) -> bytes:
        pieces = [first]
        try:
            while piece := self._tls.read(_READ_BYTES):
                pieces.append(piece)
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass  # what follows a proper end shows at the next read
        return b"".join(pieces)

    def _flush(self) -> None:
        if self._outgoing.pending:
            super().send(self._outgoing.read())
