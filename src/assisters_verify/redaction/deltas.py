"""Find secrets that an event stream tells piece by piece, each piece in an event of its own."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import orjson

from assisters_verify.redaction.escapes import Unescaped, unescape_json
from assisters_verify.redaction.spans import Span

Find = Callable[[bytes], list[Span]]
# Where a text begins in the body, and what it says.
Piece = tuple[int, Unescaped]

_NO_JSON = "no JSON"
_LOOKED_AT_BYTES = 64 * 1024
# It also matches the nothing at the end of a body, which ends an unfinished event like a blank line.
_LINE = re.compile(rb"(?P<line>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_INDEX = re.compile(r"\[-?\d+\]")
_DATA = re.compile(rb"(?:\xef\xbb\xbf)?data(?:: ?|$)")
# A string that a colon follows is a name; every other one is a value.
_JSON_STRING = re.compile(rb'"(?P<text>(?:[^"\\]|\\.)*+)"(?P<colon>\s*:)?')


def holds_events(body: bytes) -> bool:
    """Tell whether a body looks like an event stream, whatever was asked for and whatever it calls itself."""
    return body.startswith(b"data:") or b"\ndata:" in body[:_LOOKED_AT_BYTES]


def delta_spans(body: bytes, find: Find) -> list[Span]:
    """Return what `find` finds in the texts that grow at one place of the events' JSON, as places of the body."""
    texts: dict[str, list[str]] = {}
    for event in _events(body):
        for place, text in _leaves(body, event):
            texts.setdefault(place, []).append(text)
    anywhere = Counter(_anywhere(place) for place in texts)
    wider = {name for name, count in anywhere.items() if count > 1}
    if wider:
        for event in _events(body):
            for place, text in _leaves(body, event):
                if (name := _anywhere(place)) in wider:
                    texts.setdefault(name, []).append(text)
    # What is no JSON may stand in several lines of one event.
    several = {place: pieces for place, pieces in texts.items() if len(pieces) > 1 or "\n" in pieces[0]}
    places = [place for place, pieces in several.items() if find("".join(pieces).encode())]
    spans = [span for place in places for span in _locate(list(_pieces(body, place)), find)]
    is_broken = any('"' in text for text in texts.get(_NO_JSON, ()))
    return [*spans, *_loose_spans(body, find)] if is_broken else spans


def _loose_spans(body: bytes, find: Find) -> list[Span]:
    """Return what `find` finds in the texts that grow under one name, where some events are not quite JSON, as with
    half a surrogate pair or a byte that is no UTF-8: whoever shows them reads them all the same."""
    pieces: dict[bytes, list[Piece]] = {}
    for event in _events(body):
        for start, end in event:
            name = b""
            for match in _JSON_STRING.finditer(body, start, end):
                if match["colon"] is not None:
                    name = match["text"]
                else:
                    pieces.setdefault(name, []).append((match.start("text"), unescape_json(match["text"])))
    return [span for some in pieces.values() if len(some) > 1 for span in _locate(some, find)]


def _anywhere(place: str) -> str:
    """Return the place in whichever choice, tool call or item: who wants to show a secret may change that each time."""
    return _INDEX.sub("[]", place)


def _events(body: bytes) -> Iterator[list[tuple[int, int]]]:
    """Yield for each event where the values of its data lines stand."""
    values: list[tuple[int, int]] = []
    for line in _LINE.finditer(body):
        start, end = line.span("line")
        if start == end:
            if values:
                yield values
            values = []
        elif data := _DATA.match(body, start, end):
            values.append((data.end(), end))


def _leaves(body: bytes, event: list[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """Yield each string in an event's JSON, in the order of the text, with the place where it stands."""
    data = b"\n".join(body[start:end] for start, end in event)
    try:
        rest = [("", orjson.loads(data))]
    except orjson.JSONDecodeError:
        yield _NO_JSON, data.decode(errors="replace")
        return
    while rest:
        place, value = rest.pop()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            rest += [(f"{place}.{name}", part) for name, part in reversed(value.items())]
        elif isinstance(value, list):
            rest += [(f"{place}[{_number(part, at)}]", part) for at, part in reversed(list(enumerate(value)))]


def _number(part: Any, at: int) -> int:
    """Choices and tool calls of a stream bear their number, as an event need not have all of them."""
    number = part.get("index") if isinstance(part, dict) else None
    return number if isinstance(number, int) else at


def _locate(pieces: list[Piece], find: Find) -> list[Span]:
    ends = list(accumulate(len(piece.data) for _, piece in pieces))
    joined = b"".join(piece.data for _, piece in pieces)
    return [part for span in dict.fromkeys(find(joined)) for part in _parts(span, pieces, ends)]


def _pieces(body: bytes, wanted: str) -> Iterator[Piece]:
    """Yield the strings at one place of the events."""
    for event in _events(body):
        places = [place for place, _ in _leaves(body, event)]
        if places == [_NO_JSON]:
            places, strings = [_NO_JSON] * len(event), event
        else:
            strings = [span for start, end in event for span in _string_values(body, start, end)]
        # They differ in number where an object has one name twice: such an event is left as it is.
        if len(places) == len(strings):
            for place, (start, end) in zip(places, strings, strict=True):
                if wanted in {place, _anywhere(place)}:
                    yield start, unescape_json(body[start:end])


def _string_values(body: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    return (match.span("text") for match in _JSON_STRING.finditer(body, start, end) if match["colon"] is None)


def _parts(span: Span, pieces: list[Piece], ends: list[int]) -> Iterator[Span]:
    first, last = bisect_right(ends, span.start), bisect_left(ends, span.end)
    text = span.text
    for number in range(first, last + 1):
        offset, piece = pieces[number]
        at = ends[number] - len(piece.data)
        start, end = max(span.start - at, 0), min(span.end - at, len(piece.data))
        if start < end:
            origin, origin_end = piece.origin(start, end)
            yield Span(offset + origin, offset + origin_end, text)
            text = ""
