"""Create and delete API keys; whatever is created is taken back, also after a failure or an interruption."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.completions import expect_success
from assisters_verify.contract.creation import ask_to_make
from assisters_verify.contract.deletion import expect_deleted
from assisters_verify.contract.key_fields import find_id, hidden_in, key_fields, secrets_in
from assisters_verify.contract.models import MODELS
from assisters_verify.contract.routes import KEYS, is_missing
from assisters_verify.contract.secret_watch import watch_for_secrets
from assisters_verify.contract.segments import in_path
from assisters_verify.judgement import Broken, Judgement, NotThere, Undecided
from assisters_verify.probe import RUN_KEY, Probe
from assisters_verify.session import Debt
from assisters_verify.surroundings import fresh_hex

_AT_A_TIME = 2
_MOST_TRIES = 6
_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedKey:
    """A key that the run made. `debt` takes it back when the run ends, unless it is deleted before."""

    id: str
    name: str
    secret: str = field(repr=False)
    answer: Answer = field(repr=False)
    debt: Debt = field(repr=False)

    @property
    def path(self) -> str:
        """The path to delete the key at."""
        return path_of_key(self.id)


def path_of_key(key_id: str) -> str:
    """Return the path to delete this id at."""
    return f"{KEYS}/{in_path(key_id)}"


def fresh_name() -> str:
    """Return a name that no other key has, since a server may want them to differ."""
    return f"assisters-verify-{fresh_hex(8)}"


async def create_key(probe: Probe, name: str | None = None) -> CreatedKey:
    """Create a key that the session takes back, and return it.

    Raises NotThere where the target has no such route, Broken where it refuses or the answer shows no id or no secret,
    and Undecided as every request does.
    """
    name = name or fresh_name()
    answer, debt = await post_key(probe, {"name": name})
    if is_missing(answer):
        raise NotThere(f"POST {KEYS} is not there: {answer.describe()}", answer=answer)
    expect_success(answer)
    key_id = key_id_in(answer, name)
    if key_id is None:
        raise Broken(expected="the id of the new key", received=_names_in(answer, name), answer=answer)
    secret = await _choose_secret(probe, answer, name)
    if secret is None:
        raise Broken(expected="the secret of the new key, whole", received=_names_in(answer, name), answer=answer)
    return CreatedKey(id=key_id, name=name, secret=secret, answer=answer, debt=debt)


async def post_key(probe: Probe, body: Any, *, key: str | None = RUN_KEY, **options: Any) -> tuple[Answer, Debt]:
    """Ask for a key with this body; return the answer and the debt, which is forgiven where nothing was made. The
    options are those of `Probe.send`; what was made is deleted with the same key."""
    name = body.get("name") if isinstance(body, dict) else None
    watch = watch_for_secrets(probe, "created_key", lambda document: hidden_in(document, name=name))
    undo = functools.partial(_take_back, probe, name, key)

    def called(answer: Answer) -> str | None:
        key_id = key_id_in(answer, name)
        return None if key_id is None else f"the key {name!r}, id {key_id!r}"

    return await ask_to_make(
        probe, KEYS, body, name=f"the key {name!r}", called=called, undo=undo, leave_after=watch, key=key, **options
    )


async def borrow_key(probe: Probe, name: str | None = None) -> CreatedKey:
    """Create a key for a check of another area: whatever goes wrong is for the area `keys` to judge, so that here it is
    Undecided."""
    try:
        return await create_key(probe, name)
    except Undecided:
        raise
    except (Judgement, NotJson) as problem:
        raise Undecided(f"no second key could be created: {problem}") from problem


@contextlib.asynccontextmanager
async def temporary_key(probe: Probe, name: str | None = None) -> AsyncIterator[CreatedKey]:
    """Borrow a key, and delete it when the block is left. Few checks do so at a time: a customer may have few keys."""
    async with await turn_to_make_keys(probe):
        created = await borrow_key(probe, name)
        try:
            yield created
        except asyncio.CancelledError:
            raise  # the session takes it back
        except BaseException:
            await settle(probe, created.debt)
            raise
        else:
            await settle(probe, created.debt)


async def turn_to_make_keys(probe: Probe) -> asyncio.Semaphore:
    """Return what to hold while keys are made that are deleted at once."""

    async def make(_: Probe) -> asyncio.Semaphore:
        return asyncio.Semaphore(_AT_A_TIME)

    turn: asyncio.Semaphore = await probe.fact("turn to make keys", make)
    return turn


async def settle(probe: Probe, debt: Debt) -> None:
    """Take back what is owed, if it still is; where that fails, the session tries again at the end, and tells of it."""
    if debt in probe.session.debts:
        with contextlib.suppress(Judgement, NotJson):
            await debt.undo()
            probe.forgive(debt)


async def delete_key(probe: Probe, created: CreatedKey) -> Answer:
    """Delete a key and forget its debt. Raises Broken where it is not deleted."""
    answer = await probe.delete(created.path, label="of a key that is there")
    expect_deleted(answer)
    probe.forgive(created.debt)
    return answer


async def _take_back(probe: Probe, name: Any, key: str | None, made: Answer) -> None:
    key_id = key_id_in(made, name)
    if key_id is None:
        raise Undecided("the answer to its creation shows no id to delete it by")
    answer = await probe.delete(path_of_key(key_id), key=key, label="to take a key back")
    if not answer.is_success and answer.status != _NOT_FOUND:
        raise Undecided(answer.describe())


async def _choose_secret(probe: Probe, answer: Answer, name: str) -> str | None:
    """Return the only text that calls itself the secret; of several, or of nameless ones, the first that lets anybody
    in. None where nothing can be the secret."""
    named, nameless = secrets_in(answer.document, name=name)
    if len(named) == 1:
        return named[0]
    for text in [*named, *nameless][:_MOST_TRIES]:
        tried = await probe.get(MODELS, key=text, label="to find out which field is the secret")
        if tried.status not in _REFUSED:
            return text
    return named[0] if named else None


def key_id_in(answer: Answer, name: Any = None) -> str | None:
    """Return the id of the key of this name that the answer shows, or None where it shows none."""
    with contextlib.suppress(NotJson):
        found = find_id(key_fields(answer.document, name=name))
        if found is not None:
            return found
    _, is_there, rest = answer.headers.get("location", "").partition(f"{KEYS}/")
    return rest.partition("?")[0].strip("/") or None if is_there else None


def _names_in(answer: Answer, name: Any) -> str:
    """Return the names of the fields that came, without values: a secret that was not recognised may be among them."""
    names = [".".join([*map(str, found.parent), found.shown]) for found in key_fields(answer.document, name=name)]
    return f"the fields {', '.join(names)[:200]}" if names else "no fields"
