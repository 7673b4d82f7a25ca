"""Run a reference server in a thread of this process."""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn

from assisters_verify.reference.app import build_behaviour, create_app
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.transport import make_context

_DATE_PERIOD_S = 1.0
_START_DEADLINE_S = 10.0


class ReferenceServer:
    """A running server, as a context manager.

    >>> with ReferenceServer(ReferenceOptions()) as server:
    ...     server.base_url, server.api_key
    """

    def __init__(self, options: ReferenceOptions | None = None) -> None:
        self.options = options or ReferenceOptions()
        self._uvicorn: _StoppableServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        """The origin that the server listens on."""
        scheme = "https" if self.options.tls_certificate_file else "http"
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"{scheme}://{host}:{self._port}"

    @property
    def api_key(self) -> str:
        """The first of the keys that work from the start."""
        return self.options.api_keys[0]

    def start(self) -> None:
        """Start serving; returns once connections are accepted.

        Raises:
            OSError: The port is taken, or a certificate cannot be read.
            ValueError: A fault or a reading of that name does not exist.
        """
        config = make_config(self.options)
        listener = _listen(self.options)
        self._port = listener.getsockname()[1]
        self._uvicorn = _StoppableServer(config)
        self._thread = threading.Thread(
            target=self._uvicorn.run, args=([listener],), name="reference-server", daemon=True
        )
        self._thread.start()
        if not self._uvicorn.is_ready.wait(_START_DEADLINE_S):
            raise OSError("the reference server did not start")

    def stop(self) -> None:
        """Stop at once; open streams are cut."""
        if self._uvicorn is not None and self._thread is not None:
            self._uvicorn.stop_soon()
            self._thread.join()
            self._uvicorn = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def make_config(options: ReferenceOptions) -> uvicorn.Config:
    """Return uvicorn's settings for these options."""
    transport = build_behaviour(options).transport
    is_secure = options.tls_certificate_file is not None
    config = uvicorn.Config(
        create_app(options),
        http=transport.http_protocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        backlog=4096,
        ssl_context_factory=(lambda _config, _default: make_context(options, transport)) if is_secure else None,
    )
    # Here and not in the server's thread, so that whoever starts it hears of a bad certificate.
    config.load()
    return config


def _listen(options: ReferenceOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Only with its protocol named does asyncio switch off Nagle's algorithm, which costs 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except OSError:
        listener.close()
        raise
    return listener


class _StoppableServer(uvicorn.Server):
    """Uvicorn, but told to stop by an event instead of by polling, and without waiting for open connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop_soon(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        self.is_ready.set()
        while not self._stopping.is_set():
            # The tick renews the Date header.
            try:
                await asyncio.wait_for(self._stopping.wait(), _DATE_PERIOD_S)
            except TimeoutError:
                await self.on_tick(0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for task in self.server_state.tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        await self.lifespan.shutdown()
        for listener in sockets or []:
            listener.close()
