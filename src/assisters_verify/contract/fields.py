"""Walk through a JSON document of unknown shape: every plain value with its name and its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DEEPEST = 12
_MOST = 20_000
_LONG_WORD = re.compile(r"[A-Za-z0-9_+/=~-]{12,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A plain value. `name` is in lower case, without `_`, `-` and spaces; `shown` is the name as it came, and `parent`
    the names and numbers on the way there."""

    name: str
    shown: str
    parent: tuple[str | int, ...]
    value: Any

    @property
    def text(self) -> str:
        """The value as text."""
        return self.value if isinstance(self.value, str) else str(self.value)


def fields_in(document: Any) -> list[Field]:
    """Return the plain values of a document that have a name, outermost first."""
    fields = []
    for number, found in enumerate(_walk(document, (), "")):
        if number == _MOST:
            break
        fields.append(found)
    return sorted(fields, key=lambda found: len(found.parent))


def without_error(document: Any) -> Any:
    """Return a document but what stands under `error`: a refusal's own words are nobody's secret."""
    return (
        {name: part for name, part in document.items() if name != "error"} if isinstance(document, dict) else document
    )


def looks_random(text: str) -> bool:
    """Tell whether a word may be a secret by its looks: words that people made up, such as an error's type, have no
    digits."""
    return any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)


def random_words(text: str) -> list[str]:
    """Return the words in a text that may be secrets by their looks, whatever stands around them."""
    return [word for word in _LONG_WORD.findall(text) if looks_random(word)]


def plain_name(name: str) -> str:
    """Return a name as it reads whatever the convention: `key_id`, `keyId` and `Key-ID` are `keyid`."""
    return "".join(character for character in name.lower() if character not in "_- .")


def _walk(value: Any, parent: tuple[str | int, ...], name: str) -> Iterator[Field]:
    if len(parent) > _DEEPEST:
        return
    if isinstance(value, dict):
        inside = (*parent, name) if name else parent
        for key, part in value.items():
            yield from _walk(part, inside, key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _walk(part, (*parent, name, number) if name else (*parent, number), "")
    elif name:
        yield Field(name=plain_name(name), shown=name, parent=parent, value=value)
