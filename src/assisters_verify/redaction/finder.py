"""Find many texts in one body in a time that hardly depends on how many they are."""

import sys
from collections.abc import Iterator, Sequence

from assisters_verify.redaction.needles import Needle
from assisters_verify.redaction.spans import Span

_SHORTEST_GRAM = 4
# In UTF-8 every byte of a character but its first begins with the bits 10.
_FIRST_TWO_BITS = 0b1100_0000
_CONTINUATION = 0b1000_0000


class Finder:
    """Looks at a sample of the body first, and searches only for those forms of which the sample holds a piece.

    Every seed is at least `stride + gram - 1` bytes long, so wherever one stands, a whole gram of it is in the sample.
    """

    def __init__(self, needles: Sequence[Needle] = ()) -> None:
        self._needles: dict[tuple[int, int], Needle] = {}
        self._owners: dict[bytes, set[tuple[int, int]]] = {}
        self._shortest = sys.maxsize
        self.add(needles)

    def add(self, needles: Sequence[Needle], *, rank: int = 0) -> None:
        """Look for these forms too. Of forms at one place, those of a lower rank come first, then those added first."""
        added = {(rank, len(self._needles) + number): needle for number, needle in enumerate(needles)}
        self._needles |= added
        shortest = min((len(seed) for needle in needles for seed in needle.seeds), default=sys.maxsize)
        if shortest < self._shortest:
            self._shortest = shortest
            self._gram = max(shortest // 2, _SHORTEST_GRAM)
            self._stride = shortest - self._gram + 1
            self._owners.clear()
            added = self._needles
        for index, needle in added.items():
            for seed in needle.seeds:
                for start in range(self._stride):
                    gram = seed[start : start + self._gram].lower()
                    self._owners.setdefault(gram, set()).add(index)

    def find(self, data: bytes) -> list[Span]:
        """Return where the forms stand, whole ones first. Spans may overlap."""
        if not self._needles:
            return []
        lowered = data.lower()
        gram = self._gram
        sample = {lowered[at : at + gram] for at in range(0, len(lowered), self._stride)}
        suspects = {index for hit in self._owners.keys() & sample for index in self._owners[hit]}
        found = [
            (span.end - span.start < len(needle.text), span)
            for needle in (self._needles[index] for index in sorted(suspects))
            for span in _occurrences(needle, lowered if needle.is_any_case else data)
        ]
        return [span for _, span in sorted(found, key=lambda entry: entry[0])]


def _occurrences(needle: Needle, data: bytes) -> Iterator[Span]:
    yield from _from_head(needle, data)
    # Where a whole form was found, its tail is found once more: the two spans are joined later.
    if needle.tail:
        yield from _from_tail(needle, data)


def _from_head(needle: Needle, data: bytes) -> Iterator[Span]:
    text, head = needle.text, needle.text[: needle.head]
    start = data.find(head)
    while start >= 0:
        size = len(head)
        while size < len(text) and data[start + size : start + size + 1] == text[size : size + 1]:
            size += 1
        end = start + size
        # A part may end inside a character, of which nothing is to be left.
        while size < len(text) and _is_inside(data[end : end + 1]):
            end += 1
        yield _span(start, end, needle)
        start = data.find(head, end)


def _from_tail(needle: Needle, data: bytes) -> Iterator[Span]:
    text, tail = needle.text, needle.text[needle.tail :]
    found, end = data.find(tail), 0
    while found >= 0:
        # What the one before took is not looked through again: a secret may repeat itself without end.
        start, missing, taken, end = found, needle.tail, end, found + len(tail)
        while start > taken and missing and data[start - 1] == text[missing - 1]:
            start, missing = start - 1, missing - 1
        while start and missing and _is_inside(data[start : start + 1]):
            start -= 1
        yield _span(start, end, needle)
        found = data.find(tail, end)


def _span(start: int, end: int, needle: Needle) -> Span:
    return Span(start, end, f"{{{{{needle.name}}}}}")


def _is_inside(byte: bytes) -> bool:
    return bool(byte) and byte[0] & _FIRST_TWO_BITS == _CONTINUATION
