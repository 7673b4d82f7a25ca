"""Servers over real sockets that do to their clients whatever they are told, and mind nothing that comes."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

_HEAD_END = b"\r\n\r\n"
_MOST_REQUEST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came. `headers` has lower-case names; `raw` is all of it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def is_stream(self) -> bool:
        """Whether a stream was asked for."""
        return b'"stream": true' in self.body or b'"stream":true' in self.body


class Peer:
    """One accepted connection. Whatever it does raises OSError once the other end is gone, or the server stops."""

    def __init__(self, connection: socket.socket, server: "HostileServer") -> None:
        self.server = server
        self._connection = connection
        self._buffer = b""

    def read(self) -> Request:
        """Return the next request, however malformed it is. Raises OSError where none comes any more."""
        while _HEAD_END not in self._buffer and b"\n\n" not in self._buffer:
            self._fill()
        head, _, rest = self._buffer.partition(_HEAD_END)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, target = first.partition(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "0")
        size = min(int(length), _MOST_REQUEST_BYTES) if length.isascii() and length.isdigit() else 0
        while len(rest) < size:
            before = len(self._buffer)
            self._fill()
            rest += self._buffer[before:]
        body, self._buffer = rest[:size], rest[size:]
        path = target.rpartition(" ")[0] or "/"
        request = Request(method=method, path=path, headers=headers, body=body, raw=head + _HEAD_END + body)
        self.server.received.append(request)
        return request

    def unread(self, request: Request) -> None:
        """Let the next `read` return this request once more."""
        self._buffer = request.raw + self._buffer

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._connection.sendall(data)

    def answer(self, body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> None:
        """Send a whole answer. Each line of `headers` ends with CRLF; it names the content type."""
        kind = "" if "content-type" in headers.lower() else "Content-Type: application/json\r\n"
        self.send(f"HTTP/1.1 {status}\r\n{kind}{headers}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)

    def pause(self, seconds: float) -> None:
        """Let this time pass. Raises OSError where the server stops, or the client has gone."""
        if self.server.stopped.wait(seconds):
            raise ConnectionAbortedError

    def hold(self) -> None:
        """Say nothing more, until the client goes."""
        while self._connection.recv(65_536):
            pass

    def reset(self) -> None:
        """Close in such a way that the client gets a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def _fill(self) -> None:
        data = self._connection.recv(65_536)
        if not data or len(self._buffer) > _MOST_REQUEST_BYTES:
            raise ConnectionResetError
        self._buffer += data


Behave = Callable[[Peer], None]


@dataclass(slots=True)
class HostileServer:
    """Runs what it is told for each connection: one after the other where `is_serial`, otherwise each in a thread.

    `upstream` is where a well-behaved server listens, for those that stand before one. `told` are secrets that it saw.
    """

    behave: Behave
    is_serial: bool = False
    upstream: str = ""
    received: list[Request] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    _listener: socket.socket = field(init=False)
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listen()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.go_away()

    def go_away(self) -> None:
        """Refuse connections from now on, and drop those that there are."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        """Listen on the same port again."""
        self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if self.is_serial:
                self._serve(connection)
            else:
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self.stopped.is_set():
                self.behave(Peer(connection, self))
        with self._lock:
            self._open.discard(connection)
        connection.close()
