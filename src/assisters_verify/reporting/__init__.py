"""Reports: everything that is drawn from a result and its evidence, and nothing that talks to the target."""

from assisters_verify.report_formats import DEFAULT_FORMATS, FORMATS
from assisters_verify.reporting.har import read_har
from assisters_verify.reporting.terminal import closing_summary
from assisters_verify.reporting.writing import REPORTERS, ReportError, write_reports

__all__ = [
    "DEFAULT_FORMATS",
    "FORMATS",
    "REPORTERS",
    "ReportError",
    "closing_summary",
    "read_har",
    "write_reports",
]
