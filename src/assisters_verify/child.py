"""Run the checks in a process of their own, which nothing of the user's folder or environment gets into."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assisters_verify.catalogue import Clause
from assisters_verify.content import content_root
from assisters_verify.events import SECRETS_VARIABLE, SETTINGS_VARIABLE, read_events
from assisters_verify.processes import Output, kill_session
from assisters_verify.redaction import Redactor
from assisters_verify.results import Outcome
from assisters_verify.settings import RunSettings
from assisters_verify.verdicts import Verdict

_FOREIGN_PREFIXES = ("PYTEST_", "SCHEMATHESIS_", "HYPOTHESIS_")
_FOREIGN_VARIABLES = frozenset(
    {
        *("PYTHONPATH", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE"),
        *("PYTHONASYNCIODEBUG", "PYTHONPROFILEIMPORTTIME", "PYTHONVERBOSE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    }
)
_ENDED_WELL = frozenset({0, 1, 5})
_GRACE_S = 30.0
# More than the checks may take after their own deadline, which is theirs to keep: to end, and to take back.
_OVERTIME_S = 180.0
_MOST_SAID = 500
# Otherwise glibc keeps the memory of bodies that are gone: a third of what a hostile target makes the checks take.
_GIVES_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "262144"}


@dataclass(slots=True)
class Child:
    """The process that runs the checks in `root`, and what it has told so far.

    It writes `recording`, where one is wanted, or takes all answers from `replay`.
    """

    settings: RunSettings
    clauses: Sequence[Clause]
    evidence: Path
    on_event: Callable[[dict[str, Any]], None]
    root: Path = field(default_factory=content_root)
    recording: Path | None = None
    replay: Path | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)
    owed: tuple[str, ...] = ()
    interrupted: str | None = None
    failure: str | None = None
    _process: subprocess.Popen[str] | None = None
    _interrupts: int = 0

    def run(self) -> None:
        """Run to the end. What went wrong with the process itself is told by `failure`."""
        receive, send = os.pipe()
        with os.fdopen(receive, encoding="utf-8") as events:
            try:
                self._process = self._start(send)
            except OSError as error:
                self._fail(f"the checks could not be started: {error}")
                return
            finally:
                os.close(send)
            if self._interrupts:  # while it was being started
                self._process.send_signal(signal.SIGINT)
            with self._watchdog():
                output = Output(self._process)
                for event in read_events(events):
                    self._take(event)
        code, text = self._wait(self._process), output.text()
        if self.interrupted is None and (code not in _ENDED_WELL or not self.end):
            said = text.strip()[-_MOST_SAID:] or "nothing was said"
            self._fail(f"the checks ended with status {code}: {said}")

    @property
    def leftovers(self) -> tuple[str, ...]:
        """What the run made at the target and did not take back."""
        if self.end:
            return tuple(self.end.get("leftovers", ()))
        return tuple(f"{name}: the run was ended before it was taken back" for name in self.owed)

    def interrupt(self, reason: str) -> None:
        """Ask the process to end and to take back what it made; the second time, end it at once."""
        self._interrupts += 1
        self.interrupted = self.interrupted or reason
        if self._process is None:
            return
        if self._interrupts == 1:
            self._process.send_signal(signal.SIGINT)
        else:
            kill_session(self._process)

    def _fail(self, message: str) -> None:
        """Note what went wrong, the first time; the rest follows from that."""
        if self.failure is None:
            redactor = Redactor(self.settings.secrets.reveal().items())
            self.failure = redactor.excerpt(message)

    @contextlib.contextmanager
    def _watchdog(self) -> Iterator[None]:
        """Kill the process where it keeps neither its own deadline nor anything else."""
        target = self.settings.target
        limit_s = min(target.deadline_s + target.rate_limit.window_s + _OVERTIME_S, threading.TIMEOUT_MAX)
        timer = threading.Timer(limit_s, self._kill_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill_late(self) -> None:
        if self._process is not None:
            self._fail("the checks did not end, long after their deadline")
            kill_session(self._process)

    def _start(self, send: int) -> "subprocess.Popen[str]":
        orders = {
            "settings": self.settings.to_json(),
            "clauses": [clause.id for clause in self.clauses],
            "evidence": str(self.evidence),
            "events": send,
            "recording": self.recording and str(self.recording),
            "replay": self.replay and str(self.replay),
        }
        environ = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        environ |= {
            SETTINGS_VARIABLE: json.dumps(orders),
            SECRETS_VARIABLE: json.dumps(self.settings.secrets.reveal()),
            # What a process leaves that is ended at once goes with the run's own folder.
            "TMPDIR": str(self.evidence.parent),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **_GIVES_BACK,
        }
        checks = self.root / "conformance"
        options = ["-c", str(checks / "pytest.ini"), "--rootdir", str(self.root), "--confcutdir", str(self.root)]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and our own content
            [
                sys.executable,
                "-P",
                "-m",
                "pytest",
                *options,
                "-p",
                "no:terminal",
                "--continue-on-collection-errors",
                str(checks),
                *self._extra_checks(),
            ],
            env=environ,
            cwd=self.evidence.parent,
            pass_fds=(send,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # so that Ctrl-C reaches it through us, once
        )

    def _extra_checks(self) -> list[str]:
        folder = self.settings.options.extra_checks
        return [str(folder)] if folder else []

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "outcome":
            value = event["outcome"]
            verdict, evidence = Verdict(value["verdict"]), tuple(value["evidence"])
            outcome = Outcome(**{**value, "verdict": verdict, "evidence": evidence})
            self.outcomes.append(outcome)
        elif event["event"] == "owed":
            self.owed = tuple(event["names"])
        elif event["event"] == "end":
            self.end = event
        elif event["event"] == "broken":
            self._fail(f"{event['where']} cannot be loaded: {event['message']}")
        self.on_event(event)

    def _wait(self, process: "subprocess.Popen[str]") -> int:
        try:
            return process.wait(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            kill_session(process)
            return process.wait()


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN_VARIABLES or name.startswith(_FOREIGN_PREFIXES)
