"""`assisters-verify report matrix` and `report badge`: show what runs found, many side by side or one in a word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from assisters_verify.cli.ending import end
from assisters_verify.cli.results_input import read_results
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.reporting.badge import draw_badge
from assisters_verify.reporting.matrix import MATRICES, Source, side_by_side
from assisters_verify.reporting.private_file import make_directory, write_private

_RESULTS = "results.json"
_MATRIX_EXAMPLES = """\b
Examples:
  assisters-verify report matrix staging-report production-report --out matrix.html
  assisters-verify report matrix reports/*/results.json --format markdown >> "$GITHUB_STEP_SUMMARY"

\b
Exit status: 0 it was drawn, whatever the runs found; 2 wrong usage, or a RUN that is none of ours."""
_BADGE_EXAMPLES = """\b
Examples:
  assisters-verify report badge assisters-verify-report --out badge.svg
  assisters-verify report badge core-report/results.json > core.svg

\b
Exit status: 0 it was drawn, whatever the run found; 2 wrong usage, or a RUN that is none of ours."""


def _out_option(what: str) -> Callable[[Any], Any]:
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=f"Write {what} into this file.  [default: standard output]",
    )


@click.command(epilog=_MATRIX_EXAMPLES)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(MATRICES)),
    default="html",
    show_default=True,
    help="One offline page, or Markdown.",
)
@_out_option("it")
def matrix_command(*, runs: tuple[Path, ...], form: str, out: Path | None) -> None:
    """Draw many runs side by side, by area and clause by clause. A RUN is a report directory or a results.json.

    Runs of different suites or of different promises are told as such: a cell says where a run has nothing to say.
    """
    sources = [Source(name=_name(run), results=read_results(run)) for run in runs]
    _put(MATRICES[form](side_by_side(sources)), out)


@click.command(epilog=_BADGE_EXAMPLES)
@click.argument("run", type=click.Path(path_type=Path))
@_out_option("the SVG")
def badge_command(*, run: Path, out: Path | None) -> None:
    """Draw the status badge of RUN, a report directory or a results.json: the verdict, with counts and the profile."""
    _put(draw_badge(read_results(run)), out)


def _name(run: Path) -> str:
    """Return by what name the user knows the run: that of its folder, without the way there."""
    path = run.absolute()
    return path.parent.name if path.name == _RESULTS else path.name


def _put(drawn: bytes, out: Path | None) -> None:
    try:
        if out is None:
            click.echo(drawn, nl=False)
        else:
            make_directory(out.absolute().parent)
            write_private(out.absolute(), drawn)
    except OSError as error:
        end(ExitStatus.SUITE_FAILED, f"cannot write {out or 'to standard output'}: {error.strerror}.")
