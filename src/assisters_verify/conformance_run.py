"""One conformance run from settings to reports and exit status."""

import hashlib
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import Any

from assisters_verify import __version__
from assisters_verify.catalogue import Clause
from assisters_verify.child import Child
from assisters_verify.evidence import Exchange
from assisters_verify.known_failures import KnownFailure, counted, misnamed, note_known_failures, overdue
from assisters_verify.preflight import Untrusted, look
from assisters_verify.recorder import read_exchanges
from assisters_verify.recording.file import NAME as RECORDING
from assisters_verify.recording.file import Recording
from assisters_verify.results import RESTS_ON_BROKEN, Run, build_results
from assisters_verify.settings import RunSettings
from assisters_verify.verdicts import Level, Verdict, breaks, leaves_open


class ExitStatus(IntEnum):
    """What the command's exit status says. A run that a signal ended, and that found nothing broken until then, ends as
    shells know it: 128 and the signal's number."""

    HELD = 0
    BROKEN = 1
    USAGE = 2
    UNREACHABLE = 3
    SUITE_FAILED = 4
    VOID = 5  # of a load run: the generator was the limit
    INTERRUPTED = 128 + signal.SIGINT
    TERMINATED = 128 + signal.SIGTERM


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run that has ended: its results, its evidence, and the `recording` to judge it again by, None where there is
    none. `failure` says what went wrong with the suite itself, `gone` why the target was gone at the end, `ended_by`
    which signal ended the run early; each is None where nothing of the kind happened. `is_late` says that its deadline
    ended it."""

    results: dict[str, Any]
    exchanges: tuple[Exchange, ...]
    failure: str | None
    gone: str | None = None
    is_late: bool = False
    ended_by: signal.Signals | None = None
    recording: bytes | None = None

    def exit_status(self, *, is_strict: bool) -> ExitStatus:
        """Return the exit status; a strict one also takes warnings and undecided musts for broken.

        What is known to fail breaks nothing, but an entry for what passes, or whose day is over, does.
        """
        status = self._found()
        if status is not None:
            return status
        judged = [(counted(entry), Level(entry["level"])) for entry in self.results["clauses"]]
        is_undecided = any(leaves_open(verdict, level) for verdict, level in judged)
        if self.is_late and is_undecided:
            return ExitStatus.UNREACHABLE  # too slow to be judged is no better than gone
        is_open = is_undecided or any(verdict is Verdict.WARN for verdict, _ in judged)
        if is_strict and is_open:
            return ExitStatus.BROKEN
        return ExitStatus.UNREACHABLE if self.proves_nothing else ExitStatus.HELD

    @property
    def proves_nothing(self) -> bool:
        """Whether none of the clauses that were asked for could be decided, since others rest on some of them or on
        something broken elsewhere, as with a wrong key: a gate that such a run goes through holds nothing. A server
        that lacks what is optional, or a model's mood, is another matter."""
        clauses = self.results["clauses"]
        is_open = all(entry["verdict"] == Verdict.INCONCLUSIVE for entry in clauses)
        return is_open and any(entry["reason"].startswith(RESTS_ON_BROKEN) for entry in clauses)

    def _found(self) -> ExitStatus | None:
        """Return the exit status of what counts whether or not the run is strict, or None where nothing of it is so."""
        judged = [(counted(entry), Level(entry["level"])) for entry in self.results["clauses"]]
        if misnamed(self.results):
            return ExitStatus.USAGE
        if overdue(self.results) or any(breaks(verdict, level) for verdict, level in judged):
            return ExitStatus.BROKEN
        if self.failure is not None or any(verdict is Verdict.ERROR for verdict, _ in judged):
            return ExitStatus.SUITE_FAILED
        if self.gone is not None:
            return ExitStatus.UNREACHABLE
        return None if self.ended_by is None else ExitStatus(128 + self.ended_by)


def run_conformance(
    settings: RunSettings,
    clauses: Sequence[Clause],
    *,
    on_event: Callable[[dict[str, Any]], None],
    target_file: Path | None = None,
) -> Finished:
    """Check the target of these settings, which has a base URL. Raises Unreachable.

    `target_file` is named in the results, so that a reader can repeat a check.
    """
    _look(settings, clauses)
    return _run(settings, clauses, on_event, _options(settings, target_file))


