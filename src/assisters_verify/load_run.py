"""One load run from settings to load.json and exit status."""

import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from assisters_verify.conformance_run import ExitStatus
from assisters_verify.load_judging import Bench, Judged
from assisters_verify.load_ledger import key_figures
from assisters_verify.load_orders import LEDGER_FILE, MEASURES_FILE
from assisters_verify.load_process import Generator
from assisters_verify.load_results import LoadRun, build_load_results
from assisters_verify.load_scenarios import load_folder
from assisters_verify.measures.ledger import Ledger
from assisters_verify.measures.measures import Measures
from assisters_verify.preflight import look
from assisters_verify.redaction import Redactor
from assisters_verify.results import Outcome
from assisters_verify.settings import RunSettings, Secrets
from assisters_verify.settings.load import LoadSettings, Role
from assisters_verify.verdicts import Verdict


@dataclass(slots=True, kw_only=True)
class KeyRing:
    """The API keys of a run. `leftovers` are those that were made for it and could not be taken back."""

    keys: tuple[str, ...] = field(repr=False)
    leftovers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedLoad:
    """A run that has ended: load.json, and which signal ended it early. A worker has no document of its own."""

    document: dict[str, Any] | None
    failure: str | None = None
    ended_by: signal.Signals | None = None

    @property
    def exit_status(self) -> ExitStatus:
        """What the exit status says. Whether to believe the figures comes before what they say."""
        if self.failure is not None:
            return ExitStatus.SUITE_FAILED
        verdict = self.document["verdict"] if self.document else "pass"
        if self.document and any(clause["verdict"] == Verdict.ERROR for clause in self.document["clauses"]):
            return ExitStatus.SUITE_FAILED
        if verdict == "void":
            return ExitStatus.VOID
        if verdict == "fail":
            return ExitStatus.BROKEN
        return ExitStatus(128 + self.ended_by) if self.ended_by is not None else ExitStatus.HELD


def run_load(
    settings: LoadSettings,
    *,
    keys: Callable[[], AbstractContextManager[KeyRing]],
    bench: Bench,
    on_event: Callable[[dict[str, Any]], None],
    scenario_folder: Path | None = None,
) -> FinishedLoad:
    """Put the load on the target, which has a base URL. Raises Unreachable.

    `keys` gives the API keys for as long as the run needs them.
    """
    look(RunSettings(target=settings.target))
    started_at, started = datetime.now(UTC), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="assisters-verify-") as name, _signals() as signals:
        folder = Path(name)
        with keys() as ring:
            # Fewer may have been made than were asked for; whoever judges must know as well.
            settings = settings.model_copy(update={"keys": len(ring.keys)})
            generator = Generator(
                settings=settings,
                keys=ring.keys,
                folder=folder,
                scenario_file=(scenario_folder or load_folder()) / f"{settings.scenario}.py",
                on_event=on_event,
            )
            with signals.to(generator):
                generator.run()
        if settings.role is Role.WORKER:
            return FinishedLoad(document=None, failure=generator.failure, ended_by=signals.first)
        measures = _measured(folder, generator)
        ledger = folder / LEDGER_FILE if (folder / LEDGER_FILE).exists() else None
        run = LoadRun(
            started_at=started_at.isoformat(timespec="milliseconds"),
            duration_s=_measured_s(settings, measures, time.monotonic() - started),
            interrupted=generator.interrupted or _stopped_by(generator),
            failure=generator.failure,
            leftovers=tuple(ring.leftovers),
            lanes=key_figures(Ledger(ledger)) if ledger is not None else (),
            judged=_judge(bench, settings, measures, ledger, redact=_redactor(ring)),
            bench=bench,
        )
    document = build_load_results(settings, measures, run)
    return FinishedLoad(document=document, failure=generator.failure, ended_by=signals.first)


def fixed_keys(*keys: str) -> Callable[[], AbstractContextManager[KeyRing]]:
    """Return what gives these keys, which were there before the run and stay."""

    @contextmanager
    def give() -> Iterator[KeyRing]:
        yield KeyRing(keys=keys)

    return give


def first_key(secrets: Secrets) -> str:
    """Return the key that the target file or the environment named."""
    assert secrets.api_key is not None
    return secrets.api_key.get_secret_value()


def _measured(folder: Path, generator: Generator) -> Measures:
    """Return what the generator wrote, or nothing measured where it wrote nothing."""
    try:
        return Measures.read(folder / MEASURES_FILE)
    except (OSError, ValueError, KeyError, TypeError):
        generator.failure = generator.failure or "the generator ended without its figures"
        return Measures()


def _measured_s(settings: LoadSettings, measures: Measures, whole_s: float) -> float:
    """Return how long was measured: what was asked for, or less where the run ended early."""
    seen_s = max((number + 1 for number in measures.series), default=0)
    return min(settings.duration_s, max(float(seen_s), 0.0), whole_s) if seen_s else 0.0


def _stopped_by(generator: Generator) -> str | None:
    reason = generator.last.get("end", {}).get("stopped")
    return str(reason) if reason else None


def _redactor(ring: KeyRing) -> Callable[[str], str]:
    return Redactor((f"key_{number}", key) for number, key in enumerate(ring.keys)).text


def _judge(
    bench: Bench,
    settings: LoadSettings,
    measures: Measures,
    ledger: Path | None,
    *,
    redact: Callable[[str], str],
) -> tuple[Judged, ...]:
    """Return what every judge found; one that fails itself is told, and costs nobody else's verdict."""
    found: list[Judged] = []
    for judge in bench.judges:
        try:
            found += judge(settings, measures, ledger)
        except Exception as error:  # noqa: BLE001 - the suite's own fault, and told as such
            reason = redact(f"a judge of the suite failed: {type(error).__name__}: {error}")
            spoken = {each.outcome.clause for each in found}
            found += [
                Judged(outcome=Outcome(check="", clause=clause.id, verdict=Verdict.ERROR, reason=reason))
                for clause in bench.clauses
                if clause.id not in spoken
            ]
    return tuple(found)


class _Signals:
    """SIGINT and SIGTERM as they come. Before the generator runs they end everything, then they are passed on to it,
    and while keys are taken back they are noted only."""

    def __init__(self) -> None:
        self.received: list[signal.Signals] = []
        self._generator: Generator | None = None
        self._is_before = True

    @property
    def first(self) -> signal.Signals | None:
        """The first that came."""
        return self.received[0] if self.received else None

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Take one signal. Raises KeyboardInterrupt before the generator runs."""
        self.received.append(signal.Signals(number))
        if self._is_before:
            raise KeyboardInterrupt
        if self._generator is not None:
            self._generator.interrupt(f"interrupted by {self.received[0].name}")

    @contextmanager
    def to(self, generator: Generator) -> Iterator[None]:
        """Pass them on to this generator."""
        self._generator, self._is_before = generator, False
        try:
            yield
        finally:
            self._generator = None


@contextmanager
def _signals() -> Iterator[_Signals]:
    signals = _Signals()
    before = {number: signal.signal(number, signals.take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
