"""Run the real command against a server, and look at all that it wrote."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.servers import API_KEY, SECOND_API_KEY, WEBHOOK_SECRET

_LOOK_EVERY_S = 0.1
_KILLED_AFTER_S = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run of the command ended. `peak_mb` is of all its processes together, of which
    `peak_parts` names each with its share; `arguments` are all command lines
    that the process list showed meanwhile; `folder` holds whatever was written."""

    status: int
    stdout: bytes
    stderr: bytes
    duration_s: float
    peak_mb: float
    peak_parts: tuple[str, ...]
    arguments: frozenset[bytes]
    folder: Path

    @property
    def reports(self) -> Path:
        """Where the reports are."""
        return self.folder / "reports"


def run_load(url: str, folder: Path, *options: str, scenario: str) -> Ran:
    """Run `assisters-verify load` with this scenario in this folder to its end."""
    return finish(start_conformance(url, folder, *options, command=("load", scenario)), folder)


def run_conformance(url: str, folder: Path, *options: str, variables: dict[str, str] | None = None) -> Ran:
    """Run `assisters-verify conformance` in this folder to its end."""
    process = start_conformance(url, folder, *options, variables=variables)
    return finish(process, folder)


# What a shell does for a command that it starts in the background.
_IGNORING = ("/bin/sh", "-c", 'trap "" INT; exec "$0" "$@"')


def start_conformance(
    url: str,
    folder: Path,
    *options: str,
    variables: dict[str, str] | None = None,
    is_in_background: bool = False,
    command: Sequence[str] = ("conformance",),
) -> "subprocess.Popen[bytes]":
    """Start the command as a user does, with its temporary files in this folder too."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    script = Path(sys.executable).parent / "assisters-verify"
    return subprocess.Popen(
        [
            *(_IGNORING if is_in_background else ()),
            script,
            *command,
            "--base-url",
            url,
            "--report-dir",
            str(folder / "reports"),
            *options,
        ],
        cwd=folder,
        env={
            **os.environ,
            "ASSISTERS_API_KEY": API_KEY,
            "ASSISTERS_SECOND_API_KEY": SECOND_API_KEY,
            "ASSISTERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "TMPDIR": str(temporary),
            **(variables or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: "subprocess.Popen[bytes]", folder: Path) -> Ran:
    """Wait for the end of a started command, and watch it meanwhile."""
    began = time.monotonic()
    watch = _Watch(process.pid)
    watch.start()
    try:
        stdout, stderr = process.communicate(timeout=_KILLED_AFTER_S)
    finally:
        watch.ended.set()
        watch.join()
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
    return Ran(
        status=process.returncode,
        stdout=stdout,
        stderr=stderr,
        duration_s=time.monotonic() - began,
        peak_mb=watch.peak_kb / 1024,
        peak_parts=watch.parts,
        arguments=frozenset(watch.arguments),
        folder=folder,
    )


class _Watch(threading.Thread):
    """Looks at a process and all that it started, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.peak_kb = 0
        self.parts: tuple[str, ...] = ()
        self.arguments: set[bytes] = set()
        self._pid = pid

    def run(self) -> None:
        while not self.ended.wait(_LOOK_EVERY_S):
            family = _family(self._pid)
            held = {pid: _memory_kb(pid) for pid in family}
            if sum(held.values()) > self.peak_kb:
                self.peak_kb = sum(held.values())
                self.parts = tuple(f"{_name(pid)} {size // 1024}" for pid, size in held.items())
            self.arguments.update(_read(f"/proc/{pid}/cmdline") for pid in family)


def _family(pid: int) -> list[int]:
    family = [pid]
    for task in _list(f"/proc/{pid}/task"):
        for child in _read(f"/proc/{pid}/task/{task}/children").split():
            family += _family(int(child))
    return family


def _name(pid: int) -> str:
    arguments = _read(f"/proc/{pid}/cmdline").decode(errors="replace").split("\0")
    return next((word for word in reversed(arguments) if word), "?").rpartition("/")[2][:24]


def _memory_kb(pid: int) -> int:
    # The share of each process in what several of them hold together counts once: the sum is what the machine gives.
    lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(b"Pss:")), 0)


def _list(path: str) -> list[str]:
    try:
        return [entry.name for entry in Path(path).iterdir()]
    except OSError:
        return []


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
