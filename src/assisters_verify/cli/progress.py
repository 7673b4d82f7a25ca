"""Show how far a run is: a live line on a terminal, plain lines elsewhere, JSON lines for machines, or nothing."""

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Column

from assisters_verify.catalogue import Clause
from assisters_verify.cli.tally import Tally, in_minutes
from assisters_verify.reporting.inert import defuse, visible_line

EVENTS_VERSION = 1
# In a CI system's log: often enough to see that it goes on, seldom enough to be read.
_PLAIN_EVERY_S = 15.0
_MOST_RUNNING = 3


class Shown(Protocol):
    """Somebody who is shown the events of a run, from its first to `stop`."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End to show."""

    def stop(self) -> None:
        """End to show; a second time does nothing."""

    def show(self, event: dict[str, Any]) -> None:
        """Show one event, if anybody is there to see it."""


class _PatientConsole(Console):
    """A console that nobody may be reading: a run goes on all the same."""

    def on_broken_pipe(self) -> None:
        """Do nothing, instead of ending the program."""


class Progress:
    """Takes the events of a run and shows them on standard error, for people."""

    def __init__(self, clauses: Sequence[Clause], *, now: Callable[[], float] = time.monotonic) -> None:
        self._console = _PatientConsole(stderr=True, highlight=False, markup=False, emoji=False)
        self._tally = Tally.of(clauses, now=now)
        self._bar = Bar(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            # What is running gives way on a narrow terminal, so that the line stays one.
            TextColumn("{task.fields[rest]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            console=self._console,
            expand=True,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None, rest="")
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._lines = threading.Thread(target=self._tell_now_and_then, name="progress", daemon=True)

    @property
    def _broken(self) -> int:
        return self._tally.broken

    def __enter__(self) -> Self:
        self._bar.start()
        if not self._console.is_terminal:
            self._lines.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the live line away, and tell no more."""
        self._ended.set()
        self._bar.stop()

    def show(self, event: dict[str, Any]) -> None:
        """Show one event, if anybody is there to see it."""
        with contextlib.suppress(OSError):
            self._show(event)

    def tell(self) -> None:
        """Print a plain line that says how far the run is."""
        with contextlib.suppress(OSError):
            tally = self._tally
            running = f"; running: {self._running()}" if tally.running else ""
            line = f"{tally.done} of {tally.total} checks, {tally.in_words()}, {tally.requests} requests, "
            self._console.print(f"{line}{in_minutes(tally.elapsed_s)}{self._left()}{running}", soft_wrap=True)

    def _show(self, event: dict[str, Any]) -> None:
        is_broken = self._tally.take(event)
        self._bar.update(
            self._task,
            total=self._tally.total or None,
            completed=self._tally.done,
            description=self._tally.in_words(),
            rest=f"{self._left().removeprefix(', ')} {self._running()}".strip(),
        )
        # A clause may have dozens of checks that all say the same: the first of them tells.
        if is_broken and event["outcome"]["clause"] not in self._told:
            outcome = event["outcome"]
            self._told.add(outcome["clause"])
            line = f"{outcome['verdict']:5} {outcome['clause']:10} {outcome['reason']}"
            self._console.print(defuse(visible_line(line, 600)), soft_wrap=True)

    def _left(self) -> str:
        left_s = self._tally.left_s
        return f", about {in_minutes(left_s)} left" if left_s else ""

    def _running(self) -> str:
        running = self._tally.running
        more = f" and {len(running) - _MOST_RUNNING} more" if len(running) > _MOST_RUNNING else ""
        return ", ".join(running[:_MOST_RUNNING]) + more

    def _tell_now_and_then(self) -> None:
        while not self._ended.wait(_PLAIN_EVERY_S):
            self.tell()


class Silence:
    """Shows nothing: whoever called wants the last line and the exit status only."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Do nothing."""

    def show(self, event: dict[str, Any]) -> None:
        """Do nothing."""


class EventLines(Silence):
    """Writes the events to standard output, one JSON object a line; `reports/events.schema.json` is their form."""

    def __init__(self, clauses: Sequence[Clause], *, target: str, now: Callable[[], float] = time.monotonic) -> None:
        self._tally = Tally.of(clauses, now=now)
        self._write("started", version=EVENTS_VERSION, target=target, clauses=len(clauses))

    def show(self, event: dict[str, Any]) -> None:
        """Write one event; those that say nothing to others are left out."""
        self._tally.take(event)
        if event["event"] == "collected":
            self._write("collected", checks=self._tally.total)
        elif event["event"] == "start":
            self._write("check_started", check=event["check"], clause=event["clause"])
        elif event["event"] == "outcome" and event["asked"]:
            outcome = event["outcome"]
            said = {name: outcome[name] for name in ("check", "clause", "verdict", "reason", "duration_s")}
            self._write("check_ended", **said, totals=self._totals())

    def finish(self, results: dict[str, Any], *, exit_status: int, reports: Sequence[str]) -> None:
        """Write the last line."""
        said = {name: results[name] for name in ("verdict", "interrupted", "requests", "duration_s", "areas")}
        self._write("finished", exit_status=exit_status, **said, reports=list(reports))

    def _totals(self) -> dict[str, Any]:
        tally = self._tally
        names = ("done", "total", "kept", "broken", "warned", "undecided", "requests")
        left_s = tally.left_s
        return {
            **{name: getattr(tally, name) for name in names},
            "elapsed_s": round(tally.elapsed_s, 3),
            "left_s": None if left_s is None else round(left_s, 1),
        }

    def _write(self, kind: str, **values: Any) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.write(json.dumps({"event": kind, **values}, ensure_ascii=True, allow_nan=False) + "\n")
            sys.stdout.flush()
