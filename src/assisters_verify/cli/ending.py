"""End a command: with one clear line, or with the summary of a run."""

import contextlib
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from assisters_verify.reporting import closing_summary
from assisters_verify.reporting.findings import headline
from assisters_verify.reporting.inert import visible_line


class Terminated(KeyboardInterrupt):
    """SIGTERM came, which is to end a command as SIGINT does: in order."""


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt and Terminated: also where a shell started the command in the
    background, which has SIGINT ignored."""

    def terminate(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    wanted = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: terminate}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def failure_in_words(error: Exception) -> str:
    """Return what went wrong in the suite itself, and where, in one line; secrets may be in it."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {at.name}, line {at.lineno} of {Path(at.filename).name})"


def end(status: int, message: str) -> NoReturn:
    """Print one line that says cause and remedy, and leave with this exit status."""
    warn(message)
    sys.exit(status)


def warn(message: str) -> None:
    """Print one line on standard error, if anybody reads it."""
    with contextlib.suppress(OSError):
        click.echo(f"assisters-verify: {visible_line(message, 600)}", err=True)


def print_summary(results: dict[str, Any], report_dir: Path) -> None:
    """Print what a run found, as wide as the terminal and in its colours."""
    width = min(shutil.get_terminal_size((100, 40)).columns, 120)
    is_coloured = sys.stdout is not None and sys.stdout.isatty()
    _print(closing_summary(results, report_dir=report_dir, width=width, is_coloured=is_coloured))


def print_verdict(results: dict[str, Any]) -> None:
    """Print the verdict on the whole, in one line."""
    _print(headline(results))


def _print(text: str) -> None:
    try:
        click.echo(text)
    except OSError:
        # Whoever read it has gone; the exit status must still tell what was found, so nothing may be left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
