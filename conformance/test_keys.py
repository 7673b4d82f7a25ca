"""Keys: created, used, deleted, and refused from then on; exactly the living ones are let in."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.deletion import unknown_like
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.fields import fields_in
from assisters_verify.contract.key_steps import Act, Life, draw_lives_apart
from assisters_verify.contract.key_uses import CORE_USES, USES, expect_let_in, expect_shut_out, is_let_in
from assisters_verify.contract.keys import (
    CreatedKey,
    create_key,
    delete_key,
    fresh_name,
    path_of_key,
    post_key,
    settle,
    temporary_key,
    turn_to_make_keys,
)
from assisters_verify.contract.routes import UNKNOWN_ID
from assisters_verify.judgement import Broken, Judgement, LeftOut, NotApplicable, Undecided
from assisters_verify.probe import RUN_KEY, Probe

# What a key does after its deletion shows nothing where it does nothing before, or cannot be deleted. KEY-03 needs
# KEY-02, so that a target that deletes too much is not blamed for keys that never worked.
_NEEDS = ("KEY-03",)
_UNKNOWN_KEY = "sk-no-such-key-0a1b2c3d4e5f60718293"
_LATER_S = 2.0
_LIVES = 2
_STEPS = 12
_SHORTEST_SECRET = 16


@clause("KEY-01", needs=["AUTH-01"])
async def test_key_is_created(probe: Probe) -> None:
    """A name is enough; the answer shows the key's id, to delete it by, and its secret, whole."""
    await _created(probe)


@clause("KEY-02", needs=["KEY-01"])
@pytest.mark.parametrize("use", list(CORE_USES))
async def test_created_key_is_let_in(probe: Probe, use: str) -> None:
    """A new key opens what the run's own key opens."""
    created = await _created(probe)
    answer = await expect_let_in(probe, created.secret, CORE_USES[use])
    if answer.is_success:
        return
    own = await CORE_USES[use](probe, RUN_KEY)
    if not own.is_success:
        raise Undecided(f"the run's own key gets {own.describe()}", answer=own)
    raise Broken(expected=f"{own.status}, as with the run's own key", received=answer.describe(), answer=answer)


@clause("KEY-03", needs=["KEY-02"])
async def test_key_is_deleted(probe: Probe) -> None:
    """A key that is there is deleted by its id."""
    async with temporary_key(probe) as created:
        await delete_key(probe, created)


@clause("KEY-04", needs=_NEEDS)
@pytest.mark.parametrize("use", list(USES))
async def test_deleted_key_is_refused(probe: Probe, use: str) -> None:
    """A key that was let in before its deletion is refused after it: at once, and still a while later."""
    buried = await probe.fact("deleted key", _bury)
    if use not in buried.opened:
        raise NotApplicable(f"not let in before its deletion either, or let in without any good key ({use})")
    for _ in range(2):
        await expect_shut_out(probe, buried.key.secret, USES[use], deletion=buried.deletion)
    await asyncio.sleep(_LATER_S)
    await expect_shut_out(probe, buried.key.secret, USES[use], deletion=buried.deletion)


@clause("KEY-05", needs=_NEEDS)
async def test_deleting_an_unknown_key_is_refused(probe: Probe) -> None:
    """An id that nobody has is not found, and no other key is harmed."""
    async with temporary_key(probe) as created:
        unknown = unknown_like(created.id)
        if unknown is not None:
            await _expect_unknown(probe, unknown)
        # Where ids have a form of their own, one without it may be refused as malformed.
        await _expect_unknown(probe, UNKNOWN_ID, *([400] if unknown is not None else []))
        await expect_let_in(probe, created.secret)


