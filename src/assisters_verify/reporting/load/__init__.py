"""Reports of a load run: everything that is drawn from load.json, and nothing that talks to the target."""

from assisters_verify.reporting.load.terminal import closing_lines
from assisters_verify.reporting.load.writing import REPORTERS, write_load_reports

__all__ = ["REPORTERS", "closing_lines", "write_load_reports"]
