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
_MOST_DRAWS = 100
_ANY = string.ascii_letters + string.digits
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
    # Only of those that hold all of it but its ends a match can be long enough, and to look for one takes long.
    core = value[_MOST_ADDED:-_MOST_ADDED]
    matches = [
        (SequenceMatcher(None, original, value, autojunk=False).find_longest_match(), other)
        for original, other in spelt
        if core in original
    ]
    match, other = max(matches, key=lambda pair: pair[0].size, default=(None, ""))
    if match is None or match.size < max(len(value) - _MOST_ADDED, SHORTEST_SECRET // 2):
        return None
    return value[: match.b] + other[match.a : match.a + match.size] + value[match.b + match.size :]


def _draw(value: str) -> str:
    prefix = _PREFIX.match(value)
    start = prefix.end() if prefix and 2 * prefix.end() <= len(value) else 0
    letters = _alphabet(value[start:])
    for _ in range(_MOST_DRAWS):
        drawn = value[:start] + "".join(
            secrets.choice(letters) if character in letters else character for character in value[start:]
        )
        if _is_apart(drawn, value) and _kinds(drawn) == _kinds(value):
            return drawn
    # Nothing that has its looks is far enough from it, as where it begins or ends in nothing but marks.
    while not _is_apart(drawn := "".join(secrets.choice(_ANY) for _ in value), value):
        pass
    return drawn


def _is_apart(drawn: str, value: str) -> bool:
    """Whether no end of the value stands in what was drawn: they count as the secret too."""
    return drawn[:SHORTEST_SECRET] != value[:SHORTEST_SECRET] and drawn[-SHORTEST_SECRET:] not in value


def _alphabet(text: str) -> str:
    """Return the letters and digits of the kinds that stand in the text; of a hexadecimal one its digits."""
    found = {character for character in text if character.isascii() and character.isalnum()}
    kinds = [kind for kind in _KINDS if found & set(kind)]
    is_hex = found <= _HEX_DIGITS and (found <= set(text.lower()) or found <= set(text.upper()))
    return "".join(character for kind in kinds for character in kind if not is_hex or character in _HEX_DIGITS)


def _kinds(text: str) -> list[bool]:
    return [bool(set(kind) & set(text)) for kind in _KINDS]