@clause("KEY-06", needs=_NEEDS)
async def test_keys_are_independent(probe: Probe) -> None:
    """Keys that were made one after the other, and at the same time, differ; deleting one leaves the others."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(temporary_key(probe))
        others = await asyncio.gather(create_key(probe), create_key(probe))
        for other in others:
            stack.push_async_callback(settle, probe, other.debt)
        _expect_different([first, *others])
        deletion = await delete_key(probe, first)
        for other in others:
            await expect_let_in(probe, other.secret)
        await expect_shut_out(probe, first.secret, deletion=deletion)


@clause("KEY-06", needs=_NEEDS)
async def test_keys_of_one_name_are_independent(probe: Probe) -> None:
    """A key is replaced by one with its name: the new one deletes the old one, and goes on being let in."""
    async with temporary_key(probe) as old:
        answer, debt = await post_key(probe, {"name": old.name}, label="with the name of another key")
        await settle(probe, debt)
        if not answer.is_success:
            raise NotApplicable(f"two keys cannot have one name: {answer.describe()}")
        await expect_let_in(probe, old.secret)
        async with temporary_key(probe, old.name) as new:
            deletion = await probe.delete(old.path, key=new.secret, label="with the key that replaces it")
            if not deletion.is_success:  # perhaps a created key may not
                deletion = await delete_key(probe, old)
            await expect_let_in(probe, new.secret)


@clause("KEY-07", needs=["KEY-01"])
async def test_name_may_hold_any_signs(probe: Probe) -> None:
    """A text is a text, in whatever script; who takes only some says so with 400."""
    answer, debt = await post_key(
        probe, {"name": f"Schlüssel Ключ 鍵 🔑 {fresh_name()}"}, label="with signs of many scripts"
    )
    await settle(probe, debt)
    if not answer.is_success:
        expect_refusal(answer, 400, param="name", why="or 2xx: the name holds signs of many scripts")


@clause("KEY-07", needs=["KEY-01"])
@pytest.mark.parametrize("name", [5, 0, 1.5, True, False, ["key"], [], {"name": "key"}, {}], ids=repr)
async def test_name_of_another_type_is_refused(probe: Probe, name: Any) -> None:
    """A name is a text."""
    await _expect_name_refused(probe, {"name": name})


@clause("KEY-13", needs=["KEY-01"])
@pytest.mark.parametrize("body", [{}, {"name": None}], ids=["missing", "null"])
async def test_key_without_a_name_is_refused(probe: Probe, body: dict[str, Any]) -> None:
    """Every key has a name, as in the documentation's example."""
    await _expect_name_refused(probe, body)


@clause("KEY-08", needs=_NEEDS)
async def test_deleting_a_key_again_is_no_error_of_the_server(probe: Probe) -> None:
    """The second deletion finds nothing, or says again that it is done."""
    async with temporary_key(probe) as created:
        await delete_key(probe, created)
        again = await probe.delete(created.path, label="again")
    if not again.is_success:
        expect_refusal(again, 404, why="or 2xx: the key was deleted before")


@clause("KEY-09", needs=_NEEDS)
@pytest.mark.parametrize("number", range(_LIVES))
async def test_exactly_the_living_keys_are_let_in(probe: Probe, number: int) -> None:
    """In random orders of creating, using and deleting, the target agrees with a plain list of the living keys."""
    lives = await probe.fact("lives of keys", _draw_lives)
    if number >= len(lives):
        raise NotApplicable("fewer lives were drawn")
    life = lives[number]
    async with await turn_to_make_keys(probe), AsyncExitStack() as stack:
        try:
            await _live(probe, life, stack)
        except Broken as problem:
            received = f"{problem.received} (in the life: {', '.join(map(str, life))})"
            raise Broken(expected=problem.expected, received=received, answer=problem.answer) from problem


@clause("KEY-09", needs=_NEEDS)
async def test_rotated_key_replaces_the_old_one(probe: Probe) -> None:
    """Delete, then create a new one, as the documentation rotates keys: the new one works, and the old one does not
    come back with its name."""
    async with temporary_key(probe) as old:
        await expect_let_in(probe, old.secret)
        deletion = await delete_key(probe, old)
        answer, debt = await post_key(probe, {"name": old.name}, label="with the name of a deleted key")
        if not answer.is_success:
            raise NotApplicable(f"the name of a deleted key cannot be used again: {answer.describe()}")
        await settle(probe, debt)
        await expect_shut_out(probe, old.secret, deletion=deletion)
    async with temporary_key(probe) as new:
        await expect_let_in(probe, new.secret)
        await expect_shut_out(probe, old.secret, deletion=deletion)


@clause("KEY-10", needs=["KEY-01"])
async def test_answer_repeats_the_name(probe: Probe) -> None:
    """Whoever reads the answer sees which key it is."""
    created = await _created(probe)
    if created.name not in [found.value for found in fields_in(created.answer.document)]:
        raise Broken(expected=f"the name {created.name!r}", received="an answer without it", answer=created.answer)


@clause("KEY-11", needs=["KEY-01"])
async def test_secret_cannot_be_guessed(probe: Probe) -> None:
    """The secret is long, and the id, which stands in paths and logs, does not give it away."""
    created = await _created(probe)
    if len(created.secret) < _SHORTEST_SECRET:
        expected = f"at least {_SHORTEST_SECRET} characters"
        raise Broken(expected=expected, received=f"{len(created.secret)}", answer=created.answer)
    if created.secret in created.id:
        raise Broken(expected="an id without the secret", received="the secret as the id", answer=created.answer)


