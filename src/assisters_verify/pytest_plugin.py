"""The pytest side: collect the checks, start them side by side, and let each item report its own outcome."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from assisters_verify import __version__
from assisters_verify.catalogue import Catalogue, extend_catalogue, load_catalogue
from assisters_verify.content import content_root
from assisters_verify.events import SECRETS_VARIABLE, SETTINGS_VARIABLE, EventWriter
from assisters_verify.planning import name_of, plan_items, with_needs
from assisters_verify.preflight import LOOKS
from assisters_verify.recording.file import read_recording
from assisters_verify.recording.replay import ReplayTape
from assisters_verify.recording.tape import RecordingTape, RunFacts, Tape
from assisters_verify.recording.told import told
from assisters_verify.recording.virtual_loop import VirtualLoop
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned, Scheduler
from assisters_verify.session import Session, open_session
from assisters_verify.settings import RunSettings, Secrets
from assisters_verify.verdicts import Verdict

_RED = frozenset({Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.ERROR})
_GREEN = frozenset({Verdict.PASS, Verdict.WARN})


def pytest_configure(config: pytest.Config) -> None:
    """Take the run's orders from the environment, where there are any."""
    orders = os.environ.pop(SETTINGS_VARIABLE, None)
    secrets = os.environ.pop(SECRETS_VARIABLE, "{}")
    if orders is not None:
        config.pluginmanager.register(ChecksPlugin(json.loads(orders), json.loads(secrets)), "assisters-verify-run")


@pytest.fixture
def probe() -> None:
    """Stand in for the probe, which each check gets from the scheduler."""


class ChecksPlugin:
    """One run's checks. `orders` are: settings (JSON text), clauses (ids asked for), evidence (path), events (fd), and
    the paths of a recording to write and of one to judge again, each of which may be missing."""

    def __init__(self, orders: dict[str, Any], secrets: dict[str, str]) -> None:
        self.settings = RunSettings.from_json(orders["settings"], Secrets.from_revealed(secrets))
        self.asked = frozenset(orders["clauses"])
        self.evidence = Path(orders["evidence"])
        self.recording = orders.get("recording")
        self.replay = read_recording(Path(orders["replay"])) if orders.get("replay") else None
        self.events = EventWriter(orders["events"])
        self.catalogue = _catalogue(self.settings)
        self.scheduler: Scheduler | None = None
        self.session: Session | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the checks that were asked for, and run beside them what they need."""
        all_planned = plan_items(items, self.catalogue)
        planned = [
            replace(plan, is_asked=plan.declaration.clause in self.asked)
            for plan in with_needs(all_planned, self.asked)
        ]
        asked = {plan.name for plan in planned if plan.is_asked}
        config.hook.pytest_deselected(items=[item for item in items if name_of(item) not in asked])
        items[:] = [item for item in items if name_of(item) in asked]
        self.scheduler = Scheduler(
            planned=planned,
            open_session=self._open_session,
            deadline_s=self._deadline_s(),
            on_start=self._tell_start,
            on_outcome=self._tell,
            loop_factory=VirtualLoop if self.replay else None,
        )
        self.events.write("collected", checks=len(items))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """Start all checks before the first item asks for its outcome, and end them whatever happens."""
        assert self.scheduler is not None
        # What a shell starts in the background inherits it ignored, and nothing would end the checks.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.scheduler.start()
        try:
            return (yield)
        except KeyboardInterrupt:
            self.scheduler.interrupt("interrupted")
            raise
        finally:
            # What was made is being taken back now; whoever cannot wait for that sends SIGKILL.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self.scheduler.join()
            self._tell_end()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Report the outcome of the check behind this item."""
        assert self.scheduler is not None
        outcome = self.scheduler.outcome(name_of(pyfuncitem))
        if outcome.verdict in _RED:
            pytest.fail(outcome.reason, pytrace=False)
        if outcome.verdict not in _GREEN:
            pytest.skip(outcome.reason)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell of checks that cannot be loaded: without them no verdict is whole."""
        if report.failed:
            self.events.write("broken", where=report.nodeid, message=_cause(str(report.longrepr)))

    def _open_session(self) -> Session:
        self.session = open_session(self.settings, self.evidence, self._tape())
        self.session.recorder.requests = LOOKS
        self.session.on_debts = self._tell_owed
        return self.session

    def _tell_owed(self, names: tuple[str, ...]) -> None:
        # So that what stands at the target is known even where this process is ended before it can tell.
        self._write("owed", names=names)

    def _deadline_s(self) -> float:
        """Return the deadline; that of a replay is there for what waits for ever, since all else ends as it did."""
        deadline_s = self.settings.target.deadline_s
        return deadline_s if self.replay is None else deadline_s + self.replay.last_s

    def _tape(self) -> Tape | None:
        if self.replay is not None:
            return ReplayTape(self.replay)
        if self.recording is None:
            return None
        facts = RunFacts(
            suite={"name": "assisters-verify", "version": __version__},
            settings=told(self.settings),
            clauses=sorted(self.asked),
            secret_names=tuple(self.settings.secrets.reveal()),
        )
        return RecordingTape(Path(self.recording), facts)

    def _tell_start(self, plan: Planned) -> None:
        self._write("start", check=plan.name, clause=plan.declaration.clause)

    def _tell(self, plan: Planned, outcome: Outcome) -> None:
        requests = self.session.recorder.requests if self.session else 0
        self._write("outcome", asked=plan.is_asked, requests=requests, outcome=asdict(outcome))

    def _write(self, kind: str, **values: Any) -> None:
        self.events.write(kind, **values)
        if not self.events.is_heard and self.scheduler is not None:
            self.scheduler.interrupt("nobody is there any more to hear of it")

    def _tell_end(self) -> None:
        assert self.scheduler is not None
        recorder = self.session.recorder if self.session else None
        self.events.write(
            "end",
            requests=recorder.requests if recorder else 0,
            bytes_sent=recorder.bytes_sent if recorder else 0,
            bytes_received=recorder.bytes_received if recorder else 0,
            tokens=self.session.tokens if self.session else 0,
            leftovers=list(self.scheduler.leftovers),
            interrupted=self.scheduler.interrupted,
            is_late=self.scheduler.is_late,
            gone=self.session.gone if self.session else None,
        )


def _catalogue(settings: RunSettings) -> Catalogue:
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    folder = settings.options.extra_checks
    return extend_catalogue(catalogue, folder) if folder else catalogue


def _cause(traceback: str) -> str:
    """Return what went wrong, without where: the lines that pytest marks with an E."""
    lines = traceback.strip().splitlines()
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return " ".join(marked or lines[-1:])[:500]
