"""Say what is wrong with a setting and what to do about it, without ever showing what might be a secret."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_MOST_SHOWN = 3
# Where pydantic speaks of Python's types.
_WORDS = {"model_type": "should be settings with values", "tuple_type": "should be a list"}
# Keys of an API hold digits, capitals or hyphens; the names of settings hold none.
_HARMLESS_NAME = re.compile(r"[a-z_]{1,32}")


class SettingsError(Exception):
    """The run cannot start as it was told to. The message is one line: the cause, then the remedy."""


def unknown_word(word: str, choices: Iterable[str]) -> str:
    """Return the word with the nearest of the choices, or with all of them where none is near."""
    known = {choice.lower(): choice for choice in choices}
    near = get_close_matches(word.lower(), known, n=1)
    if near:
        return f"`{word}` (the nearest is `{known[near[0]]}`)"
    shown = f"`{word}`" if _HARMLESS_NAME.fullmatch(word) else "of a name that is not shown here"
    return f"{shown} (known: {', '.join(known.values())})"


def describe_problems(error: ValidationError, known_names: dict[str, tuple[str, ...]]) -> str:
    """Return what the model found, as part of a line. `known_names` are the names of settings by dotted place."""
    problems = [_describe(problem, known_names) for problem in error.errors(include_url=False, include_input=False)]
    more = len(problems) - _MOST_SHOWN
    return "; ".join(problems[:_MOST_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _describe(problem: ErrorDetails, known_names: dict[str, tuple[str, ...]]) -> str:
    *above, name = (str(part) for part in problem["loc"]) if problem["loc"] else ("",)
    place = ".".join(above)
    if problem["type"] == "extra_forbidden":
        within = f" in `{place}`" if place else ""
        return f"there is no setting {unknown_word(name, known_names.get(place, ()))}{within}"
    if problem["type"] == "invalid_key":
        return "the name of a setting is no text"
    message = _WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"`{'.'.join((*above, name))}` {message}"
