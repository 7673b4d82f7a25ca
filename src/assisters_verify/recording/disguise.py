"""Put what stands for secrets in their place, in all that is recorded, so that what is judged stays as it was."""

import json
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assisters_verify.recording.stand_ins import SPELLINGS
from assisters_verify.redaction import PART_BYTES, SHORTEST_WITH_PARTS, Redactor, holds_events

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A way in which a secret is written, and what stands for it written so: both have one length."""

    text: bytes
    other: bytes
    head: int
    tail: int


class Disguise:
    """Replaces secrets by what stands for them. What it gives has the length of what it got."""

    def __init__(self, pairs: Mapping[str, str], redactor: Redactor) -> None:
        self._redactor = redactor
        self._forms = [form for secret, other in pairs.items() for form in _forms(secret, other)]

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        data = text.encode(errors="surrogatepass")
        return self.data(data).decode(errors="surrogatepass")

    def data(self, data: bytes) -> bytes:
        """Return bytes without secrets."""
        is_stream = holds_events(data)
        spans = self._redactor.spans(data, is_event_stream=is_stream)
        if not spans:
            return data
        result = bytearray(data)
        taken = bytearray(len(data))
        for start, other in sorted(self._places(data), key=lambda place: -len(place[1])):
            end = start + len(other)
            if not any(taken[start:end]):
                result[start:end] = other
                taken[start:end] = b"\x01" * len(other)
        # What is written in a way of which nobody thought here, wholly or in part, is lost, and not shown.
        for span in spans:
            for at in range(span.start, span.end):
                if not taken[at]:
                    result[at] = ord("x")
        for span in self._redactor.spans(bytes(result), is_event_stream=is_stream):
            result[span.start : span.end] = b"x" * (span.end - span.start)
        return bytes(result)

    def pieces(self, pieces: Collection[bytes]) -> list[bytes]:
        """Return the pieces of a body without secrets, also those that lie across pieces."""
        joined = self.data(b"".join(pieces))
        cut, at = [], 0
        for piece in pieces:
            cut.append(joined[at : at + len(piece)])
            at += len(piece)
        return cut

    def value(self, value: Any) -> Any:
        """Return JSON, with bytes among it, without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.data(value)
        if isinstance(value, list | tuple):
            return [self.value(part) for part in value]
        return {name: self.value(part) for name, part in value.items()} if isinstance(value, dict) else value

    def _places(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        for form in self._forms:
            yield from _from_head(form, data)
            if form.tail:
                yield from _from_tail(form, data)


def _forms(secret: str, other: str) -> Iterator[_Form]:
    pairs = dict.fromkeys((spell(secret), spell(other)) for spell in SPELLINGS)
    for text, stand_in in pairs:
        if len(text) == len(stand_in) and len(text.encode()) == len(stand_in.encode()):
            yield from _written(text.encode(), stand_in.encode())
    for escape in (_percent_coded, _in_json):
        if escape(secret) != secret and len(escape(secret)) == len(escape(other)):
            yield _form(escape(secret).encode(), escape(other).encode())


def _percent_coded(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1].replace("/", "\\/")


def _written(secret: bytes, other: bytes) -> Iterator[_Form]:
    yield _form(secret, other)
    head, tail = _ends(secret)
    for digits, other_digits in ((secret.hex(), other.hex()), (secret.hex().upper(), other.hex().upper())):
        yield _Form(text=digits.encode(), other=other_digits.encode(), head=2 * head, tail=2 * tail)
    for shift in range(3):
        first, end = -(-8 * shift // 6), 8 * (shift + len(secret)) // 6
        head_digits = 8 * (shift + head) // 6 - first
        tail_digits = max(-(-8 * (shift + tail) // 6) - first, 0) if tail else 0
        text, stand_in = (b64encode(bytes(shift) + each)[first:end] for each in (secret, other))
        yield _Form(text=text, other=stand_in, head=head_digits, tail=tail_digits)
        safe, other_safe = text.translate(_URL_SAFE), stand_in.translate(_URL_SAFE)
        if safe != text:
            yield _Form(text=safe, other=other_safe, head=head_digits, tail=tail_digits)


def _form(text: bytes, other: bytes) -> _Form:
    head, tail = _ends(text)
    return _Form(text=text, other=other, head=head, tail=tail)


def _ends(text: bytes) -> tuple[int, int]:
    has_parts = len(text) >= SHORTEST_WITH_PARTS
    return (PART_BYTES, len(text) - PART_BYTES) if has_parts else (len(text), 0)


def _from_head(form: _Form, data: bytes) -> Iterator[tuple[int, bytes]]:
    start = data.find(form.text[: form.head])
    while start >= 0:
        size = form.head
        while size < len(form.text) and data[start + size : start + size + 1] == form.text[size : size + 1]:
            size += 1
        yield start, form.other[:size]
        start = data.find(form.text[: form.head], start + size)


def _from_tail(form: _Form, data: bytes) -> Iterator[tuple[int, bytes]]:
    found, end = data.find(form.text[form.tail :]), 0
    while found >= 0:
        # Not past the last one: of a secret that repeats itself, every part would reach back over all others.
        least, start, missing, end = end, found, form.tail, found + len(form.text) - form.tail
        while start > least and missing and data[start - 1] == form.text[missing - 1]:
            start, missing = start - 1, missing - 1
        yield start, form.other[missing:]
        found = data.find(form.text[form.tail :], end)
