"""The command line, called in this process or started as a user starts it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from assisters_verify.cli import main

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
LIMIT_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What a call printed, and its exit status."""

    status: int
    stdout: str
    stderr: str

    @property
    def complaint(self) -> str:
        """The only line on standard error."""
        (line,) = self.stderr.splitlines()
        return line


Call = Callable[..., Called]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Return a function that calls the command in this process, in a folder of its own, with a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTERS_API_KEY", API_KEY)
    monkeypatch.delenv("ASSISTERS_SECOND_API_KEY", raising=False)
    monkeypatch.delenv("ASSISTERS_WEBHOOK_SECRET", raising=False)

    def invoke(*arguments: str) -> Called:
        result = CliRunner().invoke(main, arguments, prog_name="assisters-verify")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Called(status=result.exit_code, stdout=result.stdout, stderr=result.stderr)

    return invoke


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the installed command; whatever still runs at the end of the test is killed."""
    script = Path(sys.executable).parent / "assisters-verify"
    running: list[subprocess.Popen[str]] = []

    def launch(*arguments: str, cwd: Path = tmp_path, **environ: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [script, *arguments],
            cwd=cwd,
            env={**os.environ, "ASSISTERS_API_KEY": API_KEY, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield launch
    for process in running:
        process.kill()
        process.communicate(timeout=LIMIT_S)


def finish(process: "subprocess.Popen[str]") -> Called:
    """Wait for the end of a started command."""
    stdout, stderr = process.communicate(timeout=LIMIT_S)
    return Called(status=process.returncode, stdout=stdout, stderr=stderr)


@pytest.fixture(name="finish")
def _finish() -> Callable[["subprocess.Popen[str]"], Called]:
    return finish
