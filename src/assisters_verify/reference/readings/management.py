"""Readings of limits, idempotency, keys and deletions."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    KEY,
    code_of,
)
from assisters_verify.reference.idempotency import Entry, Handler
from assisters_verify.reference.keys import ApiKey, describe
from assisters_verify.reference.limits import AlignedWindow, FixedWindow, SlidingWindow, TokenBucket, refuse
from assisters_verify.reference.problems import ApiError
from assisters_verify.reference.variations import Reading

_CONFLICT = 409
_RUN_S = 0.05


def _refuse_with_date(wait_s: float) -> ApiError:
    error = refuse(wait_s)
    date = formatdate(time.time() + wait_s + 1, usegmt=True)
    return ApiError(429, error.message, kind=error.kind, code=error.code, headers=(("retry-after", date),))


def _refuse_without_hint(wait_s: float) -> ApiError:
    error = refuse(wait_s)
    return ApiError(429, error.message, kind=error.kind, code=error.code)


async def _run_anew(call: Call, handler: Handler, _entry: Entry) -> Reply:
    """Run another body under the same key as its own."""
    return await handler(call)


def _refuses_other_body(status: int) -> Callable[[Call, Handler, Entry], Any]:
    async def refuse_other(_call: Call, _handler: Handler, _entry: Entry) -> Reply:
        raise ApiError(status, "This key was used with another body.", code="idempotency_key_reused")

    return refuse_other


async def _refuse_twin(_call: Call, _entry: Entry) -> None:
    message = "A request with this idempotency key is in progress."
    raise ApiError(_CONFLICT, message, kind="idempotency_error", code="idempotency_in_progress")


def _replay_silently(reply: Reply) -> Reply:
    return replace(reply, after=())


def _shows_key(show: Callable[[ApiKey], Any]) -> dict[str, object]:
    return {"keys.show_created": lambda key, _field: show(key)}


def _forgives(route: str, code: str) -> Callable[[Call, Reply], Reply]:
    """Answer the second deletion of a thing like the first."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != route or not isinstance(reply, Answer):
            return reply
        name = next(iter(call.path_params.values()))
        deleted = call.services.scratch.setdefault(f"deleted {route}", set())
        if reply.status < _CONFLICT and code_of(reply) is None:
            deleted.add(name)
        elif name in deleted and code_of(reply) == code:
            return Answer(payload={"id": name, "deleted": True})
        return reply

    return edit


def _refund_failures(call: Call, reply: Reply) -> Reply:
    """Give a failed request back to its key."""
    limiter = call.services.limiter
    if reply.status in {400, 404, 405} and isinstance(limiter, SlidingWindow) and call.api_key is not None:
        limiter.give_back(call.customer.id)
    return reply


READINGS: tuple[Reading, ...] = (
    Reading(
        name="limit_has_fixed_window",
        title="The window of the limit opens with a key's first request.",
        choices={"limits.make": FixedWindow},
    ),
    Reading(
        name="limit_has_aligned_window",
        title="The window of the limit is the clock's minute.",
        choices={"limits.make": AlignedWindow},
    ),
    Reading(
        name="limit_is_a_bucket",
        title="The limit is a bucket that refills all the time.",
        choices={"limits.make": TokenBucket},
    ),
    Reading(
        name="refused_requests_do_not_count",
        title="Requests that are refused with 400, 404 or 405 do not count towards the limit.",
        reply=_refund_failures,
    ),
    Reading(
        name="retry_after_is_a_date",
        title="Retry-After is a date.",
        choices={"limits.refuse": _refuse_with_date},
    ),
    Reading(
        name="retry_after_is_left_out",
        title="A 429 has no Retry-After.",
        choices={"limits.refuse": _refuse_without_hint},
    ),
    Reading(
        name="other_body_is_run_anew",
        title="Another body under the same idempotency key is run as its own.",
        choices={"idempotency.on_other_body": _run_anew},
    ),
    Reading(
        name="other_body_is_409",
        title="Another body under the same idempotency key is refused with 409.",
        choices={"idempotency.on_other_body": _refuses_other_body(_CONFLICT)},
    ),
    Reading(
        name="other_body_is_422",
        title="Another body under the same idempotency key is refused with 422.",
        choices={"idempotency.on_other_body": _refuses_other_body(422)},
    ),
    Reading(
        name="twin_is_refused",
        title="The second of two that arrive together is refused as in progress.",
        choices={"idempotency.on_twin": _refuse_twin, "idempotency.shortest_run_s": _RUN_S},
    ),
    Reading(
        name="replay_is_not_marked",
        title="A replayed answer has no header that says so.",
        choices={"idempotency.replay": _replay_silently},
    ),
    Reading(
        name="creations_are_200",
        title="Creating keys and webhooks is answered 200.",
        choices={"keys.created_status": 200, "webhooks.created_status": 200},
    ),
    Reading(
        name="key_stands_in_object",
        title="A created key stands under `key`, with `id` and `secret`.",
        choices=_shows_key(lambda key: {"key": {"id": key.id, "name": key.name, "secret": key.secret}}),
    ),
    Reading(
        name="key_fields_are_long",
        title="A created key is `key_id` and `api_key`.",
        choices=_shows_key(lambda key: {"key_id": key.id, "api_key": key.secret, "name": key.name}),
    ),
    Reading(
        name="key_is_a_token",
        title="A created key's secret is `token`, under `data`.",
        choices=_shows_key(lambda key: {"data": {**describe(key), "token": key.secret, "prefix": key.secret[:5]}}),
    ),
    Reading(
        name="twin_waits_for_a_long_run",
        title="The second of two that arrive together waits for a run that takes its time.",
        choices={"idempotency.shortest_run_s": _RUN_S},
    ),
    Reading(
        name="created_key_is_another_customer",
        title="A created key has webhooks, data, log and metrics of its own.",
        choices={"keys.account_of": lambda _call, secret: f"acct_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"},
    ),
    Reading(
        name="deletions_are_204",
        title="Deletions are answered 204, without a body.",
        reply=lambda call, reply: (
            replace(reply, status=204)
            if isinstance(reply, Answer) and call.method == "DELETE" and reply.status == 200  # noqa: PLR2004
            else reply
        ),
    ),
    Reading(
        name="second_deletion_of_key_succeeds",
        title="Deleting the same key again is answered like the first time.",
        reply=_forgives(KEY, "key_not_found"),
    ),
)
