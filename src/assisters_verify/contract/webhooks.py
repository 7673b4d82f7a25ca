"""Create webhooks and take them back, and find their ids and secrets in the answers."""

import contextlib
import functools
import re
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.creation import ask_to_make
from assisters_verify.contract.deletion import is_route_missing
from assisters_verify.contract.fields import Field, fields_in, looks_random, random_words, without_error
from assisters_verify.contract.keys import borrow_key, settle
from assisters_verify.contract.routes import WEBHOOKS
from assisters_verify.contract.secret_watch import watch_for_secrets
from assisters_verify.contract.segments import in_path
from assisters_verify.judgement import Undecided
from assisters_verify.probe import RUN_KEY, Probe
from assisters_verify.session import Debt

COMPLETION = "chat.completion"
FAILURE = "model.failed"
# Nobody has this address (RFC 6761), so nobody is called.
NOBODYS_URL = "https://assisters-verify.invalid/events"

_ID_NAMES = ("webhookid", "hookid", "id", "uuid", "uid", "endpointid", "subscriptionid")
_GONE = frozenset({404, 405, 410, 501})
_SECRET_WORDS = ("secret", "signing", "whsec", "hmac", "sharedkey", "key", "token")
_SHORTEST_NAMED = 4
_SHORTEST_UNNAMED = 16
_MASKS = ("…", "...", "***", "•••", "xxxx", "XXXX")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(slots=True)
class _Stayed:
    """The ids of webhooks that could not be deleted, since there is no route for it, and how many showed no id."""

    ids: list[str] = field(default_factory=list)
    nameless: int = 0

    def __str__(self) -> str:
        without = [f"{self.nameless} without a known id"] if self.nameless else []
        return ", ".join([*self.ids, *without])


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The answer to a creation, and how what it made is taken back."""

    answer: Answer = field(repr=False)
    debt: Debt = field(repr=False)


async def post_webhook(probe: Probe, body: Any, *, key: str | None = RUN_KEY, **options: Any) -> Made:
    """Ask for a webhook with this body. Its debt is forgiven where nothing was made. The options are those of
    `Probe.send`."""
    stayed: _Stayed = await probe.fact("webhooks that stay", _owe_for_those_that_stay)
    watch = watch_for_secrets(probe, "webhook_secret", hidden_in)
    undo = functools.partial(_take_back, probe, key, stayed)

    def called(answer: Answer) -> str | None:
        known = webhook_id(answer)
        return None if known is None else f"the webhook {known!r}"

    answer, debt = await ask_to_make(
        probe, WEBHOOKS, body, name="a webhook", called=called, undo=undo, key=key, leave_after=watch, **options
    )
    return Made(answer=answer, debt=debt)


async def take_back(probe: Probe, made: Made) -> None:
    """Delete the webhook, if one was made and is still there."""
    await settle(probe, made.debt)


async def webhook_key(probe: Probe) -> str | None:
    """Return the key to subscribe and to complete with: one of this suite's own where it can be created.

    Where events belong to a key, they are then told of what the suite does with this key, and of nothing else.
    """
    try:
        created = await probe.fact("key for webhooks", borrow_key)
    except Undecided:
        return RUN_KEY
    return str(created.secret)


def webhook_id(answer: Answer) -> str | None:
    """Return the new webhook's id, whatever it is called, or None where the answer shows none."""
    with contextlib.suppress(NotJson):
        fields = fields_in(answer.document)
        for name in _ID_NAMES:
            for found in fields:
                if found.name == name and isinstance(found.value, str | int) and found.text.strip():
                    return found.text
    _, is_there, rest = answer.headers.get("location", "").partition(f"{WEBHOOKS}/")
    return rest.partition("?")[0].strip("/") or None if is_there else None


def secrets_in(document: Any) -> list[str]:
    """Return what may be the shared secret in the answer to a creation, likeliest first."""
    words = [found for found in fields_in(without_error(document)) if _is_word(found)]
    named = [found for found in words if len(found.text) >= _SHORTEST_NAMED and _is_named_secret(found)]
    unnamed = [found for found in words if len(found.text) >= _SHORTEST_UNNAMED and _may_be_secret(found.text)]
    return list(dict.fromkeys(found.text for found in named or unnamed))


def hidden_in(document: Any) -> list[str]:
    """Return what is to be hidden in the answer to a creation: what may be the secret, also inside of a longer text."""
    fields = [found for found in fields_in(without_error(document)) if isinstance(found.value, str)]
    inside = [word for found in fields if _is_named_secret(found) for word in random_words(found.text)]
    return list(dict.fromkeys([*secrets_in(document), *inside]))


async def _owe_for_those_that_stay(probe: Probe) -> _Stayed:
    stayed = _Stayed()

    async def tell() -> None:
        if stayed.ids:
            raise Undecided(f"there is no DELETE {WEBHOOKS}/{{id}}, so that these stay: {stayed}")
        if stayed.nameless:
            raise Undecided(f"these stay: {stayed}")

    probe.owe("webhooks", tell, is_at_target=False)
    return stayed


async def _take_back(probe: Probe, key: str | None, stayed: _Stayed, made: Answer) -> None:
    known = webhook_id(made)
    if known is None:
        stayed.nameless += 1
        return
    answer = await probe.delete(f"{WEBHOOKS}/{in_path(known)}", key=key, label="to take a webhook back")
    if answer.status in _GONE:
        if await is_route_missing(probe, answer):
            stayed.ids.append(known)
    elif not answer.is_success:
        raise Undecided(answer.describe())


def _is_named_secret(found: Field) -> bool:
    names = (found.name, *(part.lower() for part in found.parent if isinstance(part, str)))
    return found.text.startswith("whsec_") or any(word in name for name in names for word in _SECRET_WORDS)


def _may_be_secret(text: str) -> bool:
    return looks_random(text) and not _DATE.match(text)


def _is_word(found: Field) -> bool:
    value = found.value
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    is_something_else = found.name in _ID_NAMES or found.name in {"url", "object", "status", "event", "events"}
    return not is_something_else and "://" not in value and not any(mask in value for mask in _MASKS)
