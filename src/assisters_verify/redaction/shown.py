"""Recognise a secret that nobody expected: a member of an answer that calls itself one, and looks like one."""

import re
from collections.abc import Iterator

# What holds more is no answer that shows a secret, but a list, a text or a flood.
_MOST_BYTES = 64 * 1024
# A `key_id` is none, and neither is what somebody else sent as the key of idempotency.
_MEMBER = re.compile(
    rb'"(?!idempotency)[a-z_.-]{0,30}(?:key|secret|token|password)(?:[_.-]?value)?"\s*:\s*"([^"\\\s]{16,2048})"',
    re.IGNORECASE,
)
# Of a name, a date or a word with a number in it no part is as long as this.
_RUN = re.compile(rb"[A-Za-z0-9+/]{16,}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-")
_MASKS = (b"*", b"...", b"\xe2\x80\xa6", b"\xe2\x80\xa2", b"xxxx", b"XXXX")


def shown_secrets(body: bytes) -> Iterator[str]:
    """Yield the values in a JSON body, or what there is of it, that are secrets by their names and by their looks."""
    for match in _MEMBER.finditer(body[:_MOST_BYTES]):
        value = match[1]
        if any(map(_looks_random, _RUN.findall(value))) and not any(mask in value for mask in _MASKS):
            yield value.decode("utf-8", "replace")


def _looks_random(run: bytes) -> bool:
    return any(byte in b"0123456789" for byte in run) and run.upper() != run.lower()
