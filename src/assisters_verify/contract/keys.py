"""Create and delete API keys, and find a new key's id and secret, whatever the answer calls them."""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import expect_success
from assisters_verify.contract.fields import Field, fields_in
from assisters_verify.contract.models import MODELS
from assisters_verify.contract.routes import KEYS, is_missing
from assisters_verify.judgement import Broken, Judgement, NotThere, Undecided
from assisters_verify.probe import RUN_KEY, Probe
from assisters_verify.session import Debt

NAME: Final = "assisters-verify"
_SECRET_NAMES = (
    *("secret", "apikey", "key", "token", "secretkey", "keysecret", "apikeysecret", "accesskey", "accesstoken"),
    *("apitoken", "bearertoken", "value", "keyvalue", "credential", "plaintext", "plaintextkey", "rawkey", "fullkey"),
)
_KEY_ID_NAMES = ("keyid", "apikeyid", "kid", "accesskeyid", "tokenid", "credentialid")
_ID_NAMES = ("id", "uuid", "uid", "identifier", "publicid", "key", "slug")
_SHORTEST_SECRET = 8
_MOST_TRIES = 6
_MASKS = ("…", "...", "***", "•••", "xxxx", "XXXX")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedKey:
    """A key that the run made. `debt` takes it back when the run ends, unless it is deleted before."""

    id: str
    secret: str = field(repr=False)
    answer: Answer = field(repr=False)
    debt: Debt = field(repr=False)

    @property
    def path(self) -> str:
        """The path to delete the key at."""
        return path_of_key(self.id)


def path_of_key(key_id: str) -> str:
    """Return the path to delete this id at."""
    return f"{KEYS}/{quote(key_id, safe='')}"


async def create_key(probe: Probe, name: str = NAME) -> CreatedKey:
    """Create a key that the session takes back, and return it.

    Raises NotThere where the target has no such route, Broken where it refuses or the answer shows no id or no secret,
    and Undecided as every request does.
    """
    answer = await probe.post(KEYS, {"name": name})
    if is_missing(answer):
        raise NotThere(f"POST {KEYS} is not there: {answer.describe()}", answer=answer)
    expect_success(answer)
    return await adopt_key(probe, answer, name=name)


async def adopt_key(probe: Probe, answer: Answer, *, name: str) -> CreatedKey:
    """Return the key that this answer to a creation shows, owing its deletion from now on. Raises Broken."""
    found = [field_ for field_ in fields_in(answer.document) if field_.value != name]
    candidates = secret_candidates(found)
    key_id = find_id(found, candidates[0] if candidates else None) or _id_in_location(answer)
    texts = list(dict.fromkeys(field_.text for field_ in candidates))
    secrets = [text for text in texts if text != key_id] or texts
    for number, text in enumerate(secrets):
        # All of them, since one that is tried and lets nobody in may be a secret too.
        probe.keep_secret(f"created_key_{answer.exchange}_{number}", text)
    debt = _owe_deletion(probe, key_id, name)
    if key_id is None:
        raise Broken(expected="the id of the new key", received=_named_fields(found), answer=answer)
    secret = await _choose_secret(probe, secrets)
    if secret is None:
        raise Broken(expected="the secret of the new key, whole", received=_named_fields(found), answer=answer)
    return CreatedKey(id=key_id, secret=secret, answer=answer, debt=debt)


async def borrow_key(probe: Probe, name: str = NAME) -> CreatedKey:
    """Create a key for a check of another area: whatever goes wrong is for the area `keys` to judge, so that here it is
    Undecided."""
    try:
        return await create_key(probe, name)
    except Undecided:
        raise
    except Judgement as problem:
        raise Undecided(f"no second key could be created: {problem.reason}", answer=problem.answer) from problem


async def delete_key(probe: Probe, created: CreatedKey) -> Answer:
    """Delete a key and forget its debt. Raises Broken where it is not deleted."""
    answer = await probe.delete(created.path)
    if not answer.is_success:
        raise Broken(expected="2xx for a key that is there", received=answer.describe(), answer=answer)
    probe.forgive(created.debt)
    return answer


def secret_candidates(found: list[Field]) -> list[Field]:
    """Return what may be the secret, likeliest first: known names, then, where none is there, any word long enough."""
    texts = [field_ for field_ in found if isinstance(field_.value, str) and _may_be_secret(field_.value)]
    known = [field_ for field_ in texts if field_.name in _SECRET_NAMES]
    if known:
        return sorted(known, key=lambda field_: _SECRET_NAMES.index(field_.name))
    return [field_ for field_ in texts if field_.name not in _ID_NAMES] + [
        field_ for field_ in texts if field_.name in _ID_NAMES
    ]


def find_id(found: list[Field], secret: Field | None) -> str | None:
    """Return the new key's id: by a name that says so, else the nearest id to the secret, looking outwards."""
    ids = [field_ for field_ in found if _may_be_id(field_.value) and field_ is not secret]
    for name in _KEY_ID_NAMES:
        for field_ in ids:
            if field_.name == name:
                return field_.text
    parent = secret.parent if secret else ()
    for depth in range(len(parent), -1, -1):
        for name in _ID_NAMES:
            for field_ in ids:
                if field_.name == name and field_.parent == parent[:depth]:
                    return field_.text
    anywhere = [field_ for field_ in ids if field_.name in _ID_NAMES[:-2]]
    return anywhere[0].text if anywhere else None


async def _choose_secret(probe: Probe, secrets: list[str]) -> str | None:
    """Return the only candidate, or the first that lets anybody in; where none does, the likeliest."""
    if len(secrets) > 1:
        for text in secrets[:_MOST_TRIES]:
            answer = await probe.get(MODELS, key=text, label="to find out which field is the secret")
            if answer.status not in _REFUSED:
                return text
    return secrets[0] if secrets else None


def _owe_deletion(probe: Probe, key_id: str | None, name: str) -> Debt:
    async def undo() -> None:
        if key_id is None:
            raise Undecided("the answer to its creation shows no id to delete it by")
        answer = await probe.delete(path_of_key(key_id), key=RUN_KEY)
        if not answer.is_success and answer.status != _NOT_FOUND:
            raise Undecided(answer.describe())

    return probe.owe(f"the key {key_id or name}", undo)


def _may_be_secret(text: str) -> bool:
    is_word = text.isascii() and text.isprintable() and " " not in text and len(text) >= _SHORTEST_SECRET
    is_other = "://" in text or _DATE.match(text) or any(mask in text for mask in _MASKS)
    return is_word and not is_other


def _may_be_id(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and len(value) <= 512  # noqa: PLR2004 - no path takes more
    return isinstance(value, int) and not isinstance(value, bool)


def _id_in_location(answer: Answer) -> str | None:
    _, found, last = answer.headers.get("location", "").partition(f"{KEYS}/")
    return last.partition("?")[0].strip("/") or None if found else None


def _named_fields(found: list[Field]) -> str:
    """Return the names of what came, without values: one of them may be a secret that was not recognised."""
    names = [".".join([*map(str, field_.parent), field_.shown]) for field_ in found]
    return f"the fields {', '.join(names)[:200]}" if names else "no fields"
