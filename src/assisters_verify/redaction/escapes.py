"""Undo percent coding, JSON's backslashes and HTML's entities, and remember where everything stood before."""

import re
import sys
from array import array
from bisect import bisect_right
from dataclasses import dataclass, replace
from html.entities import html5

# Texts in other scripts consist of escapes, and JSON inside JSON is full of backslashes: those that can stand for no
# character of a plain secret are left as they are.
_OF_PLAIN_CHARACTERS = re.compile(
    rb"%(?P<percent>[2-7][0-9A-Fa-f])"
    rb"|\\(?:u00(?P<code>[2-7][0-9A-Fa-f])|x(?P<byte>[2-7][0-9A-Fa-f])|(?P<quoted>/))"
    rb"|(?<!\\)(?P<run>(?:\\\\)++)(?=\\?(?:u00[2-7]|x[2-7]|/))"
    rb"|&(?:#0*(?P<decimal>[0-9]{2,3})|#[xX]0*(?P<hex>[2-7][0-9A-Fa-f])|(?P<entity>[A-Za-z]{2,8}));"
)
_OF_ANY_CHARACTERS = re.compile(
    rb"%(?P<percent>[0-9A-Fa-f]{2})"
    rb"|\\(?:u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})|u(?P<code>[0-9A-Fa-f]{4})"
    rb"|x(?P<byte>[0-9A-Fa-f]{2})|(?P<quoted>[/\\\"'bfnrt]))"
    rb"|&(?:#0*(?P<decimal>[0-9]{1,7})|#[xX]0*(?P<hex>[0-9A-Fa-f]{1,6})|(?P<entity>[A-Za-z0-9]{2,32}));"
)
_OF_JSON = re.compile(
    rb"\\(?:u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})|u(?P<code>[0-9A-Fa-f]{4})"
    rb"|(?P<quoted>[/\\\"bfnrt]))"
)
_PLAIN_SECRET = re.compile(r"[!#-&(-\[\]-~]*")
_QUOTED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unescaped:
    """A text with its escapes undone once. The n-th one stood from `origins[n]` to `origin_ends[n]`; what it stood for
    begins at `starts[n]` and ends at `ends[n]`."""

    data: bytes
    starts: "array[int]"
    ends: "array[int]"
    origins: "array[int]"
    origin_ends: "array[int]"

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where the bytes from `start` to `end`, at least one, stood before."""
        return self._origin(start)[0], self._origin(end - 1)[1]

    def _origin(self, at: int) -> tuple[int, int]:
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return at, at + 1
        if at < self.ends[index]:
            return self.origins[index], self.origin_ends[index]
        before = self.origin_ends[index] + at - self.ends[index]
        return before, before + 1


def pattern_for(secrets: list[str]) -> re.Pattern[bytes]:
    """Return the pattern of those escapes that can hide one of these secrets."""
    is_plain = all(_PLAIN_SECRET.fullmatch(secret) for secret in secrets)
    return _OF_PLAIN_CHARACTERS if is_plain else _OF_ANY_CHARACTERS


def unescape(data: bytes, pattern: re.Pattern[bytes]) -> Unescaped | None:
    """Return the text with all escapes undone once, or None where that changes nothing."""
    result = _unchanged(b"")
    unescaped, at = bytearray(), 0
    for match in pattern.finditer(data):
        unescaped += data[at : match.start()]
        result.starts.append(len(unescaped))
        unescaped += _character(match)
        result.ends.append(len(unescaped))
        result.origins.append(match.start())
        result.origin_ends.append(at := match.end())
    unescaped += data[at:]
    return None if unescaped == data else replace(result, data=bytes(unescaped))


def unescaped_forms(secret: bytes, pattern: re.Pattern[bytes]) -> list[bytes]:
    """Return the secret, and what becomes of it where it holds escapes itself and the text around it is unescaped."""
    forms = [secret]
    while (form := unescape(forms[-1], pattern)) is not None:
        forms.append(form.data)
    return forms


def unescape_json(data: bytes) -> Unescaped:
    """Return the text of a JSON string, given without its quotes."""
    return unescape(data, _OF_JSON) or _unchanged(data)


def _unchanged(data: bytes) -> Unescaped:
    # A body full of escapes has a hundred thousand of them: as lists, their places would take megabytes.
    starts, ends, origins, origin_ends = (array("Q") for _ in range(4))
    return Unescaped(data=data, starts=starts, ends=ends, origins=origins, origin_ends=origin_ends)


def _character(match: re.Match[bytes]) -> bytes:
    kind, digits = match.lastgroup, match[match.lastgroup or 0]
    if kind in {"percent", "byte"}:
        return bytes([int(digits, 16)])
    if kind == "run":
        return digits[::2]
    if kind == "quoted":
        return _QUOTED.get(digits, digits)
    if kind == "entity":
        text = html5.get(f"{digits.decode()};")
        return match[0] if text is None else text.encode()
    if kind == "low":
        code = 0x10000 + ((int(match["high"], 16) - 0xD800) << 10) + int(digits, 16) - 0xDC00
    else:
        code = int(digits, 10 if kind == "decimal" else 16)
    return chr(code).encode(errors="surrogatepass") if code <= sys.maxunicode else match[0]
