"""Run an exact server in a process of its own."""

import http.client
import os
import ssl
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import orjson

from assisters_verify.exact.options import ExactOptions

_DEADLINE_S = 60.0


class ExactProcess:
    """A running server, as a context manager; it ends with the process that started it, whatever happens to that.

    >>> with ExactProcess(ExactOptions(gap_s=0.01)) as server:
    ...     server.base_url, server.read_log()["kinds"]
    """

    def __init__(self, options: ExactOptions | None = None, *, core: int | None = None) -> None:
        """Name the options, and the processor core to stay on."""
        self.options = options or ExactOptions()
        self.base_url = ""
        self._core = core
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start serving; returns once connections are accepted.

        Raises:
            OSError: It did not start; what it said stands on standard error.
        """
        arguments = [f"--{name}={value}" for name, value in _words(self.options)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "assisters_verify.exact", "--with-parent", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise OSError("the exact server did not start")
        self.base_url = orjson.loads(line)["base_url"]
        if self._core is not None:
            os.sched_setaffinity(self._process.pid, {self._core})

    def stop(self) -> None:
        """Stop; open streams are cut, and the log file is written where one was asked for."""
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait(_DEADLINE_S)
            self._process = None

    def read_log(
        self, *, with_rows: bool = False, since_s: float | None = None, until_s: float | None = None
    ) -> dict[str, Any]:
        """Return the log of truth, of requests that arrived in a part of time (Unix epoch), or of all.

        The server does nothing else while it reads: ask when the load is over.
        """
        query = {"since": since_s, "until": until_s, "rows": 1 if with_rows else None}
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        content: dict[str, Any] = orjson.loads(self._ask(f"/exact/log?{asked}"))
        return content

    def clear_log(self) -> None:
        """Begin the log anew."""
        self._ask("/exact/clear")

    def _ask(self, target: str) -> bytes:
        url = urlsplit(self.base_url)
        assert url.hostname is not None
        if url.scheme == "https":
            # Loopback, and nothing secret is said; the certificate may be for any name.
            context = ssl._create_unverified_context()  # noqa: S323, SLF001
            client: http.client.HTTPConnection = http.client.HTTPSConnection(
                url.hostname, url.port, context=context, timeout=_DEADLINE_S
            )
        else:
            client = http.client.HTTPConnection(url.hostname, url.port, timeout=_DEADLINE_S)
        try:
            client.request("GET", target, headers={"Connection": "close"})
            return client.getresponse().read()
        finally:
            client.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _words(options: ExactOptions) -> list[tuple[str, str | Path]]:
    values = [(field.name.replace("_", "-"), getattr(options, field.name)) for field in fields(options)]
    return [(name, value if isinstance(value, Path) else str(value)) for name, value in values if value is not None]
