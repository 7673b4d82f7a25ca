"""Servers of a few lines over real sockets, for tests that need a peer which does exactly as it is told."""

import asyncio
import contextlib
import random
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import hypothesis
import pytest
from pydantic import SecretStr

from assisters_verify.probe import Probe
from assisters_verify.session import open_session
from assisters_verify.settings import RunSettings, Secrets, Target

# A test that is slow on a busy machine is no broken one.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came over the wire. `headers` has lower-case names."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    raw: bytes


class Peer:
    """One accepted connection, from the server's side. Whatever it does raises OSError once the other end is gone."""

    def __init__(self, connection: socket.socket, server: "ScriptedServer") -> None:
        self._connection = connection
        self._server = server
        self._buffer = b""

    def read(self) -> Received:
        """Return the next request, whole."""
        while _HEAD_END not in self._buffer:
            self._fill()
        head, _, self._buffer = self._buffer.partition(_HEAD_END)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._buffer) < length:
            self._fill()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        request = Received(method=method, target=target, headers=headers, body=body, raw=head + _HEAD_END + body)
        self._server.received.append(request)
        return request

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def answer(self, body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> None:
        """Send a whole answer. Each line of `headers` ends with CRLF."""
        self.send(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def pause(self, seconds: float) -> None:
        """Let this time pass, as a slow server does."""
        if self._server.stopped.wait(seconds):
            raise ConnectionAbortedError

    def wait_for_bytes(self) -> None:
        """Return when something has come that is not read yet."""
        self._connection.recv(1, socket.MSG_PEEK)

    def wait_for_end(self) -> None:
        """Return when the client has closed its side."""
        while self._connection.recv(65_536):
            pass

    def reset(self) -> None:
        """Close in such a way that the client gets a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def _fill(self) -> None:
        data = self._connection.recv(65_536)
        if not data:
            raise ConnectionResetError
        self._buffer += data


Script = Callable[[Peer], None]


class ScriptedServer:
    """Runs a script for each connection: one after the other where `is_serial`, otherwise each in a thread."""

    def __init__(
        self, script: Script, *, tls: ssl.SSLContext | None = None, is_serial: bool = False, port: int = 0
    ) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._script = script
        self._tls = tls
        self._is_serial = is_serial
        self._errors: list[Exception] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close everything and end all threads; raises what a script raised."""
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._is_serial:
                self._serve(connection)
            else:
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                with self._lock:
                    self._open.discard(connection)
                    connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                    self._open.add(connection)
                connection.do_handshake()
            if not self.stopped.is_set():
                self._script(Peer(connection, self))
        except OSError:
            pass
        except Exception as error:  # noqa: BLE001 - shown when the test ends
            self._errors.append(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts a server with a script; all of them are stopped when the test ends."""
    with contextlib.ExitStack() as servers:
        yield lambda script, **options: servers.enter_context(ScriptedServer(script, **options))


@pytest.fixture
def refused_port() -> Iterator[int]:
    """Return a port of this machine that refuses connections for as long as the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, but not listening
        yield bound.getsockname()[1]


class NoJitter(random.Random):
    """Pauses that are as short as they may be, so that retries take no time."""

    def uniform(self, a: float, b: float) -> float:
        del a, b
        return 0.0


ProbeRun = Callable[..., Any]


@pytest.fixture
def with_probe(tmp_path: Path) -> ProbeRun:
    """Return a function that runs a coroutine function with a probe of a session, and returns what it returns.

    The first argument is the base URL; named ones are settings of the target.
    """

    def run(url: str, use: Callable[[Probe], Awaitable[Any]], **target: Any) -> Any:
        settings = RunSettings(
            target=Target.model_validate({"base_url": url, "timeout_s": 10.0, **target}),
            secrets=Secrets(api_key=SecretStr(API_KEY)),
        )

        async def whole() -> Any:
            session = open_session(settings, tmp_path / "exchanges.jsonl")
            session.jitter = NoJitter()
            try:
                async with session.wire, asyncio.timeout(60):
                    return await use(Probe(session, check="test_x.py::test_x", clause="CHAT-01"))
            finally:
                session.recorder.close()

        return asyncio.run(whole())

    return run