@clause("KEY-15", needs=_NEEDS)
async def test_another_customer_cannot_delete_a_key(probe: Probe) -> None:
    """A key is deleted by its owner alone: for anybody else it stays as it is."""
    second = probe.settings.secrets.second_api_key
    if second is None:
        raise LeftOut("another customer's key is needed: set ASSISTERS_SECOND_API_KEY")
    async with temporary_key(probe) as created:
        answer = await probe.delete(created.path, key=second.get_secret_value(), label="as another customer")
        if answer.is_success and not is_let_in(await USES["models"](probe, created.secret)):
            raise Broken(expected="the key to stay", received=f"{answer.describe()}, and it is gone", answer=answer)
        await expect_let_in(probe, created.secret)


@clause("KEY-14", needs=_NEEDS)
@pytest.mark.parametrize("key", [None, _UNKNOWN_KEY], ids=["no_key", "unknown_key"])
async def test_nobody_deletes_a_key_without_a_key(probe: Probe, key: str | None) -> None:
    """A refused deletion leaves the key as it is."""
    async with temporary_key(probe) as created:
        answer = await probe.delete(created.path, key=key, label="without a valid key")
        expect_refusal(answer, 401, why="no valid key")
        await expect_let_in(probe, created.secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Buried:
    """A deleted key, the uses that it was let in to before, and the answer to its deletion."""

    key: CreatedKey
    opened: frozenset[str]
    deletion: Answer


async def _created(probe: Probe) -> CreatedKey:
    """Return the key that the simple checks share."""
    created: CreatedKey = await probe.fact("created key", create_key)
    return created


async def _bury(probe: Probe) -> _Buried:
    async with temporary_key(probe) as created:
        await expect_let_in(probe, created.secret)
        opened = await asyncio.gather(*(_is_opened(probe, created, use) for use in USES))
        deletion = await delete_key(probe, created)
    uses = frozenset(name for name, is_opened in zip(USES, opened, strict=True) if is_opened)
    return _Buried(key=created, opened=uses, deletion=deletion)


async def _is_opened(probe: Probe, created: CreatedKey, use: str) -> bool:
    """Tell whether a use takes this key, and does not take any."""
    try:
        is_taken = is_let_in(await USES[use](probe, created.secret))
        return is_taken and not is_let_in(await USES[use](probe, _UNKNOWN_KEY))
    except Judgement:
        return False


async def _expect_unknown(probe: Probe, key_id: str, *also: int) -> None:
    answer = await probe.delete(path_of_key(key_id), label="of a key that nobody has")
    expect_refusal(answer, 404, *also, why="no such key")
    expect_envelope(answer)


def _expect_different(keys: list[CreatedKey]) -> None:
    if len({key.id for key in keys}) < len(keys):
        raise Broken(expected=f"{len(keys)} ids", received="one id for two keys", answer=keys[-1].answer)
    if len({key.secret for key in keys}) < len(keys):
        raise Broken(expected=f"{len(keys)} secrets", received="one secret for two keys", answer=keys[-1].answer)


async def _expect_name_refused(probe: Probe, body: dict[str, Any]) -> None:
    answer, debt = await post_key(probe, body, label=f"with {body}")
    await settle(probe, debt)
    expect_refusal(answer, 400, param="name", why="no name that is a text")


async def _draw_lives(probe: Probe) -> list[Life]:
    async with probe.session.one_program:
        return await draw_lives_apart(seed=probe.settings.options.seed, lives=_LIVES, steps=_STEPS)


async def _live(probe: Probe, life: Life, stack: AsyncExitStack) -> None:
    keys: list[CreatedKey] = []
    deletions: dict[int, Answer] = {}
    for number, step in enumerate(life):
        if step.act is Act.CREATE:
            keys.append(await create_key(probe))
            stack.push_async_callback(settle, probe, keys[-1].debt)
        elif step.act is Act.DELETE:
            deletions[step.key] = await delete_key(probe, keys[step.key])
        else:
            await _expect_as_in_the_model(probe, keys, deletions, step.key)
        if number in {_STEPS // 2, len(life) - 1}:
            for key in range(len(keys)):
                await _expect_as_in_the_model(probe, keys, deletions, key)


async def _expect_as_in_the_model(
    probe: Probe, keys: list[CreatedKey], deletions: dict[int, Answer], number: int
) -> None:
    if number in deletions:
        await expect_shut_out(probe, keys[number].secret, deletion=deletions[number])
    else:
        await expect_let_in(probe, keys[number].secret)
