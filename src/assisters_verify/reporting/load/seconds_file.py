"""Draw seconds.csv: one line for each second of the measured part, for spreadsheets and other programs."""

import csv
import io
from collections.abc import Mapping
from typing import Any


def draw_seconds(document: Mapping[str, Any]) -> bytes:
    """Return seconds.csv. Its columns are those of `series` in load.json; what was not measured is empty."""
    series: dict[str, list[float | None]] = document["series"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(series)
    writer.writerows([_cell(value) for value in row] for row in zip(*series.values(), strict=True))
    return text.getvalue().encode("ascii")


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
