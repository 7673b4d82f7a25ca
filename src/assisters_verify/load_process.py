"""Run Locust in a process of its own, which nothing of the user's folder or environment gets into."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assisters_verify.events import read_events
from assisters_verify.load_orders import LoadOrders
from assisters_verify.processes import Output, kill_session
from assisters_verify.redaction import Redactor
from assisters_verify.settings.load import LoadSettings, Role

LOCUST = (sys.executable, "-P", "-m", "locust")
_FOREIGN_PREFIXES = ("PYTHON", "LOCUST_", "GEVENT", "OTEL_")
_FOREIGN_VARIABLES = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "SSLKEYLOGFILE"}
)
# What the process may take after its own limit, which is its to keep: to end, and to write the figures.
_OVERTIME_S = 30.0
_GRACE_S = 20.0
_MOST_SAID = 500
# Machines that begin at once may install something first.
_LONGEST_WAIT_FOR_WORKERS_S = 180


@dataclass(slots=True)
class Generator:
    """The process that makes the load, and what it has told so far. `failure` says what went wrong with it."""

    settings: LoadSettings
    keys: tuple[str, ...]
    folder: Path
    scenario_file: Path
    on_event: Callable[[dict[str, Any]], None]
    last: dict[str, Any] = field(default_factory=dict)
    interrupted: str | None = None
    failure: str | None = None
    _process: subprocess.Popen[str] | None = None
    _interrupts: int = 0

    def run(self) -> None:
        """Run to the end."""
        receive, send = os.pipe()
        with os.fdopen(receive, encoding="utf-8") as events:
            try:
                self._process = self._start(send)
            except OSError as error:
                self._fail(f"the generator could not be started: {error}")
                return
            finally:
                os.close(send)
            if self._interrupts:  # while it was being started
                self._ask_to_stop(self._process)
            with self._watchdog():
                output = Output(self._process)
                for event in read_events(events):
                    self.last[event["event"]] = event
                    self.on_event(event)
        code, text = self._wait(self._process), output.text()
        # The second interrupt kills it; a worker that waits for its master, and has nothing to tell, ends by the first.
        is_ended_by_us = self._interrupts >= (1 if self.settings.role is Role.WORKER else 2)
        if code != 0 and not is_ended_by_us:
            said = text.strip()[-_MOST_SAID:] or "nothing was said"
            self._fail(f"the generator ended with status {code}: {said}")

    def interrupt(self, reason: str) -> None:
        """Ask the process to send nothing more, to wait for what is under way and to report; next time, end it."""
        self._interrupts += 1
        self.interrupted = self.interrupted or reason
        if self._process is None:
            return
        if self._interrupts == 1:
            self._ask_to_stop(self._process)
        else:
            kill_session(self._process)

    def _ask_to_stop(self, process: "subprocess.Popen[str]") -> None:
        if self.settings.role is Role.WORKER:
            # The parent of several workers leaves SIGINT to them, as a terminal gives it to all.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)

    def _fail(self, message: str) -> None:
        """Note what went wrong, the first time; the rest follows from that."""
        if self.failure is None:
            self.failure = Redactor((f"key_{number}", key) for number, key in enumerate(self.keys)).text(message)

    @contextlib.contextmanager
    def _watchdog(self) -> Iterator[None]:
        """End the process where it keeps neither its own deadline nor anything else."""
        waits_s = _LONGEST_WAIT_FOR_WORKERS_S if self.settings.role is Role.MASTER else 0.0
        limit_s = min(self.settings.limit_s + waits_s + _OVERTIME_S, threading.TIMEOUT_MAX)
        timer = threading.Timer(limit_s, self._kill_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill_late(self) -> None:
        if self._process is not None:
            self._fail("the generator did not end, long after its deadline")
            kill_session(self._process)

    def _start(self, send: int) -> "subprocess.Popen[str]":
        orders = LoadOrders(settings=self.settings, keys=self.keys, folder=self.folder, events=send)
        environ = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        # Locust reads configuration in the home folder and in its working directory.
        environ |= {**orders.to_environ(), "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(  # noqa: S603 - our own interpreter and our own content
            [*LOCUST, *locust_arguments(self.settings, self.scenario_file)],
            env=environ,
            cwd=self.folder,
            pass_fds=(send,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # so that Ctrl-C reaches it through us, once
        )

    def _wait(self, process: "subprocess.Popen[str]") -> int:
        try:
            return process.wait(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            kill_session(process)
            return process.wait()


def locust_arguments(settings: LoadSettings, scenario_file: Path) -> list[str]:
    """Return what Locust is told on its command line: nothing that is secret, and nothing about the target."""
    users = settings.workers if settings.role is Role.MASTER else settings.processes
    arguments = ["-f", str(scenario_file), "--only-summary", "--exit-code-on-error", "0", "--loglevel", "WARNING"]
    arguments += _surface(settings)
    if settings.role is not Role.WORKER:
        arguments += ["--users", str(users), "--spawn-rate", str(users)]
    return [*arguments, *_places(settings)]


def _surface(settings: LoadSettings) -> list[str]:
    if not settings.web or settings.role is Role.WORKER:
        return ["--headless"] if settings.role is not Role.WORKER else []
    # After the run the page stays long enough to be read once more, not for ever.
    return ["--autostart", "--autoquit", "5", "--web-host", "127.0.0.1", "--web-port", str(settings.web_port)]


def _places(settings: LoadSettings) -> list[str]:
    wait = ["--expect-workers-max-wait", str(_LONGEST_WAIT_FOR_WORKERS_S)]
    if settings.role is Role.WORKER:
        several = ["--processes", str(settings.processes)] if settings.processes > 1 else []
        return ["--worker", "--master-host", settings.master_host, "--master-port", str(settings.master_port), *several]
    if settings.role is Role.MASTER:
        port = str(settings.master_port)
        return ["--master", "--master-bind-port", port, "--expect-workers", str(settings.workers), *wait]
    if settings.processes == 1:
        return []
    port = str(_free_port())
    here = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return ["--processes", str(settings.processes), *here, *wait]


def _free_port() -> int:
    # Somebody else may take it before Locust does; then the run fails at once and says so.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN_VARIABLES or name.startswith(_FOREIGN_PREFIXES)
