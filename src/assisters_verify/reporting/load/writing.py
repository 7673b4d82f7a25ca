"""Write all reports of a load run into one directory."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from assisters_verify.reporting.load.junit import draw_junit
from assisters_verify.reporting.load.measures_file import draw_measures
from assisters_verify.reporting.load.page import draw_page
from assisters_verify.reporting.load.seconds_file import draw_seconds
from assisters_verify.reporting.load.summary import draw_summary
from assisters_verify.reporting.private_file import write_each
from assisters_verify.reporting.results_file import as_json

Document = Mapping[str, Any]


def draw_load(document: Document) -> bytes:
    """Return load.json."""
    return as_json(document, indent=None)


REPORTERS: dict[str, Callable[[Document], bytes]] = {
    "load.json": draw_load,
    "report.html": draw_page,
    "seconds.csv": draw_seconds,
    "measures.csv": draw_measures,
    "junit.xml": draw_junit,
    "summary.md": draw_summary,
}


def write_load_reports(directory: Path, document: Document) -> tuple[Path, ...]:
    """Write every report and return their paths. Raises ReportError after all others were written."""
    return write_each(directory, {name: partial(draw, document) for name, draw in REPORTERS.items()})
