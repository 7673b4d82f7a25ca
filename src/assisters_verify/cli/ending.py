"""End a command: with one clear line, or with the summary of a run."""

import shutil
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from assisters_verify.reporting import closing_summary
from assisters_verify.reporting.inert import visible_line


def end(status: int, message: str) -> NoReturn:
    """Print one line that says cause and remedy, and leave with this exit status."""
    click.echo(f"assisters-verify: {visible_line(message, 600)}", err=True)
    sys.exit(status)


def print_summary(results: dict[str, Any], report_dir: Path) -> None:
    """Print what a run found, as wide as the terminal and in its colours."""
    width = min(shutil.get_terminal_size((100, 40)).columns, 120)
    click.echo(closing_summary(results, report_dir=report_dir, width=width, is_coloured=sys.stdout.isatty()))
