"""Words that nothing else says: whoever gets one in an answer must have asked for it."""

import re
from random import Random

_OWN_WORD = re.compile(r"\bword[0-9a-f]{12}\b")


def own_word(random: Random) -> str:
    """Return a word for one request."""
    return f"word{random.getrandbits(48):012x}"


def own_words_in(text: str) -> set[str]:
    """Return the words of this form in a text."""
    return set(_OWN_WORD.findall(text))
