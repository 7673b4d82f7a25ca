"""Recognise a secret that nobody expected: a member of an answer that calls itself one, and looks like one."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

# What holds more is no answer that shows a secret, but a list, a text or a flood.
_MOST_BYTES = 64 * 1024
_MEMBER = re.compile(
    rb'"([^"\\]{0,40}(?:key|secret|token|password)[^"\\]{0,40})"\s*:\s*("(?:[^"\\]|\\.){8,8192}")', re.IGNORECASE
)
# A `key_id` is none, and neither is what somebody else sent as the key of idempotency.
_NAME = re.compile(r"(?!.*idempotency)[a-z_.-]*(?:key|secret|token|password)(?:[_.-]?value)?", re.IGNORECASE)
_WORD = re.compile(r"\S{16,}")
# Of a name, a date or a word with a number in it no part is as long as this.
_RUN = re.compile(r"[A-Za-z0-9+/]{16,}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-")
_MASKS = ("*", "...", "…", "•", "xxxx", "XXXX")


def named_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the members that are called as secrets are, by name and text, of what is JSON or only part of it."""
    for name, value in _MEMBER.findall(data):
        with suppress(ValueError):
            yield name.decode("utf-8", "replace"), str(json.loads(value))


def shown_secrets(body: bytes) -> Iterator[str]:
    """Yield the values in a JSON body that are secrets by their names and by their looks, of a body that was cut off
    also what had come of the last one."""
    for name, text in named_texts(body[:_MOST_BYTES] + b'"'):
        if _NAME.fullmatch(name) and _WORD.fullmatch(text) and _looks_random(text):
            yield text


def _looks_random(text: str) -> bool:
    runs = _RUN.findall(text)
    is_random = any(run.upper() != run.lower() and any(sign.isdigit() for sign in run) for run in runs)
    return is_random and not any(mask in text for mask in _MASKS)
