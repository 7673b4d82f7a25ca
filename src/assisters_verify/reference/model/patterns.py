"""Make a string that matches a regular expression, for the part of the language that schemas use."""

import re
from collections.abc import Callable

_CLASSES = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "s": " "}
_PRINTABLE = "".join(map(chr, range(33, 127)))
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_UNBOUNDED = 64
_GROUP_MARKS = re.compile(r"\?(?::|P?<\w+>)")
_COUNTS = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")

# Given how often an open repetition is to be taken, a node returns its text.
_Node = Callable[[int], str]


class UnknownPatternError(ValueError):
    """The pattern uses something this module cannot make, such as a look-ahead."""


def make_match(pattern: str, *, shortest: int = 0, variant: int = 0) -> str | None:
    """Return a text of at least ``shortest`` characters that matches, or nothing if none could be made."""
    try:
        parser = _Parser(pattern, variant)
        node = parser.read_alternatives()
        compiled = re.compile(pattern)
    except (UnknownPatternError, re.error):
        return None
    for repeats in range(_UNBOUNDED):
        text = node(repeats)
        if len(text) >= shortest and compiled.search(text):
            return text
    return None


class _Parser:
    def __init__(self, pattern: str, variant: int) -> None:
        self._pattern, self._at, self._variant = pattern, 0, variant

    def read_alternatives(self) -> _Node:
        choices = [self._read_sequence()]
        while self._take("|"):
            choices.append(self._read_sequence())
        return choices[self._variant % len(choices)]

    def _read_sequence(self) -> _Node:
        nodes: list[_Node] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            nodes.append(self._read_repetition(self._read_atom()))
        return lambda repeats: "".join(node(repeats) for node in nodes)

    def _read_atom(self) -> _Node:
        sign = self._pattern[self._at]
        self._at += 1
        if sign in "^$":
            return lambda _repeats: ""
        if sign == "(":
            return self._read_group()
        if sign == "[":
            return self._one_of(self._read_class())
        if sign == "\\":
            return self._read_escape()
        return (lambda _repeats: "a") if sign == "." else (lambda _repeats: sign)

    def _read_group(self) -> _Node:
        if match := _GROUP_MARKS.match(self._pattern, self._at):
            self._at = match.end()
        elif self._pattern.startswith("?", self._at):
            raise UnknownPatternError(self._pattern)
        node = self.read_alternatives()
        if not self._take(")"):
            raise UnknownPatternError(self._pattern)
        return node

    def _read_escape(self) -> _Node:
        sign = self._next()
        if sign in _CLASSES:
            return self._one_of(_CLASSES[sign])
        if sign.lower() in _CLASSES:
            excluded = _CLASSES[sign.lower()]
            return self._one_of("".join(letter for letter in _PRINTABLE if letter not in excluded))
        if sign in "bB":
            return lambda _repeats: ""
        if sign.isalnum() and sign not in _CONTROLS:
            raise UnknownPatternError(self._pattern)
        return lambda _repeats: _CONTROLS.get(sign, sign)

    def _read_class(self) -> str:
        is_negated = self._take("^")
        signs = ""
        while not self._take("]"):
            sign = self._next()
            if sign == "\\":
                escaped = self._next()
                signs += _CLASSES.get(escaped, _CONTROLS.get(escaped, escaped))
            elif self._pattern.startswith("-", self._at) and self._pattern[self._at + 1 : self._at + 2] not in {
                "]",
                "",
            }:
                self._at += 1
                signs += "".join(map(chr, range(ord(sign), min(ord(self._next()), ord(sign) + 200) + 1)))
            else:
                signs += sign
        return "".join(letter for letter in _PRINTABLE if letter not in signs) if is_negated else signs

    def _read_repetition(self, node: _Node) -> _Node:
        least, most = self._read_counts()
        self._take("?")
        if (least, most) == (1, 1):
            return node
        return lambda repeats: "".join(node(repeats) for _ in range(max(least, min(most, least + repeats))))

    def _read_counts(self) -> tuple[int, int]:
        if self._take("*"):
            return 0, _UNBOUNDED
        if self._take("+"):
            return 1, _UNBOUNDED
        if self._take("?"):
            return 0, 1
        match = _COUNTS.match(self._pattern, self._at)
        if match is None:
            return 1, 1
        self._at = match.end()
        least = int(match.group(1))
        if match.group(2) is None:
            return least, least
        return least, int(match.group(3)) if match.group(3) else least + _UNBOUNDED

    def _one_of(self, signs: str) -> _Node:
        if not signs:
            raise UnknownPatternError(self._pattern)
        return lambda _repeats: signs[self._variant % len(signs)]

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise UnknownPatternError(self._pattern)
        self._at += 1
        return self._pattern[self._at - 1]

    def _take(self, sign: str) -> bool:
        found = self._pattern.startswith(sign, self._at)
        self._at += found
        return found
