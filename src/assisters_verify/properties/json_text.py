"""JSON as its standard has it: no NaN, no Infinity."""

import json
from typing import Any


def parse(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError, also for what only Python takes for JSON."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def write(value: object) -> bytes:
    """Return a value as compact JSON in UTF-8. Raises ValueError for NaN, Infinity and lone surrogates."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def shorten(value: object, *, limit: int = 80) -> str:
    """Return a value as JSON for a reader, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
