"""Run the checks in a process of their own, which nothing of the user's folder or environment gets into."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assisters_verify.catalogue import Clause
from assisters_verify.content import content_root
from assisters_verify.event_process import EventProcess, start_apart
from assisters_verify.events import SECRETS_VARIABLE, SETTINGS_VARIABLE
from assisters_verify.redaction import Redactor
from assisters_verify.results import Outcome
from assisters_verify.settings import RunSettings
from assisters_verify.verdicts import Verdict

if TYPE_CHECKING:
    import subprocess

_FOREIGN_PREFIXES = ("PYTEST_", "SCHEMATHESIS_", "HYPOTHESIS_")
_FOREIGN_VARIABLES = frozenset(
    {
        *("PYTHONPATH", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE"),
        *("PYTHONASYNCIODEBUG", "PYTHONPROFILEIMPORTTIME", "PYTHONVERBOSE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    }
)
_ENDED_WELL = frozenset({0, 1, 5})
# More than the checks may take after their own deadline, which is theirs to keep: to start, to end, and to take back.
_OVERTIME_S = 60.0
# Otherwise glibc keeps the memory of bodies that are gone: a third of what a hostile target makes the checks take.
_GIVES_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "262144"}


@dataclass(slots=True, kw_only=True)
class Child(EventProcess):
    """The process that runs the checks in `root`, and what it has told so far.

    It writes `recording`, where one is wanted, or takes all answers from `replay`.
    """

    called = "the checks"
    own = "their"
    grace_s = 30.0

    settings: RunSettings
    clauses: Sequence[Clause]
    evidence: Path
    root: Path = field(default_factory=content_root)
    recording: Path | None = None
    replay: Path | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)
    owed: tuple[str, ...] = ()

    @property
    def leftovers(self) -> tuple[str, ...]:
        """What the run made at the target and did not take back."""
        if self.end:
            return tuple(self.end.get("leftovers", ()))
        return tuple(f"{name}: the run was ended before it was taken back" for name in self.owed)

    def _is_well(self, status: int) -> bool:
        return self.interrupted is not None or (status in _ENDED_WELL and bool(self.end))

    def _limit_s(self) -> float:
        return self.settings.target.deadline_s + _OVERTIME_S

    def _redactor(self) -> Redactor:
        return Redactor(self.settings.secrets.reveal().items())

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
        modes = ["-p", "no:terminal", "--continue-on-collection-errors"]
        command = [sys.executable, "-P", "-m", "pytest", *options, *modes, str(checks), *self._extra_checks()]
        return start_apart(command, environ, self.evidence.parent, send)

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


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN_VARIABLES or name.startswith(_FOREIGN_PREFIXES)
