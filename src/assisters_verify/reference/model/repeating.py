# ruff: noqa: RUF001 - prompts have curly quotes
"""Find the text that a prompt asks to have repeated."""

import re

_QUOTES = (('"""', '"""'), ("```", "```"), ("<<<", ">>>"), ('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ("‘", "’"),
           ("`", "`"))  # fmt: skip
_TAGGED = re.compile(r"^<(\w+)>(.*)</\1>$", re.DOTALL)
_RULED = re.compile(r"^-{3,}\n(.*)\n-{3,}$", re.DOTALL)

_POLITE = r"^\s*(?:(?:please|now|can you|could you|would you|i want you to|your task is to)[, ]+)*"
_VERB = r"(?:repeat|echo|copy|say|write|output|print|return|type|reply|respond|answer|spell|quote)\b"
# "Repeat the following text exactly, and nothing else:" and its kin, up to the colon.
_WITH_COLON = re.compile(rf"{_POLITE}({_VERB}[^:\n]{{0,160}}):[ \t]*\n?(.+)$", re.IGNORECASE | re.DOTALL)
_PLAIN_VERB = re.compile(r"^(?:repeat|echo|copy|say|quote)", re.IGNORECASE)
_EXACTLY = re.compile(
    r"exact|verbatim|precisely|literally|following (?:text|sentence|string|words?|line|message)|nothing else|only|just|"
    r"single word|this (?:text|sentence|string|word|line)|word for word|as it is|unchanged",
    re.IGNORECASE,
)
# 'Say "hello" and nothing else.'
_WITH_QUOTE = re.compile(rf"{_POLITE}{_VERB}[^\"“«`\n]{{0,120}}([\"“«`])(.+?)[\"”»`]", re.IGNORECASE | re.DOTALL)
# "Reply with the single word PONG." and "Say only OK"
_WITH_WORD = re.compile(
    rf"{_POLITE}{_VERB}(?:\s+back)?(?:\s+with)?[^.\n]{{0,60}}?\b"
    r"(?:only|just|exactly|the (?:single )?(?:word|token|code))\s+"
    r"(?:the\s+)?(?:(?:single|one|exact)\s+)?(?:word\s+|token\s+|code\s+)?(\S+?)[.!]?"
    r"(?:\s+(?:and nothing else|only)[.!]?)?\s*$",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    r"^(.+?)\n\s*\n?(?:please )?(?:repeat|copy|echo)\b[^\n]*\b(?:above|before)\b[^\n]*$", re.IGNORECASE | re.DOTALL
)


def find_repeated_text(prompt: str) -> str | None:
    """Return the text the prompt wants back, or nothing if it asks for something else."""
    if match := _WITH_COLON.match(prompt):
        head, text = match.groups()
        if _PLAIN_VERB.match(head) or _EXACTLY.search(head):
            return unwrap(text.strip())
    if match := _WITH_QUOTE.match(prompt):
        return match.group(2)
    if match := _WITH_WORD.match(prompt):
        return unwrap(match.group(1))
    if match := _ABOVE.match(prompt):
        return unwrap(match.group(1).strip())
    return None


def unwrap(text: str) -> str:
    """Take off one pair of quotes, tags or rules that holds the whole text."""
    for opening, closing in _QUOTES:
        inner = text[len(opening) : -len(closing)]
        is_wrapped = text.startswith(opening) and text.endswith(closing)
        if is_wrapped and inner and opening not in inner and closing not in inner:
            return inner.strip("\n") if len(opening) > 1 else inner
    for pattern in (_TAGGED, _RULED):
        if match := pattern.match(text):
            return match.group(match.lastindex or 0).strip("\n")
    return text
