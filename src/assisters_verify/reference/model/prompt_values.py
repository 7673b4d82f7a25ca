# ruff: noqa: RUF001 - prompts have curly quotes
"""Find values in a prompt that an argument of a given name could take."""

import re

_QUOTED = re.compile(r"[\"“«`]([^\"”»`]+)[\"”»`]|(?<!\w)'([^']+)'(?!\w)")
# A name: capitalised words, but not the one that only begins the sentence.
_NAME = re.compile(
    r"(?<![.!?]\s)(?<!^)\b([A-ZÀ-ÖØ-ÞА-Я][\w’'-]*(?:[ -](?:(?:de|da|do|del|la|le|of|the)\s)?[A-ZÀ-ÖØ-ÞА-Я][\w’'-]*)*)"
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_AFTER_PLACE_WORD = re.compile(r"\b(?:in|at|for|near|to|from|of)\s+([A-ZÀ-ÖØ-ÞА-Я\u3040-\u9fff][^?!.,;]*)")
_PLACE_NAMES = ("location", "city", "place", "town", "country", "address", "destination", "where", "region")
_FREE_TEXT_NAMES = ("query", "q", "question", "prompt", "text", "input", "message", "content", "body", "description",
                    "search", "keywords", "topic", "subject")  # fmt: skip
_ASKING = re.compile(r"^\s*(?:please\s+)?(?:search(?: the web)?(?: for)?|look up|find|google)\s+", re.IGNORECASE)
_CODE_BLOCK = re.compile(r"```(?:python|py)?\n(.*?)```", re.DOTALL)


def find_texts(prompt: str, name: str) -> list[str]:
    """Return texts in the prompt that the named argument could take, the likeliest first."""
    words = split_name(name)
    quoted = [first or second for first, second in _QUOTED.findall(prompt)]
    found = _find_labelled(prompt, words)
    if "code" in words:
        return [*_CODE_BLOCK.findall(prompt), *quoted, f"print({prompt!r})"]
    if any(word in _FREE_TEXT_NAMES for word in words):
        return [*found, *quoted, _ASKING.sub("", prompt).strip() or prompt]
    names = find_names(prompt)
    if any(word in _PLACE_NAMES for word in words):
        places = [match.strip() for match in _AFTER_PLACE_WORD.findall(prompt)]
        return [*found, *[name for name in names if any(name in place for place in places)], *quoted, *names, *places]
    return [*found, *quoted, *names]


def find_names(prompt: str) -> list[str]:
    """Return the proper names of the prompt, in order."""
    return [match.strip() for match in _NAME.findall(prompt)]


def find_numbers(prompt: str, name: str) -> list[float]:
    """Return the numbers of the prompt, those beside the argument's name first."""
    labelled = [text for text in _find_labelled(prompt, split_name(name)) if _NUMBER.fullmatch(text)]
    return [float(text) for text in [*labelled, *_NUMBER.findall(prompt)]]


def split_name(name: str) -> list[str]:
    """Return the words of ``snake_case``, ``kebab-case`` or ``camelCase``, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.split(r"[\s_.-]+", spaced) if word]


def _find_labelled(prompt: str, words: list[str]) -> list[str]:
    """Return what follows the argument's own name: ``title "Sea"``, ``priority: high``, ``quantity of 3``."""
    if not words:
        return []
    label = r"[\s_-]+".join(map(re.escape, words))
    pattern = rf"\b{label}\b\s*(?:is|of|to|as|named|called|[:=])\s*(?:[\"“']([^\"”']+)[\"”']|(-?[\w@.+:/-]*\w))"
    return [first or second for first, second in re.findall(pattern, prompt, re.IGNORECASE)]
