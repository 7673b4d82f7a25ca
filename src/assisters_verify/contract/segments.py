"""Send back what a target calls something, in a path above all."""

from typing import Any
from urllib.parse import quote

from assisters_verify.judgement import Undecided

# In characters. Many servers refuse a path of 8 KB, and a hundred requests that repeat a megabyte are an attack.
LONGEST_ID = 1_024


def is_usable_id(value: Any) -> bool:
    """Whether a request can name something by this."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def in_path(name: str, *, safe: str = "") -> str:
    """Return the name as a part of a path, whatever stands in it: JSON can spell half of a character. Raises Undecided
    where it is too long for one."""
    if len(name) > LONGEST_ID:
        raise Undecided(f"an id of {len(name):,} characters goes into no path; {LONGEST_ID:,} are tried")
    return quote(name, safe=safe, errors="surrogatepass")
