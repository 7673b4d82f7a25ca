"""Draw measures.csv: one line for each measure of each kind of request."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from assisters_verify.settings.thresholds import STATISTICS


def draw_measures(document: Mapping[str, Any]) -> bytes:
    """Return measures.csv; the kind `all` holds every request."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["kind", "measure", "count", *STATISTICS])
    parts = {"all": document["measures"], **{kind: part["measures"] for kind, part in document["kinds"].items()}}
    for kind, measures in parts.items():
        for name, summary in measures.items():
            if summary["count"]:
                writer.writerow([kind, name, summary["count"], *(f"{summary[each]:.6f}" for each in STATISTICS)])
    return text.getvalue().encode("ascii")
