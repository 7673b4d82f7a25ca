"""Make up a value for each secret, which takes its place wherever it is judged: of the same length and of its looks."""

import re
import secrets
import string
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher

from assisters_verify.redaction import SHORTEST_SECRET

# What a server says on purpose of what kind of secret it is, such as `sk-` or `whsec_`; shorter than any secret.
_PREFIX = re.compile(r"[A-Za-z]{2,6}[-_]")
_HEX_DIGITS = frozenset(string.hexdigits)
_KINDS = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
# Keys may begin alike and still be strangers, of which nothing may be shown.
_MOST_ADDED = 2
# How a key is written otherwise to see whether it counts exactly.
SPELLINGS: tuple[Callable[[str], str], ...] = (str, str.swapcase, str.lower, str.upper)


def stand_ins(values: Iterable[str]) -> dict[str, str]:
    """Return for each secret what stands for it. One that is made of an earlier one, such as a key cut
    short or in another case, is made of what stands for that in the same way."""
    found: dict[str, str] = {}
    for value in values:
        found[value] = _relative(value, found) or _draw(value)
    return found


def _relative(value: str, found: Mapping[str, str]) -> str | None:
    """Return what stands for a value that is a piece of an earlier one but for a character or two, which stay."""
    spelt = [(spell(secret), spell(stand_in)) for secret, stand_in in found.items() for spell in SPELLINGS]
    for original, other in spelt:
        if not value.replace(original, "")[_MOST_ADDED:]:
            return value.replace(original, other)
    matches = [
        (SequenceMatcher(None, original, value, autojunk=False).find_longest_match(), other)
        for original, other in spelt
    ]
    match, other = max(matches, key=lambda pair: pair[0].size, default=(None, ""))
    if match is None or match.size < max(len(value) - _MOST_ADDED, SHORTEST_SECRET // 2):
        return None
    return value[: match.b] + other[match.a : match.a + match.size] + value[match.b + match.size :]


def _draw(value: str) -> str:
    prefix = _PREFIX.match(value)
    start = prefix.end() if prefix and 2 * prefix.end() <= len(value) else 0
    letters = _alphabet(value[start:])
    while True:
        drawn = value[:start] + "".join(
            secrets.choice(letters) if character in letters else character for character in value[start:]
        )
        # Its first and last characters count as the secret too, and its looks must stay.
        is_apart = drawn[:SHORTEST_SECRET] != value[:SHORTEST_SECRET] and drawn[-SHORTEST_SECRET:] not in value
        if (is_apart and _kinds(drawn) == _kinds(value)) or not letters:
            return drawn


def _alphabet(text: str) -> str:
    """Return the letters and digits of the kinds that stand in the text; of a hexadecimal one its digits."""
    letters = {character for character in text if character.isascii() and character.isalnum()}
    if letters <= _HEX_DIGITS and (letters <= set(text.lower()) or letters <= set(text.upper())):
        return "0123456789ABCDEF" if any(character.isupper() for character in letters) else "0123456789abcdef"
    return "".join(kind for kind in _KINDS if letters & set(kind))


def _kinds(text: str) -> list[bool]:
    return [bool(set(kind) & set(text)) for kind in _KINDS]
