"""Find parts of secrets where somebody cut a text: at its ends, and beside quotes and ellipses."""

import re
from collections.abc import Iterable, Iterator

from assisters_verify.redaction.needles import Needle
from assisters_verify.redaction.spans import Span

# Quotes, also escaped, ellipses, and the bracket with which a reason names the place; then what is left of an escape.
_CUT = re.compile(rb"(?<!\\)\\*[\"'`]|\xe2\x80\xa6|\.\.\.| \(|\A|\Z")
_HALF_ESCAPE = re.compile(rb"(?:%[0-9A-Fa-f]?|\\+(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?|&#?[0-9A-Za-z]{0,7}|\xe2\x80?)\Z")
_LONGEST_ESCAPE = 10


class Edges:
    """Where parts of secrets may stand: for each length that matters, all parts of that length, and whose they are."""

    def __init__(self, needles: Iterable[Needle] = ()) -> None:
        self._parts: dict[tuple[int, bool], dict[bytes, list[Needle]]] = {}
        self.add(needles)

    def add(self, needles: Iterable[Needle]) -> None:
        """Look for parts of these forms too."""
        for needle in needles:
            shortest = _shortest(needle)
            parts = self._parts.setdefault((shortest, needle.is_any_case), {})
            for part in {needle.text[at : at + shortest] for at in range(len(needle.text) - shortest + 1)}:
                parts.setdefault(part, []).append(needle)

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yield what reaches up to a cut and is a part of one of these forms, however far from its beginning."""
        lowered = data.lower()
        for cut in _CUT.finditer(data):
            half = _HALF_ESCAPE.search(data, max(0, cut.start() - _LONGEST_ESCAPE), cut.start())
            end = half.start() if half else cut.start()
            for (shortest, is_any_case), parts in self._parts.items():
                text = lowered if is_any_case else data
                for needle in parts.get(text[max(0, end - shortest) : end], ()):
                    start = _reach_back(text, end - shortest, end, needle)
                    yield Span(start, cut.start(), f"{{{{{needle.name}}}}}")
                for needle in parts.get(text[cut.end() : cut.end() + shortest], ()):
                    yield Span(cut.end(), _reach_on(text, cut.end(), shortest, needle), f"{{{{{needle.name}}}}}")


def _shortest(needle: Needle) -> int:
    """Return how long a part of this form must be: as much of it as six characters are of a long secret.

    Fewer characters in a row are what servers show to tell keys apart, and stand in ordinary words.
    """
    return needle.head // 2  # its head is 12 bytes of a long secret, all of a short one, in this form's digits


def _reach_back(text: bytes, start: int, end: int, needle: Needle) -> int:
    """Return where the longest part of the form begins that ends here."""
    while start and text[start - 1 : end] in needle.text:
        start -= 1
    return start


def _reach_on(text: bytes, start: int, shortest: int, needle: Needle) -> int:
    """Return where the longest part of the form ends that begins here."""
    end = start + shortest
    while end < len(text) and text[start : end + 1] in needle.text:
        end += 1
    return end
