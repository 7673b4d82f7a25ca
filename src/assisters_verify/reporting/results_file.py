"""Draw results.json: the result itself, as every other report is drawn from it."""

import json
from collections.abc import Sequence
from typing import Any

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.findings import Results


def draw_results(results: Results, _exchanges: Sequence[Exchange]) -> bytes:
    """Return results.json."""
    return as_json(results)


def as_json(value: Any, *, indent: int | None = 2) -> bytes:
    """Return JSON in ASCII: printed to a terminal or a log, no text of a target does anything there."""
    return (json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent) + "\n").encode("ascii")
