"""Run somebody else's client in a process of its own: bounded, and with nothing of the user's environment in it."""

import asyncio
import contextlib
import os
import resource
import signal
import site
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assisters_verify.probe import Probe

KEY_VARIABLE = "CLIENT_API_KEY"
MOST_BYTES = 1024 * 1024
_MOST_SAID = 2_000
_END_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that has ended, or was ended: then `status` is None. `output` is cut to a bound."""

    status: int | None
    output: bytes
    errors: str


async def run_client(
    probe: Probe,
    command: Sequence[str],
    *,
    order: bytes,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
    most_memory: int | None = None,
) -> Ended:
    """Run the command with this on its standard input, when no other one runs. It is ended where it takes longer than
    `timeout_s`, or says more than MOST_BYTES; what it said until then is returned. `most_memory` is in bytes of data: a
    client that has no bound of its own for what a target sends gets one."""

    async def live() -> dict[str, Any]:
        async with _started(probe, command, environment or {}) as process:
            if most_memory is not None:
                _bound(process, most_memory)
            ended = await _follow(process, order=order, timeout_s=timeout_s)
        return {"status": ended.status, "output": ended.output, "errors": ended.errors}

    # Where programs and certificates lie is this machine's affair.
    lines = [line for line in order.decode(errors="replace").splitlines() if not line.startswith("cacert")]
    asked = [Path(command[-1]).name, *lines]
    async with probe.session.one_program:
        ended = await probe.outside("client", asked, live)
    return Ended(status=ended["status"], output=ended["output"], errors=ended["errors"])


def _bound(process: asyncio.subprocess.Process, most_memory: int) -> None:
    """Set a bound to the memory of a process, where the system knows such."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(ProcessLookupError):  # it has ended
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (most_memory, most_memory))


async def _follow(process: asyncio.subprocess.Process, *, order: bytes, timeout_s: float) -> Ended:
    said, errors = bytearray(), bytearray()
    status: int | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(
                _write(process, order),
                _read(process.stdout, said, MOST_BYTES, lambda: _end(process)),
                _read(process.stderr, errors, _MOST_SAID, lambda: None),
            )
            status = await process.wait()
    is_cut = len(said) == MOST_BYTES
    text = errors.decode("utf-8", "replace")
    return Ended(status=None if is_cut else status, output=bytes(said), errors=text)


@asynccontextmanager
async def _started(
    probe: Probe, command: Sequence[str], environment: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    # A folder of its own, as its home too: no .netrc, no .curlrc, no module that lies about.
    with tempfile.TemporaryDirectory(prefix="assisters-verify-client-") as folder:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**_environment(folder, probe.settings.target.ca_file), **environment},
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await process.communicate()  # what is left in the pipes keeps them open


def _environment(folder: str, ca_file: Path | None) -> dict[str, str]:
    environment = {
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PYTHONDONTWRITEBYTECODE": "1",
        # With another home, packages that the user installed for themselves would be lost.
        "PYTHONUSERBASE": site.getuserbase(),
    }
    if ca_file is not None:
        environment |= {"SSL_CERT_FILE": str(ca_file.absolute()), "NODE_EXTRA_CA_CERTS": str(ca_file.absolute())}
    return environment


async def _write(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()


async def _read(
    stream: asyncio.StreamReader | None, into: bytearray, most: int, on_too_much: Callable[[], None]
) -> None:
    """Read to the end, and keep what comes first."""
    assert stream is not None
    while data := await stream.read(65_536):
        into += data[: most - len(into)]
        if len(into) == most:
            on_too_much()


def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return  # its number may be somebody else's by now
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
