"""Show how far a run is: one live line on a terminal, a plain line for each broken check elsewhere."""

import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from assisters_verify.catalogue import Clause
from assisters_verify.reporting.inert import defuse, visible_line
from assisters_verify.verdicts import Verdict, breaks


class _PatientConsole(Console):
    """A console that nobody may be reading: a run goes on all the same."""

    def on_broken_pipe(self) -> None:
        """Do nothing, instead of ending the program."""


class Progress:
    """Takes the events of a run and shows them on standard error."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self._console = _PatientConsole(stderr=True, highlight=False, markup=False, emoji=False)
        self._levels = {clause.id: clause.level for clause in clauses}
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._broken = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the live line away."""
        self._bar.stop()

    def show(self, event: dict[str, Any]) -> None:
        """Show one event, if anybody is there to see it."""
        with contextlib.suppress(OSError):
            self._show(event)

    def _show(self, event: dict[str, Any]) -> None:
        if event["event"] == "collected":
            self._bar.update(self._task, total=event["checks"])
        elif event["event"] == "start":
            self._bar.update(self._task, description=f"{event['clause']:10} {self._broken} broken")
        elif event["event"] == "outcome" and event["asked"]:
            self._bar.advance(self._task)
            self._show_outcome(event["outcome"])

    def _show_outcome(self, outcome: dict[str, Any]) -> None:
        verdict = Verdict(outcome["verdict"])
        if verdict is Verdict.ERROR or breaks(verdict, self._levels[outcome["clause"]]):
            self._broken += 1
            line = f"{outcome['verdict']:5} {outcome['clause']:10} {outcome['reason']}"
            self._console.print(defuse(visible_line(line, 600)), soft_wrap=True)
