"""Ways to harm a text."""

import html
import unicodedata

_LAST_OF_BASIC_PLANE = 0xFFFF


def lose_non_latin1(text: str) -> str:
    """Replace what Latin-1 does not have by question marks."""
    return text.encode("latin-1", "replace").decode("latin-1")


def lose_astral_signs(text: str) -> str:
    """Replace what needs more than two bytes of UTF-16 by U+FFFD."""
    return "".join("\ufffd" if ord(sign) > _LAST_OF_BASIC_PLANE else sign for sign in text)


def decompose(text: str) -> str:
    """Write accents apart from their letters."""
    return unicodedata.normalize("NFD", text)


def escape_html(text: str) -> str:
    """Write signs as HTML entities."""
    return html.escape(text)
