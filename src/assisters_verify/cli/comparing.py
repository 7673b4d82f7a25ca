"""`assisters-verify report compare`: say what got worse and what got better between two results."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import jsonschema

from assisters_verify.cli.ending import end
from assisters_verify.comparing.comparison import NotComparable, compare, got_worse
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.content import content_root
from assisters_verify.reporting.comparison import COMPARISONS

_SCHEMAS = {
    "assisters-verify/results": "results.schema.json",
    "assisters-verify/load": "load.schema.json",
}
_EPILOG = """\b
Examples:
  assisters-verify report compare main-report branch-report
  assisters-verify report compare main-report branch-report --format markdown >> "$GITHUB_STEP_SUMMARY"

\b
Exit status: 0 nothing got worse; 1 something did; 2 wrong usage, or results that cannot be compared."""
_REMEDY = "Name the --report-dir of a run, or a results.json or load.json."


@click.command(epilog=_EPILOG)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(COMPARISONS)),
    default="terminal",
    show_default=True,
    help="How it is written on standard output.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0, max=100),
    default=5.0,
    show_default=True,
    metavar="PERCENT",
    help="How much worse a figure of a load run may be, whatever its interval says.",
)
def compare_command(*, old: Path, new: Path, form: str, tolerance: float) -> None:
    """Say what got worse, what got better, what is new and what is gone from OLD to NEW: two runs, two versions of the
    suite over one recording (conformance --replay), or two load runs of one scenario.

    Figures of load runs are held against what chance alone would do, by intervals from resampled histograms and
    seconds, so that noise is not called a regression.
    """
    documents = [_read(path) for path in (old, new)]
    try:
        comparison = compare(*documents, tolerance=tolerance / 100)
    except NotComparable as problem:
        end(ExitStatus.USAGE, f"{old} and {new} cannot be compared: {problem}.")
    click.echo(COMPARISONS[form](comparison).decode(), nl=False)
    sys.exit(ExitStatus.BROKEN if got_worse(comparison) else ExitStatus.HELD)


def _read(path: Path) -> dict[str, Any]:
    found = next((path / name for name in ("results.json", "load.json") if (path / name).is_file()), path)
    try:
        document = json.loads(found.read_text(encoding="utf-8"))
        name = _SCHEMAS[document["format"]]
        schema = json.loads((content_root() / "reports" / name).read_text(encoding="utf-8"))
        jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    except jsonschema.ValidationError as error:
        end(ExitStatus.USAGE, f"cannot use {found}: {error.json_path} is not as in ours. {_REMEDY}")
    except OSError as error:
        end(ExitStatus.USAGE, f"cannot read {found}: {error.strerror}. {_REMEDY}")
    except (ValueError, LookupError, TypeError, RecursionError):
        end(ExitStatus.USAGE, f"cannot use {found}: it is no result of ours. {_REMEDY}")
    assert isinstance(document, dict)
    return document
