"""End the command with one clear line."""

import sys
from typing import NoReturn

import click

from assisters_verify.reporting.inert import visible_line


def end(status: int, message: str) -> NoReturn:
    """Print one line that says cause and remedy, and leave with this exit status."""
    click.echo(f"assisters-verify: {visible_line(message, 600)}", err=True)
    sys.exit(status)
