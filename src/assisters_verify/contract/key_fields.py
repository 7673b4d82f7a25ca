"""Find a new key's id and secret in the answer to its creation, whatever they are called there."""

import re
from typing import Any

from assisters_verify.contract.fields import Field, fields_in, looks_random, random_words, without_error

_SECRET_NAMES = (
    *("secret", "apikey", "key", "token", "secretkey", "keysecret", "apikeysecret", "accesskey", "accesstoken"),
    *("apitoken", "bearertoken", "value", "keyvalue", "credential", "plaintext", "plaintextkey", "rawkey", "fullkey"),
)
_KEY_ID_NAMES = ("keyid", "apikeyid", "kid", "accesskeyid", "tokenid", "credentialid")
_ID_NAMES = ("id", "uuid", "uid", "identifier", "publicid", "key", "slug")
# `key` and `slug` are ids only beside a secret.
_ANYWHERE = _KEY_ID_NAMES + _ID_NAMES[:5]
_SHORTEST_NAMED = 4
_SHORTEST_NAMELESS = 12
_LONGEST_ID = 512
_MASKS = ("…", "...", "***", "•••", "xxxx", "XXXX")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def key_fields(document: Any, *, name: Any = None) -> list[Field]:
    """Return the answer's fields but those that repeat the key's name."""
    return [found for found in fields_in(document) if name is None or found.value != name]


def secret_candidates(fields: list[Field]) -> tuple[list[Field], list[Field]]:
    """Return what may be the secret, likeliest first: those with a known name and, where there is none, those long
    enough whose name says nothing."""
    words = [found for found in fields if _is_word(found.value)]
    named = [found for found in words if found.name in _SECRET_NAMES and len(found.text) >= _SHORTEST_NAMED]
    if named:
        return sorted(named, key=lambda found: _SECRET_NAMES.index(found.name)), []
    return [], sorted(filter(_looks_random, words), key=lambda found: found.name in _ANYWHERE)


def find_id(fields: list[Field]) -> str | None:
    """Return the new key's id: the one whose name says so, else the nearest to the secret, looking outwards."""
    named_secrets, nameless = secret_candidates(fields)
    secret = next((found for found in [*named_secrets, *nameless] if found.name not in _ANYWHERE), None)
    ids = [found for found in fields if _may_be_id(found.value) and found is not secret]
    named = _first_named(ids, _KEY_ID_NAMES)
    if named is not None:
        return named
    place = secret.parent if secret else ()
    for depth in range(len(place), -1, -1):
        near = _first_named([found for found in ids if found.parent == place[:depth]], _ID_NAMES)
        if near is not None:
            return near
    return _first_named(ids, _ANYWHERE)


def secrets_in(document: Any, *, name: Any = None) -> tuple[list[str], list[str]]:
    """Return the texts of the candidates. The id is one of them only where nothing else is; an error has none."""
    fields = key_fields(without_error(document), name=name)
    key_id = find_id(fields)
    named, nameless = (list(dict.fromkeys(found.text for found in group)) for group in secret_candidates(fields))
    is_alone = len(named) + len(nameless) == 1
    kept = [[text for text in group if text != key_id or is_alone] for group in (named, nameless)]
    return kept[0], kept[1]


def hidden_in(document: Any, *, name: Any = None) -> list[str]:
    """Return what is to be hidden in the answer to a creation: the candidates, also inside of longer texts."""
    fields = key_fields(without_error(document), name=name)
    key_id = find_id(fields)
    candidates = [text for group in secrets_in(document, name=name) for text in group]
    named = [found for found in fields if found.name in _SECRET_NAMES]
    inside = [word for found in named or ([] if candidates else fields) for word in random_words(found.text)]
    return [*candidates, *(word for word in inside if word != key_id and word not in candidates)]


def _first_named(fields: list[Field], names: tuple[str, ...]) -> str | None:
    for name in names:
        for found in fields:
            if found.name == name:
                return found.text
    return None


def _is_word(value: Any) -> bool:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    return "://" not in value and not any(mask in value for mask in _MASKS)


def _looks_random(found: Field) -> bool:
    is_long = len(found.text) >= _SHORTEST_NAMELESS
    return is_long and looks_random(found.text) and not _DATE.match(found.text)


def _may_be_id(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and len(value) <= _LONGEST_ID
    return isinstance(value, int) and not isinstance(value, bool)
