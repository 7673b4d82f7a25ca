"""Places of a body that are to be replaced."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A place in bytes and the text that replaces it, which is empty where the place continues an earlier one."""

    start: int
    end: int
    text: str


def join_overlapping(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap as one, which takes the longest one's text.

    Of equally long ones that which continues an earlier place counts, or else the first one given.
    """
    clusters: list[list[Span]] = []
    reach = 0
    for span in sorted(spans, key=lambda span: span.start):
        if clusters and span.start < reach:
            clusters[-1].append(span)
        else:
            clusters.append([span])
        reach = max(reach, span.end)
    return [_join(cluster) for cluster in clusters]


def replace_spans(data: bytes, spans: Iterable[Span]) -> bytes:
    """Return the data with each span replaced. The spans are in order and do not overlap."""
    pieces, at = [], 0
    for span in spans:
        pieces += [data[at : span.start], span.text.encode()]
        at = span.end
    return b"".join([*pieces, data[at:]])


def cut_spans(spans: Sequence[Span], ends: Sequence[int]) -> list[list[Span]]:
    """Return for each piece of a body, given by their ends, its spans counted from its own start.

    A span that goes over several pieces has its text in the first one.
    """
    cut: list[list[Span]] = []
    start, rest = 0, list(reversed(spans))
    for end in ends:
        own = []
        while rest and rest[-1].start < end:
            span = rest.pop()
            own.append(Span(span.start - start, min(span.end, end) - start, span.text))
            if span.end > end:
                rest.append(Span(end, span.end, ""))
        cut.append(own)
        start = end
    return cut


def _join(cluster: list[Span]) -> Span:
    longest = max(cluster, key=lambda span: (span.end - span.start, not span.text))
    return Span(cluster[0].start, max(span.end for span in cluster), longest.text)
