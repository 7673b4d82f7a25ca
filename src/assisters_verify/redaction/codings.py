"""See through codings of whole runs, and through what a text was taken apart by; remember where everything stood."""

import binascii
import re
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol

# What stands between the texts of a list; and a space, also one without width.
_GAPS = re.compile(rb"\\{0,4}[\"']\s{0,40},\s{0,40}\\{0,4}[\"']|\s+|\xe2\x80[\x8b-\x8f]|\xc2[\xa0\xad]|\xef\xbb\xbf")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
# Two digits for each byte, however they are set apart.
_HEX = re.compile(rb"(?<![0-9A-Fa-f.])(?:(?:\\x|0x|=|%)?[0-9A-Fa-f]{2}(?:, ?|[ :_-])?){8,}+")
_HEX_PAIR = re.compile(rb"(?:\\x|0x|=|%)?([0-9A-Fa-f]{2})")
_NUMBERS = re.compile(rb"(?<![0-9.])[0-9]{2,3}(?:\s?[,; ]\s?[0-9]{2,3}){7,}+")
_NUMBER = re.compile(rb"[0-9]{2,3}")
_STANDARD = bytes.maketrans(b"-_", b"+/")
# A longer one is no secret with something around it; to decode megabytes of one letter over and over takes minutes.
_LONGEST_RUN = 4_096
_DIGITS = 4
_PRINTABLE = bytes([0, 9, 10, 13, *range(32, 127)])
_LARGEST_BYTE = 255
# Of what stands for bytes that are no text, so much is left: what decodes to more is no text, but a text by chance.
_MOST_ODD = 10


Place = Callable[[int, int], tuple[int, int]]


class View(Protocol):
    """Another reading of a text."""

    @property
    def data(self) -> bytes:
        """What it reads as."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where the bytes from `start` to `end`, at least one, stood before."""


class Stripped:
    """A text without its gaps, as `data`. Where everything stood is worked out when somebody asks."""

    def __init__(self, whole: bytes) -> None:
        self.data = _GAPS.sub(b"", whole)
        self._whole = whole
        self._gaps: tuple[list[int], list[int]] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where the bytes from `start` to `end`, at least one, stood before."""
        return self._before(start), self._before(end - 1) + 1

    def _before(self, at: int) -> int:
        self._gaps = self._gaps or self._find_gaps()
        places, taken = self._gaps
        return at + taken[bisect_right(places, at) - 1]

    def _find_gaps(self) -> tuple[list[int], list[int]]:
        """Return where in what is left something was taken out, and how much was taken out until there."""
        places, taken, total = [-1], [0], 0
        for match in _GAPS.finditer(self._whole):
            places.append(match.start() - total)
            total += match.end() - match.start()
            taken.append(total)
        return places, taken


@dataclass
class Decoded:
    """Texts that stood coded in another one, each on a line of its own, and where the digits of their bytes stood."""

    _texts: list[bytes] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _size: int = 0

    @property
    def data(self) -> bytes:
        """All texts."""
        return b"\n".join(self._texts)

    def add(self, text: bytes, place: Place) -> None:
        """Add a text, if it is one, and what tells where its bytes from one to another stood."""
        if len(text.translate(None, _PRINTABLE)) * _MOST_ODD <= len(text):
            self._starts.append(self._size)
            self._places.append(place)
            self._texts.append(text)
            self._size += len(text) + 1

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where the bytes from `start` to `end`, at least one, stood before."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        if first == last:
            return self._place(first, start, end)
        # Whoever strips this of its lines finds what goes over several texts, whose places may stand in any order.
        ends = (*self._place(first, start, start + 1), *self._place(last, end - 1, end))
        return min(ends), max(ends)

    def _place(self, index: int, start: int, end: int) -> tuple[int, int]:
        at, size = self._starts[index], len(self._texts[index])
        return self._places[index](min(start - at, size - 1), min(end - at, size))


def views(data: bytes) -> Iterator[View]:
    """Yield the other readings of a text that there are."""
    stripped = Stripped(data)
    if len(stripped.data) < len(data):
        yield stripped
    decoded = Decoded()
    for pattern, read in _READERS:
        for match in pattern.finditer(data):
            if match.end() - match.start() <= _LONGEST_RUN:
                read(match, decoded)
    if decoded.data:
        yield decoded


def _read_base64(match: re.Match[bytes], decoded: Decoded) -> None:
    run = match[0].translate(_STANDARD)
    # A text may have begun anywhere in the run, as behind a slash.
    for skipped in range(_DIGITS):
        digits = run[skipped : len(run) - (len(run) - skipped) % _DIGITS]
        rest = run[len(digits) + skipped :]
        decoded.add(b64decode(digits) + _rest(rest), partial(_place_of_digits, match.start() + skipped))


def _place_of_digits(first: int, start: int, end: int) -> tuple[int, int]:
    """Return where the digits stand that hold nothing but these bytes."""
    return first - (-8 * start // 6), first + 8 * end // 6


def _place_of_matches(pattern: re.Pattern[bytes], run: re.Match[bytes], start: int, end: int) -> tuple[int, int]:
    """Return where what the pattern matches in the run stands, from one match to another."""
    matches = list(islice(pattern.finditer(run.string, *run.span()), end))
    return matches[start].start(), matches[end - 1].end()


def _rest(digits: bytes) -> bytes:
    """Return the whole bytes in fewer than four digits."""
    return b64decode(digits + b"=" * (_DIGITS - len(digits))) if len(digits) > 1 else b""


def _read_hex(match: re.Match[bytes], decoded: Decoded) -> None:
    text = binascii.unhexlify(b"".join(_HEX_PAIR.findall(match[0])))
    decoded.add(text, partial(_place_of_matches, _HEX_PAIR, match))


def _read_numbers(match: re.Match[bytes], decoded: Decoded) -> None:
    values = [int(number) for number in _NUMBER.findall(match[0])]
    if max(values) <= _LARGEST_BYTE:
        decoded.add(bytes(values), partial(_place_of_matches, _NUMBER, match))


_READERS: tuple[tuple[re.Pattern[bytes], Callable[[re.Match[bytes], Decoded], None]], ...] = (
    (_BASE64, _read_base64),
    (_HEX, _read_hex),
    (_NUMBERS, _read_numbers),
)
