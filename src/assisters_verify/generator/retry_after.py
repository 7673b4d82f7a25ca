"""Read what a refusal says of when to come back."""

import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime

from assisters_verify.measures.ledger import NEVER, UNREADABLE

_SECONDS = re.compile(r"\d{1,9}(?:\.\d+)?", re.ASCII)
_MOST_MS = 2**31 - 1


def read_retry_after(value: str, *, date: str) -> int:
    """Return the milliseconds that `Retry-After` asks for; NEVER where it is not sent, UNREADABLE where it is neither a
    number of seconds nor a date.

    A date is taken by the target's own clock, which `date`, its `Date`, shows: that may go otherwise than ours.
    """
    text = value.strip()
    if not text:
        return NEVER
    if _SECONDS.fullmatch(text):
        return min(round(float(text) * 1000), _MOST_MS)
    until_s = _moment_s(text)
    if until_s is None:
        return UNREADABLE
    now_s = _moment_s(date)
    wait_s = until_s - (time.time() if now_s is None else now_s)
    return min(max(round(wait_s * 1000), 0), _MOST_MS)


def _moment_s(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError, TypeError):
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
