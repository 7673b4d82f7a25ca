"""`assisters-verify report`: work with results that are already there."""

import json
from pathlib import Path
from typing import Any

import click
import jsonschema

from assisters_verify.cli.choosing import format_option
from assisters_verify.cli.ending import end, print_summary
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.content import content_root
from assisters_verify.reporting import ReportError, read_har, write_reports

_REMEDY = "Name the --report-dir of a run."


@click.group()
def command() -> None:
    """Draw reports again from a result."""


@command.command("draw")
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@format_option()
def draw(*, directory: Path, formats: tuple[str, ...]) -> None:
    r"""Draw the reports in DIRECTORY again, from its results.json and evidence.har.

    \b
    assisters-verify report draw assisters-verify-report
    assisters-verify report draw assisters-verify-report --format ctrf
    """
    results = _read_results(directory)
    try:
        exchanges = read_har(directory / "evidence.har")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        end(ExitStatus.USAGE, f"cannot read {directory / 'evidence.har'}: {_words(error)}. {_REMEDY}")
    try:
        write_reports(directory, results, exchanges, formats=formats)
    except (ReportError, OSError) as error:
        end(ExitStatus.SUITE_FAILED, str(error))
    print_summary(results, directory)


def _read_results(directory: Path) -> dict[str, Any]:
    schema = json.loads((content_root() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    try:
        results = json.loads((directory / "results.json").read_text(encoding="utf-8"))
        jsonschema.validate(results, schema, cls=jsonschema.Draft202012Validator)
    except jsonschema.ValidationError as error:
        end(
            ExitStatus.USAGE, f"cannot use {directory / 'results.json'}: {error.json_path} is not as in ours. {_REMEDY}"
        )
    except (OSError, ValueError, RecursionError) as error:
        end(ExitStatus.USAGE, f"cannot read {directory / 'results.json'}: {_words(error)}. {_REMEDY}")
    assert isinstance(results, dict)
    return results


def _words(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return strerror or (str(error) if isinstance(error, ValueError) else f"it is none of ours ({type(error).__name__})")
