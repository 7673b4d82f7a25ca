"""Lay JSON out over lines without changing a sign of it: evidence keeps its numbers and its repeated names."""

import json
import re
from collections.abc import Iterable, Iterator

_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_WITHIN_A_LINE = {",": ", ", ":": ": "}
_DEEPEST = 24
_INDENT = "  "


def laid_out(text: str) -> str | None:
    """Return the JSON object or list over indented lines; None where it is neither, or nested too deeply to be read."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    pieces: list[str] = []
    depth = 0
    for piece, step in _pieces(_SIGN.findall(text)):
        depth += step
        if depth > _DEEPEST:
            return None
        pieces.append(piece.replace("\n", "\n" + _INDENT * depth) if step or piece == ",\n" else piece)
    return "".join(pieces)


def _pieces(signs: list[str]) -> Iterator[tuple[str, int]]:
    """Yield each piece of the layout with the step in depth that it makes; a bare line feed stands for a new line."""
    place = 0
    while place < len(signs):
        sign = signs[place]
        end = _end_of_flat(signs, place)
        if end > place:
            yield _joined(signs[place:end]), 0
            place = end
            continue
        place += 1
        if sign in "[{":
            yield sign + "\n", 1
        elif sign in "]}":
            yield "\n" + sign, -1
        else:
            yield {",": ",\n", ":": ": "}.get(sign, sign), 0


def _end_of_flat(signs: list[str], start: int) -> int:
    """Return the place after a list of plain values (a vector, say) or an empty object, else the start."""
    if signs[start] == "{":
        return start + 2 if signs[start + 1] == "}" else start
    if signs[start] == "[":
        for place in range(start + 1, len(signs)):
            if signs[place] in "[{":
                return start
            if signs[place] == "]":
                return place + 1
    return start


def _joined(signs: Iterable[str]) -> str:
    return "".join(_WITHIN_A_LINE.get(sign, sign) for sign in signs)
