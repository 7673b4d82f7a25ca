"""Have something made at the target, so that it is taken back whatever becomes of the check that asked for it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.judgement import Judgement, Undecided
from assisters_verify.probe import Probe
from assisters_verify.session import Debt


async def ask_to_make(
    probe: Probe,
    path: str,
    body: Any,
    *,
    name: str,
    called: Callable[[Answer], str | None],
    undo: Callable[[Answer], Awaitable[None]],
    **options: Any,
) -> tuple[Answer, Debt]:
    """POST this body and return the answer, and the debt of `name`, which is forgiven where nothing was made.

    The debt stands before the request is sent, and the request goes on when its check is cancelled: what it makes in
    that moment is called by its id too, as soon as the answer shows one (`called`), and taken back by `undo`, which is
    given the answer. The options are those of `Probe.send`.
    """
    asker = Probe(probe.session, check=probe.check, clause=probe.clause)

    async def make() -> Answer:
        made = await asker.post(path, body, **options)
        if made.is_success and (known := called(made)) is not None:
            probe.name_debt(debt, known)
        return made

    request = asyncio.create_task(make())
    debt = probe.owe(name, partial(_take_back, asker, request, undo))
    try:
        answer = await asyncio.shield(request)
    except Judgement:
        if not asker.reached:
            probe.forgive(debt)
        raise
    finally:
        probe.evidence.extend(asker.evidence)
    if not answer.is_success:
        probe.forgive(debt)
    return answer, debt


async def _take_back(asker: Probe, request: asyncio.Task[Answer], undo: Callable[[Answer], Awaitable[None]]) -> None:
    try:
        made = await request
    except Judgement as problem:
        if asker.reached:
            raise Undecided(f"whether it was made is not known: {problem.reason}") from problem
        return
    if made.is_success:
        await undo(made)
