"""Read what a 429 says of when to come back."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from assisters_verify.surroundings import utc_now

_SECONDS = re.compile(r"\d{1,9}(\.\d+)?", re.ASCII)


def asked_pause_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for; None where there is none, or neither a number nor a date.

    A date is taken by the target's own clock, as `Date` shows it: that says whole seconds and may lag, so that the
    pause is never too short.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _moment(value)
    if until is None:
        return None
    now = _moment(headers.get("date", "")) or utc_now()
    return max(0.0, (until - now).total_seconds())


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
