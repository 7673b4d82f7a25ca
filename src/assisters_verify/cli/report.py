"""`assisters-verify report`: work with results that are already there."""

from pathlib import Path

import click

from assisters_verify.cli.choosing import format_option
from assisters_verify.cli.comparing import compare_command
from assisters_verify.cli.ending import end, print_summary
from assisters_verify.cli.report_matrix import badge_command, matrix_command
from assisters_verify.cli.results_input import REMEDY, read_results, words
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.reporting import ReportError, read_har, write_reports

_DRAW_EXAMPLES = """\b
Examples:
  assisters-verify report draw assisters-verify-report
  assisters-verify report draw assisters-verify-report --format ctrf"""


@click.group()
def command() -> None:
    """Draw reports again from a result, compare two results, or show many side by side."""


command.add_command(compare_command, "compare")
command.add_command(matrix_command, "matrix")
command.add_command(badge_command, "badge")


@command.command("draw", epilog=_DRAW_EXAMPLES)
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@format_option()
def draw(*, directory: Path, formats: tuple[str, ...]) -> None:
    """Draw the reports in DIRECTORY again, from its results.json and evidence.har."""
    results = read_results(directory)
    try:
        exchanges = read_har(directory / "evidence.har")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        end(ExitStatus.USAGE, f"cannot read {directory / 'evidence.har'}: {words(error)}. {REMEDY}")
    try:
        write_reports(directory, results, exchanges, formats=formats)
    except (ReportError, OSError) as error:
        end(ExitStatus.SUITE_FAILED, str(error))
    print_summary(results, directory)
