"""Make text that a target wrote harmless wherever it is shown: terminals, logs, Markdown, XML and HTML."""

import re

# What could act or deceive when shown: control characters (tab and line feed aside), soft hyphen and zero-width
# characters, bidirectional controls (also U+061C), line and paragraph separators, byte order mark, interlinear marks,
# lone surrogates, the two noncharacters that XML forbids, and the invisible tag characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]",
)
_BREAKS = re.compile("[\t\n]")
_BACKTICKS = re.compile("`+")
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"([\\`*_\[\]<>&~|@#]|:(?=\S))")
# GitHub reads `::name::` at the start of a line (after spaces) as a command, and `##[name]` anywhere in it; Azure
# Pipelines does so with `##vso[`, TeamCity with `##teamcity[`.
_COMMAND_AT_START = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_COMMAND_ANYWHERE = re.compile(r"#(?=#(?:\[|vso\[|teamcity\[))", re.IGNORECASE)


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, and say how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def visible(text: str) -> str:
    r"""Return the text with every character that acts or hides written out, as in \x1b; line breaks and tabs stay."""
    return _UNSEEN.sub(_written_out, text)


def visible_line(text: str, limit: int = 300) -> str:
    r"""Return the text as one line of at most about `limit` characters: breaks and tabs too are written out."""
    return _BREAKS.sub(_written_out, visible(clip(text, limit)))


def defuse(text: str) -> str:
    """Return whole lines in which no CI system finds a command: to be used last, on what is about to be printed."""
    return _COMMAND_ANYWHERE.sub(r"\\x23", _COMMAND_AT_START.sub(r"\1\\x3a", text))


def is_plain(text: str) -> bool:
    """Tell whether the text is one line in which nothing acts or hides."""
    return _UNSEEN.search(text) is None and _BREAKS.search(text) is None


def prose(text: str) -> str:
    """Return the text as Markdown within a line or a cell of a table, where nothing in it is markup."""
    return _MARKUP.sub(r"\\\1", _SPACE.sub(" ", visible(text)))


def code_span(text: str, limit: int = 300) -> str:
    """Return the text as Markdown code within a line, where nothing in it is markup."""
    line = visible_line(text, limit).strip() or " "
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def code_block(text: str, *, language: str = "text", limit: int = 4000) -> str:
    """Return the text as a fenced Markdown block, where nothing in it is markup."""
    shown = visible(clip(text, limit))
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _written_out(found: re.Match[str]) -> str:
    character = found.group()
    short = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(character)
    if short:
        return short
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
