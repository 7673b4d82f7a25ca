"""Find points in time in a JSON document, in any common form."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from assisters_verify.contract.fields import Field, fields_in

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:$|[T ]\d\d:\d\d)")
_ISO_BASIC = re.compile(r"\d{8}T\d{6}")
_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?")
_TIMELY = re.compile(r"time|^ts$|date|day|epoch|when|created|occurred|logged|(?:ed|^)at$")
# Seconds, milliseconds, microseconds and nanoseconds of the years 2001 to 2096.
_UNITS = (1.0, 1e3, 1e6, 1e9)
_EARLIEST_S, _LATEST_S = 1e9, 4e9


def times_in(document: Any) -> list[datetime]:
    """Return the points in time that a document holds; one without a time zone is taken for UTC."""
    return [time for found in fields_in(document) for time in _times(found)]


def _times(found: Field) -> Iterator[datetime]:
    value = found.value
    if isinstance(value, str):
        time = _from_text(value.strip())
        if time is not None:
            yield time
            return
        if not _NUMBER.fullmatch(value.strip()):
            return
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and _TIMELY.search(found.name):
        yield from _from_number(float(value))


def _from_text(text: str) -> datetime | None:
    try:
        if _ISO.match(text) or _ISO_BASIC.match(text):
            time = datetime.fromisoformat(text.replace(" UTC", "Z"))
        else:
            time = parsedate_to_datetime(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _from_number(number: float) -> Iterator[datetime]:
    for unit in _UNITS:
        if _EARLIEST_S <= number / unit < _LATEST_S:
            yield datetime.fromtimestamp(number / unit, UTC)
