"""Tell what is beyond dispute from what a server may see either way."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from assisters_verify.properties import json_text
from assisters_verify.properties.violations import Violation

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
# A server that reads numbers with 32 bits takes 1.0000000001 for 1; this is far above that error and far below one.
_MARGIN = 1e-3
# Beyond it numbers are read differently (RFC 8259, section 6).
_MAX_MAGNITUDE = 1e15
# Letters of any script and plain punctuation: nothing that a firewall in front of a server would take for an attack.
_PLAIN_TEXT = re.compile(r"[\w ,.?!:-]{0,200}")
_MAX_BODY_BYTES = 4096
_MAX_DEPTH = 10


def is_beyond_dispute(violation: Violation) -> bool:
    """Whether no server can have read the value as a right one: not by rounding, not by another notation."""
    value, limit = violation.received, violation.limit
    if violation.keyword in _BOUNDS:
        return bool(abs(value - limit) >= _MARGIN)
    if isinstance(value, float) and "integer" in violation.expected:
        return abs(value - round(value)) >= _MARGIN
    return True


def sharpen(value: object) -> object:
    """Return a fraction that is next to a whole number as one half way between two, and anything else as it is."""
    if isinstance(value, float) and 0 < abs(value - round(value)) < _MARGIN:
        return round(value) + 1.5
    return value


def is_other_notation(text: str) -> bool:
    """Whether a text that has a wrong format may be right in another: a number as a time stamp, a date with a time."""
    try:
        float(text)
    except ValueError:
        return _is_iso_time(text)
    return True


def is_sendable(body: object, *, fixed: Mapping[str, Any] = MappingProxyType({})) -> bool:
    """Whether a body has nothing that may be refused for another reason: by size, depth, odd characters or numbers.

    What `fixed` gives for a field is the server's own word, such as a model `org/name:1`, and right as it is.
    """
    drawn = body
    if isinstance(body, dict):
        drawn = {name: value for name, value in body.items() if name not in fixed or value != fixed[name]}
    return (
        all(_is_plain(leaf, depth=depth) for leaf, depth in _leaves(drawn))
        and len(json_text.write(body)) <= _MAX_BODY_BYTES
    )


def is_plain_text(text: str) -> bool:
    """Whether a text has only letters, digits and plain punctuation."""
    return _PLAIN_TEXT.fullmatch(text) is not None


def _is_plain(leaf: object, *, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        return False
    if isinstance(leaf, str):
        return is_plain_text(leaf)
    return not isinstance(leaf, int | float) or abs(leaf) <= _MAX_MAGNITUDE


def _leaves(value: Any, depth: int = 0) -> Iterator[tuple[object, int]]:
    """Every scalar and every key, with its depth."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield key, depth
            yield from _leaves(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from _leaves(child, depth + 1)
    else:
        yield value, depth


def _is_iso_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
