"""Send requests that arrive together under one idempotency key, and judge what they got."""

import asyncio
from collections.abc import Sequence
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.envelope import expect_envelope
from assisters_verify.contract.idempotency import Control, expect_same, fresh_idempotency_key, read_mark, send_with_key
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.pacing import retry_after_s
from assisters_verify.probe import Probe

TWINS = 3
_ROUNDS = 3
_MOST_ROUNDS = 6
_TOO_MANY = 429
_SERVER_ERROR = 500
# These refuse a request for reasons that have nothing to do with a twin.
_OTHER_REASONS = frozenset({401, 403, 404, 405})


async def expect_twins_run_once(probe: Probe, body: Any, control: Control) -> None:
    """Judge, in several rounds, that of requests that arrive together one is run. Raises Broken, Undecided.

    A 5xx may be chance in one round, but not in three.
    """
    clean, refused, failed = 0, 0, list[Answer]()
    for _ in range(_MOST_ROUNDS):
        answers = await _send_unthrottled(probe, body)
        errors = [answer for answer in answers if answer.status >= _SERVER_ERROR]
        if errors or any(answer.status == _TOO_MANY for answer in answers):
            failed += errors[:1]
            if len(failed) >= _ROUNDS:
                received = f"{errors[-1].describe()}, in {len(failed)} rounds"
                raise Broken(
                    expected="the same answer, or a refusal as in progress", received=received, answer=errors[-1]
                )
            continue
        refused += _judge_round(answers)
        clean += 1
        if clean >= _ROUNDS:
            break
    if clean < _ROUNDS:
        raise Undecided(f"only {clean} of {_MOST_ROUNDS} rounds came to an end without a 429 or a 5xx")
    if not control.is_telling and not refused:
        raise Undecided("all get the same answer, but answers do not show whether they come of one run")


async def _send_unthrottled(probe: Probe, body: Any) -> list[Answer]:
    """Send them together, again where one was throttled, which has nothing to do with its twins."""
    for _ in range(_MOST_ROUNDS):
        answers = await _send_together(probe, body)
        throttled = [answer for answer in answers if answer.status == _TOO_MANY]
        if not throttled:
            break
        asked_s = max(retry_after_s(answer.headers) or 1.0 for answer in throttled)
        await asyncio.sleep(min(asked_s, probe.settings.target.rate_limit.window_s))
    return answers


async def _send_together(probe: Probe, body: Any) -> list[Answer]:
    used = fresh_idempotency_key()
    label = f"one of {TWINS} at once"
    return await asyncio.gather(
        *(send_with_key(probe, body, used, is_patient=False, label=label) for _ in range(TWINS))
    )


def _judge_round(answers: Sequence[Answer]) -> int:
    """Judge the answers to requests that arrived together; return how many were refused as in progress."""
    served = [answer for answer in answers if answer.is_success]
    refused = [answer for answer in answers if not answer.is_success]
    for answer in refused:
        if answer.status in _OTHER_REASONS:
            raise Broken(
                expected="the same answer, or a refusal as in progress", received=answer.describe(), answer=answer
            )
        expect_envelope(answer)
    if not served:
        raise Broken(expected="one of them to be answered", received=refused[0].describe(), answer=refused[0])
    read_mark(served[0])
    for answer in served[1:]:
        expect_same(served[0], answer, why="of one run")
    return len(refused)
