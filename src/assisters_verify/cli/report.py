"""`assisters-verify report`: work with results that are already there."""

import json
from pathlib import Path

import click

from assisters_verify.cli.ending import end, print_summary
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.reporting import ReportError, read_har, write_reports


@click.group()
def command() -> None:
    """Draw reports again from a result."""


@command.command("draw")
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
def draw(directory: Path) -> None:
    """Draw all reports in DIRECTORY again, from its results.json and evidence.har."""
    try:
        results = json.loads((directory / "results.json").read_text(encoding="utf-8"))
        exchanges = read_har(directory / "evidence.har")
        write_reports(directory, results, exchanges)
    except (OSError, ValueError, KeyError) as error:
        end(ExitStatus.USAGE, f"cannot read {directory}: {error}. Name the --report-dir of a run.")
    except ReportError as error:
        end(ExitStatus.SUITE_FAILED, str(error))
    print_summary(results, directory)
