"""Write the reports of a run into one directory."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from assisters_verify.evidence import Exchange
from assisters_verify.report_formats import DEFAULT_FORMATS, FORMATS
from assisters_verify.reporting.annotations import draw_annotations
from assisters_verify.reporting.ctrf import draw_ctrf
from assisters_verify.reporting.findings import Results
from assisters_verify.reporting.har import draw_har
from assisters_verify.reporting.junit import draw_junit
from assisters_verify.reporting.page import draw_page
from assisters_verify.reporting.private_file import ReportError, write_each
from assisters_verify.reporting.results_file import draw_results
from assisters_verify.reporting.summary import draw_summary

__all__ = ["REPORTERS", "ReportError", "write_reports"]

Draw = Callable[[Results, Sequence[Exchange]], bytes]

DRAWERS: dict[str, Draw] = {
    "results.json": draw_results,
    "evidence.har": draw_har,
    "junit.xml": draw_junit,
    "summary.md": draw_summary,
    "report.html": draw_page,
    "ctrf.json": draw_ctrf,
    "annotations.txt": draw_annotations,
}
# What is written where nobody chose.
REPORTERS: dict[str, Draw] = {FORMATS[name]: DRAWERS[FORMATS[name]] for name in DEFAULT_FORMATS}


def write_reports(
    directory: Path, results: Results, exchanges: Sequence[Exchange], *, formats: Iterable[str] = ()
) -> tuple[Path, ...]:
    """Write the reports of these formats, or the usual ones, and return their paths.

    Raises ReportError after all others were written.
    """
    chosen = {FORMATS[name]: DRAWERS[FORMATS[name]] for name in formats} or REPORTERS
    return write_each(directory, {name: partial(draw, results, exchanges) for name, draw in chosen.items()})
