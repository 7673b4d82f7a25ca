"""Show how far a load run is: a live line on a terminal, plain lines elsewhere, JSON lines for machines, or nothing."""

import contextlib
import json
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from assisters_verify.cli.progress import Silence
from assisters_verify.reporting.inert import defuse, visible_line
from assisters_verify.reporting.load import figures
from assisters_verify.settings.load import LoadSettings

_PLAIN_EVERY_S = 10.0


class LoadProgress:
    """Takes the events of a run and shows them on standard error, for people."""

    def __init__(self, settings: LoadSettings, *, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._live = Live(Text("starting"), console=self._console, transient=True, auto_refresh=False)
        self._now = now
        self._told_s = now()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the live line away."""
        with contextlib.suppress(OSError):
            self._live.stop()

    def show(self, event: dict[str, Any]) -> None:
        """Show one event, if anybody is there to see it."""
        with contextlib.suppress(OSError):
            self._show(event)

    def _show(self, event: dict[str, Any]) -> None:
        if event["event"] == "second":
            line = second_line(event, self._settings)
            if self._console.is_terminal:
                self._live.update(Text(line), refresh=True)
            elif self._now() - self._told_s >= _PLAIN_EVERY_S:
                self._told_s = self._now()
                self._console.print(line, soft_wrap=True)
        elif event["event"] == "worker_lost":
            words = f"lost: worker {event.get('worker', '')} {event.get('reason', '')}"
            self._console.print(defuse(visible_line(words, 300)), soft_wrap=True)


class LoadEventLines(Silence):
    """Writes the events to standard output, one JSON object a line, and at the end one that says what was found."""

    def show(self, event: dict[str, Any]) -> None:
        """Write one event."""
        with contextlib.suppress(OSError):
            sys.stdout.write(json.dumps(event, ensure_ascii=True) + "\n")
            sys.stdout.flush()

    def finish(self, document: dict[str, Any], *, exit_status: int) -> None:
        """Write the last line."""
        names = ("verdict", "interrupted", "failure", "duration_s", "requests", "rate", "shares", "thresholds")
        self.show({"event": "finished", "exit_status": exit_status, **{name: document[name] for name in names}})


def second_line(event: dict[str, Any], settings: LoadSettings) -> str:
    """Return one line about a running load."""
    phase = str(event.get("phase", "")).replace("_", "-")
    parts = [f"{figures.long_time(event.get('t_s', 0.0))} of {figures.long_time(settings.whole_s)} ({phase})"]
    parts.append(f"{event.get('sent', 0):,} sent, {event.get('running', 0):,} under way")
    parts += [f"{event[name]:,} {name}" for name in ("refused", "failed") if event.get(name)]
    for name, words in {"ttft_p95_s": "first token", "latency_p95_s": "whole answer"}.items():
        if event.get(name) is not None:
            parts.append(f"{words} p95 {figures.seconds(event[name])}")
    return ", ".join(parts)
