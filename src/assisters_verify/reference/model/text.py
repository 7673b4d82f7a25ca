"""Cut text into tokens, count them, and tell which script it is written in."""

import re
import unicodedata

# A token is at most twelve letters with the space before them, or one sign of a script without spaces: so an
# answer never has more words than tokens, and a bound on tokens bounds the words.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"\s*(?:[{_UNSPACED}]|[^\s{_UNSPACED}]{{1,12}})")

SCRIPTS = ("CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "THAI", "HANGUL", "HIRAGANA", "KATAKANA", "CJK")


def split_tokens(text: str) -> list[str]:
    """Return the tokens; joined they are the text."""
    tokens = _TOKEN.findall(text)
    rest = text[sum(map(len, tokens)) :]
    if not rest:
        return tokens
    return [*tokens[:-1], tokens[-1] + rest] if tokens else [rest]


def count_tokens(text: str) -> int:
    """Return how many tokens the text has."""
    return len(_TOKEN.findall(text))


def cut_tokens(text: str, limit: int | None) -> tuple[str, bool]:
    """Return at most ``limit`` tokens of the text, and whether that cut something off."""
    if limit is None or len(text) <= limit:
        return text, False
    tokens = split_tokens(text)
    return ("".join(tokens[:limit]), True) if len(tokens) > limit else (text, False)


def find_script(text: str) -> str:
    """Return the script most letters of the text belong to; LATIN where no other prevails."""
    if text.isascii():
        return "LATIN"
    counts: dict[str, int] = {}
    for letter in filter(str.isalpha, text[:2000]):
        script = unicodedata.name(letter, "").split(" ", 1)[0]
        counts[script] = counts.get(script, 0) + 1
    script = max(counts, key=lambda name: counts[name], default="LATIN")
    if script in {"HIRAGANA", "KATAKANA"} or (script == "CJK" and counts.get("HIRAGANA")):
        return "JAPANESE"
    return script if script in SCRIPTS else "LATIN"
