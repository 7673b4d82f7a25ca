"""Find parts of secrets where somebody cut a text: at its ends, and beside quotes and ellipses."""

import re
from collections.abc import Iterable, Iterator

from assisters_verify.redaction.needles import Needle
from assisters_verify.redaction.spans import Span

# Fewer characters in a row are what servers show to tell keys apart, and stand in ordinary words.
_SHORTEST_PART = 6
# Quotes, also escaped, ellipses, and the bracket with which a reason names the place; then what is left of an escape.
_CUT = re.compile(rb"\\*[\"'`]|\xe2\x80\xa6|\.\.\.| \(|\A|\Z")
_HALF_ESCAPE = re.compile(rb"(?:%[0-9A-Fa-f]?|\\+(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?|&#?[0-9A-Za-z]{0,7}|\xe2\x80?)\Z")
_LONGEST_ESCAPE = 10


def edge_spans(data: bytes, needles: Iterable[Needle]) -> Iterator[Span]:
    """Yield what reaches up to a cut and is a part of one of these forms, however far from its beginning."""
    cuts = [match.span() for match in _CUT.finditer(data)]
    for needle in needles:
        shortest = _shortest(needle)
        grams = {needle.text[at : at + shortest] for at in range(len(needle.text) - shortest + 1)}
        for start, end in cuts:
            yield from _before(data, start, needle, grams, shortest)
            yield from _after(data, end, needle, grams, shortest)


def _shortest(needle: Needle) -> int:
    """Return how long a part of this form must be: as much of it as six characters are of the secret."""
    parts = needle.head  # of a long secret 12 bytes, of a short one all of it, in this form's digits
    return max(min(_SHORTEST_PART, len(needle.text) // 2), parts // 2)


def _before(data: bytes, cut: int, needle: Needle, grams: set[bytes], shortest: int) -> Iterator[Span]:
    half = _HALF_ESCAPE.search(data, max(0, cut - _LONGEST_ESCAPE), cut)
    end = half.start() if half else cut
    if _folded(data[max(0, end - shortest) : end], needle) not in grams:
        return
    start = end - shortest
    while start and _folded(data[start - 1 : end], needle) in needle.text:
        start -= 1
    yield Span(start, cut, f"{{{{{needle.name}}}}}")


def _after(data: bytes, cut: int, needle: Needle, grams: set[bytes], shortest: int) -> Iterator[Span]:
    if _folded(data[cut : cut + shortest], needle) not in grams:
        return
    end = cut + shortest
    while end < len(data) and _folded(data[cut : end + 1], needle) in needle.text:
        end += 1
    yield Span(cut, end, f"{{{{{needle.name}}}}}")


def _folded(data: bytes, needle: Needle) -> bytes:
    return data.lower() if needle.is_any_case else data
