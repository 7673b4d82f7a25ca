"""Words that nothing else says: whoever gets one in an answer must have asked for it.

A word ends with a sum of its beginning, so that one that a model has misspelt is not taken for somebody else's.
"""

import re
from random import Random
from zlib import crc32

_OWN_WORD = re.compile(r"\bword([0-9a-f]{8})([0-9a-f]{4})\b")


def own_word(random: Random) -> str:
    """Return a word for one request."""
    return write_own_word(random).decode()


def write_own_word(random: Random) -> bytes:
    """Return such a word as it goes over the wire."""
    start = b"%08x" % random.getrandbits(32)
    return b"word%b%04x" % (start, crc32(start) & 0xFFFF)


def own_words_in(text: str) -> set[str]:
    """Return the words of this form in a text."""
    return {match[0] for match in _OWN_WORD.finditer(text) if match[2] == _sum(match[1])}


def _sum(start: str) -> str:
    return f"{crc32(start.encode()) & 0xFFFF:04x}"
