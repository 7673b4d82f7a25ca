"""Run Locust in a process of its own, which nothing of the user's folder or environment gets into."""

import contextlib
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assisters_verify.event_process import EventProcess, start_apart
from assisters_verify.load_orders import LoadOrders
from assisters_verify.redaction import Redactor
from assisters_verify.settings.load import LoadSettings, Role

if TYPE_CHECKING:
    import subprocess

LOCUST = (sys.executable, "-P", "-m", "locust")
_FOREIGN_PREFIXES = ("PYTHON", "LOCUST_", "GEVENT", "OTEL_")
_FOREIGN_VARIABLES = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "SSLKEYLOGFILE"}
)
# What the process may take after its own limit, which is its to keep: to end, and to write the figures.
_OVERTIME_S = 30.0
# Machines that begin at once may install something first.
_LONGEST_WAIT_FOR_WORKERS_S = 180


@dataclass(slots=True, kw_only=True)
class Generator(EventProcess):
    """The process that makes the load, and what it has told so far: of each kind of event the `last`."""

    called = "the generator"
    own = "its"
    grace_s = 20.0

    settings: LoadSettings
    keys: tuple[str, ...]
    folder: Path
    scenario_file: Path
    last: dict[str, Any] = field(default_factory=dict)

    def _take(self, event: dict[str, Any]) -> None:
        self.last[event["event"]] = event

    def _is_well(self, status: int) -> bool:
        # The second interrupt kills it; a worker that waits for its master, and has nothing to tell, ends by the first.
        is_ended_by_us = self._interrupts >= (1 if self.settings.role is Role.WORKER else 2)
        return status == 0 or is_ended_by_us

    def _limit_s(self) -> float:
        waits_s = _LONGEST_WAIT_FOR_WORKERS_S if self.settings.role is Role.MASTER else 0.0
        return self.settings.limit_s + waits_s + _OVERTIME_S

    def _redactor(self) -> Redactor:
        return Redactor((f"key_{number}", key) for number, key in enumerate(self.keys))

    def _ask_to_stop(self, process: "subprocess.Popen[str]") -> None:
        if self.settings.role is Role.WORKER:
            # The parent of several workers leaves SIGINT to them, as a terminal gives it to all.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)

    def _start(self, send: int) -> "subprocess.Popen[str]":
        orders = LoadOrders(settings=self.settings, keys=self.keys, folder=self.folder, events=send)
        environ = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        # Locust reads configuration in the home folder and in its working directory.
        environ |= {**orders.to_environ(), "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [*LOCUST, *locust_arguments(self.settings, self.scenario_file)]
        return start_apart(command, environ, self.folder, send)


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
