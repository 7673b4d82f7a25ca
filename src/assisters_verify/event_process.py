"""A process that tells what happens as events: interrupted once it ends in order, the next time at once."""

import contextlib
import os
import signal
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from assisters_verify.events import read_events
from assisters_verify.processes import Output, kill_session
from assisters_verify.redaction import Redactor

_MOST_SAID = 500


@dataclass(slots=True, kw_only=True)
class EventProcess(ABC):
    """The process, and what went wrong with it (`failure`). `called` is its name in messages, `own` its pronoun."""

    called: ClassVar[str]
    own: ClassVar[str]
    grace_s: ClassVar[float]
    """How long it may take to end once it has told everything."""

    on_event: Callable[[dict[str, Any]], None]
    interrupted: str | None = None
    failure: str | None = None
    _process: subprocess.Popen[str] | None = None
    _interrupts: int = 0

    @abstractmethod
    def _start(self, send: int) -> "subprocess.Popen[str]":
        """Start it; it writes its events to this file descriptor. Raises OSError."""

    @abstractmethod
    def _take(self, event: dict[str, Any]) -> None:
        """Take what it tells."""

    @abstractmethod
    def _is_well(self, status: int) -> bool:
        """Whether this is how it may end, after all that it told and that was asked of it."""

    @abstractmethod
    def _limit_s(self) -> float:
        """Return how long it may run, its own deadline and what follows that included."""

    @abstractmethod
    def _redactor(self) -> Redactor:
        """Return what knows the secrets that it may show."""

    def run(self) -> None:
        """Run to the end. What went wrong with the process itself is told by `failure`."""
        receive, send = os.pipe()
        with os.fdopen(receive, encoding="utf-8") as events:
            try:
                self._process = self._start(send)
            except OSError as error:
                self._fail(f"{self.called} could not be started: {error}")
                return
            finally:
                os.close(send)
            if self._interrupts:  # while it was being started
                self._ask_to_stop(self._process)
            with self._watchdog():
                output = Output(self._process)
                for event in read_events(events):
                    self._take(event)
                    self.on_event(event)
        status, text = self._wait(self._process), output.text()
        if not self._is_well(status):
            said = text.strip()[-_MOST_SAID:] or "nothing was said"
            self._fail(f"{self.called} ended with status {status}: {said}")

    def interrupt(self, reason: str) -> None:
        """Ask the process to end in order; the second time, end it at once."""
        self._interrupts += 1
        self.interrupted = self.interrupted or reason
        if self._process is None:
            return
        if self._interrupts == 1:
            self._ask_to_stop(self._process)
        else:
            kill_session(self._process)

    def _ask_to_stop(self, process: "subprocess.Popen[str]") -> None:
        process.send_signal(signal.SIGINT)

    def _fail(self, message: str) -> None:
        """Note what went wrong, the first time; the rest follows from that."""
        if self.failure is None:
            self.failure = self._redactor().excerpt(message)

    @contextlib.contextmanager
    def _watchdog(self) -> Iterator[None]:
        """Kill the process where it keeps neither its own deadline nor anything else."""
        timer = threading.Timer(min(self._limit_s(), threading.TIMEOUT_MAX), self._kill_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill_late(self) -> None:
        if self._process is not None:
            self._fail(f"{self.called} did not end, long after {self.own} deadline")
            kill_session(self._process)

    def _wait(self, process: "subprocess.Popen[str]") -> int:
        try:
            return process.wait(timeout=self.grace_s)
        except subprocess.TimeoutExpired:
            kill_session(process)
            return process.wait()


def start_apart(command: Sequence[str], environ: Mapping[str, str], folder: Path, send: int) -> "subprocess.Popen[str]":
    """Start a program in a session of its own, with nothing but this environment, this folder and this descriptor.

    Raises OSError.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own content
        command,
        env=environ,
        cwd=folder,
        pass_fds=(send,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # so that Ctrl-C reaches it through us, once
    )