def replay_conformance(
    recording: Recording,
    path: Path,
    clauses: Sequence[Clause],
    *,
    settings: RunSettings,
    original: dict[str, Any],
    on_event: Callable[[dict[str, Any]], None],
) -> Finished:
    """Judge the recording at this path again, of which `original` are the results. Nothing is sent to anybody."""
    replay = {
        "started_at": original["started_at"],
        "verdict": original["verdict"],
        "suite": recording.header.suite,
        "sha256": recording.digest,
    }
    options = {**original["options"], **_options(settings, None)}
    options = {name: original["options"].get(name) if name in _FILES else value for name, value in options.items()}
    finished = _run(settings, clauses, on_event, options, replay=(path, replay))
    # Nothing was made this time, but what was left then may still be there.
    return replace(finished, results={**finished.results, "leftovers": original["leftovers"]})


def _run(
    settings: RunSettings,
    clauses: Sequence[Clause],
    on_event: Callable[[dict[str, Any]], None],
    options: dict[str, Any],
    *,
    replay: tuple[Path, dict[str, Any]] | None = None,
) -> Finished:
    started_at, started = datetime.now(UTC), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="assisters-verify-") as folder:
        evidence, recording = Path(folder) / "exchanges.jsonl", Path(folder) / RECORDING
        child = Child(settings=settings, clauses=clauses, evidence=evidence, on_event=on_event)
        if replay is None:
            child.recording = recording
        else:
            child.replay = replay[0]
        with _interruptible(child) as signals:
            child.run()
        exchanges = tuple(read_exchanges(evidence)) if evidence.exists() else ()
        recorded = recording.read_bytes() if recording.exists() else None
    interrupted = child.interrupted or child.end.get("interrupted") or child.failure
    run = Run(
        base_url=str(settings.target.base_url),
        started_at=started_at.isoformat(timespec="milliseconds"),
        duration_s=time.monotonic() - started,
        requests=child.end.get("requests", len(exchanges)),
        suite={"name": "assisters-verify", "version": __version__},
        options=options,
        usage={name: child.end.get(name, 0) for name in ("bytes_sent", "bytes_received", "tokens")},
        interrupted=interrupted,
        leftovers=child.leftovers,
        recording=_named(recorded),
        replay=replay and replay[1],
    )
    results = build_results(run, clauses, child.outcomes)
    return Finished(
        results=results,
        exchanges=exchanges,
        failure=child.failure,
        gone=child.end.get("gone"),
        is_late=child.end.get("is_late", False),
        ended_by=signals[0] if signals else None,
        recording=recorded,
    )


def _look(settings: RunSettings, clauses: Sequence[Clause]) -> None:
    """Raise Unreachable where nothing can be judged. Of a certificate that is not trusted, its clause says why: nothing
    is sent to such a target, so that all that rests on answers is undecided."""
    try:
        look(settings)
    except Untrusted:
        if not any(clause.area == _JUDGES_CERTIFICATES for clause in clauses):
            raise


def _named(recorded: bytes | None) -> dict[str, Any] | None:
    """Return by what the results name a recording, so that nobody mistakes another one for it."""
    return None if recorded is None else {"file": RECORDING, "sha256": hashlib.sha256(recorded).hexdigest()}


_FILES = ("target", "ca_file")
# Its checks shake hands, and send nothing.
_JUDGES_CERTIFICATES = "transport"


def _options(settings: RunSettings, target_file: Path | None) -> dict[str, Any]:
    options = settings.options.model_dump(mode="json", exclude={"report_dir", "plan"})
    ca_file = settings.target.ca_file
    files = {"target": target_file and str(target_file), "ca_file": ca_file and str(ca_file)}
    return {**options, **files, "embedded": settings.is_embedded}


def with_known_failures(finished: Finished, listed: Sequence[KnownFailure], file: Path) -> Finished:
    """Return the run with what became of the failures that are listed in this file."""
    results = note_known_failures(finished.results, listed, file=file.name, today=datetime.now(UTC).date())
    return replace(finished, results=results)


@contextmanager
def _interruptible(child: Child) -> Iterator[list[signal.Signals]]:
    """Pass SIGINT and SIGTERM on to the child for as long as it runs; gives the signals that came."""
    signals: list[signal.Signals] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        signals.append(signal.Signals(number))
        child.interrupt(f"interrupted by {signals[0].name}")

    before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
