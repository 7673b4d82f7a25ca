"""Readings of limits, idempotency, keys, webhooks, data, audit, metrics, canary and legacy."""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import orjson

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    AUDIT,
    DATA,
    KEY,
    MODEL_TEST,
    change,
    code_of,
    on_answer,
    on_success,
)
from assisters_verify.reference.idempotency import Entry, Handler
from assisters_verify.reference.keys import ApiKey, describe
from assisters_verify.reference.limits import AlignedWindow, FixedWindow, TokenBucket, refuse
from assisters_verify.reference.metrics import AccountMetrics, draw_prometheus
from assisters_verify.reference.model.conversation import Message, Question
from assisters_verify.reference.model.rules import write_text
from assisters_verify.reference.problems import ApiError, bad_request, wrong_verb
from assisters_verify.reference.variations import Reading
from assisters_verify.reference.webhooks.delivering import verify_endpoint
from assisters_verify.reference.webhooks.registry import Webhook
from assisters_verify.reference.webhooks.routes import describe as describe_webhook
from assisters_verify.reference.webhooks.signing import Letter, digest, sign_bare_hex, sign_base64, sign_standard

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


def _with_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, status=status)


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


async def _verify_later(call: Call, hook: Webhook) -> None:
    call.services.webhooks.run(verify_endpoint(call, hook))


async def _refuse_unverified(call: Call, hook: Webhook) -> None:
    await verify_endpoint(call, hook)
    if not hook.is_verified:
        del call.services.webhooks.by_id[hook.id]
        raise bad_request("The endpoint did not answer the challenge.", param="url", code="webhook_not_verified")


def _challenges_as(name: str) -> dict[str, object]:
    def challenge_url(url: str, token: str) -> str:
        scheme, _, rest = url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}/webhooks/verify?{name}={token}"

    return {"webhooks.challenge_url": challenge_url}


def _signs(name: str, write: Callable[[Letter], str]) -> dict[str, object]:
    return {"webhooks.sign": lambda letter: {name: write(letter)}}


def _write_more(event: str, data: dict[str, Any]) -> bytes:
    """Write an indented event with more fields."""
    payload = {"id": "evt_1", "created": 1, "event": event, "data": {**data, "object": "completion"}, "attempt": 1}
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2)


def _as_epoch(payload: Any) -> Any:
    """Name the fields otherwise, and the time in seconds."""
    return {
        "data": [
            {"timestamp": time.time(), "action": f"{entry['method']} {entry['path']}", "actor": entry["key_id"],
             "outcome": entry["status"]}
            for entry in payload["entries"]
        ],
        "has_more": False,
    }  # fmt: skip


def _draw_flat(_call: Call, metrics: AccountMetrics) -> Answer:
    mean_s = metrics.latency_sum_s / metrics.total if metrics.total else 0.0
    return Answer(
        payload={"total_requests": metrics.total, "error_count": metrics.errors, "avg_latency_seconds": mean_s}
    )


def _only_by(verb: str) -> Callable[[Call, Reply], Reply]:
    """Test models by one verb alone."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != MODEL_TEST or call.method == verb:
            return reply
        error = wrong_verb(call.method, (verb,))
        return Answer(payload=error.envelope(), status=error.status, headers=error.headers)

    return edit


def _legacy(answer: Callable[[Call], Answer]) -> dict[str, object]:
    async def reply(call: Call) -> Reply:
        return answer(call)

    return {"legacy.answer": reply}


def _complete(call: Call) -> Answer:
    body = call.json_object()
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise bad_request("prompt must be a string.", param="prompt")
    text = write_text(Question(messages=(Message(role="user", text=prompt),)))
    return Answer(payload={"object": "text_completion", "choices": [{"index": 0, "text": text}]})


def _gone(_call: Call) -> Answer:
    error = ApiError(410, "Use /v1/chat/completions.", code="gone")
    return Answer(payload=error.envelope(), status=410)


def _owner_alone(call: Call, reply: Reply) -> Reply:
    """Refuse another customer with 403 instead of 404."""
    is_of_another = call.path_params.get("id") in call.services.completions
    if call.route == DATA and isinstance(reply, Answer) and code_of(reply) == "data_not_found" and is_of_another:
        return replace(reply, status=403)
    return reply


def _reversed_is_empty(call: Call, reply: Reply) -> Reply:
    """Answer a range that ends before it starts with no entries."""
    days = (call.query.get("start", ""), call.query.get("end", "9"))
    is_reversed = isinstance(reply, Answer) and reply.status == 400 and days[0] > days[1]  # noqa: PLR2004
    has_message = isinstance(reply, Answer) and "after" in str(reply.payload)
    if call.route == AUDIT and is_reversed and has_message:
        return Answer(payload={"entries": []})
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
        name="deletions_are_202",
        title="Deletions of data are answered 202.",
        reply=on_answer(DATA, _with_status(202)),
    ),
    Reading(
        name="second_deletion_of_key_succeeds",
        title="Deleting the same key again is answered like the first time.",
        reply=_forgives(KEY, "key_not_found"),
    ),
    Reading(
        name="second_deletion_of_data_succeeds",
        title="Deleting the same data again is answered like the first time.",
        reply=_forgives(DATA, "data_not_found"),
    ),
    Reading(
        name="data_of_others_is_403",
        title="Another customer's data is refused with 403.",
        reply=_owner_alone,
    ),
    Reading(
        name="webhook_is_verified_later",
        title="The endpoint is verified after the answer.",
        choices={"webhooks.verify": _verify_later},
    ),
    Reading(
        name="unverified_webhook_is_refused",
        title="A webhook whose endpoint fails the challenge is refused.",
        choices={"webhooks.verify": _refuse_unverified},
    ),
    Reading(
        name="challenge_is_a_token",
        title="The challenge comes as `token`.",
        choices=_challenges_as("token"),
    ),
    Reading(
        name="challenge_is_hub_challenge",
        title="The challenge comes as `hub.challenge`, beside `hub.mode`.",
        choices=_challenges_as("hub.mode=subscribe&hub.challenge"),
    ),
    Reading(
        name="signature_is_bare_hex",
        title="The signature is bare hex.",
        choices={"webhooks.sign": sign_bare_hex},
    ),
    Reading(
        name="signature_is_base64",
        title="The signature is base64.",
        choices={"webhooks.sign": sign_base64},
    ),
    Reading(
        name="signature_is_prefixed_base64",
        title="The signature is base64 behind `v1=`, in a header named X-Signature.",
        choices=_signs("x-signature", lambda letter: "v1=" + base64.b64encode(digest(letter)).decode()),
    ),
    Reading(
        name="signature_is_hub_signature",
        title="The signature is in X-Hub-Signature-256.",
        choices=_signs("x-hub-signature-256", lambda letter: f"sha256={digest(letter).hex()}"),
    ),
    Reading(
        name="signature_follows_standard_webhooks",
        title="Deliveries are signed as Standard Webhooks says.",
        choices={"webhooks.sign": sign_standard},
    ),
    Reading(
        name="secret_is_signing_secret",
        title="The answer to a creation shows the secret as `signing_secret`, and the webhook under `webhook`.",
        choices={
            "webhooks.show_created": lambda hook: {"webhook": describe_webhook(hook), "signing_secret": hook.secret},
        },
    ),
    Reading(
        name="secret_is_plain_hex",
        title="The shared secret is hex without a prefix.",
        choices={"webhooks.make_secret": lambda call: hashlib.sha256(call.services.make_token().encode()).hexdigest()},
    ),
    Reading(
        name="events_have_more_fields",
        title="Events have more fields, and are indented.",
        choices={"webhooks.write_event": _write_more},
    ),
    Reading(
        name="audit_is_bare_list",
        title="The audit log is a list.",
        reply=on_success(AUDIT, lambda payload: payload["entries"]),
    ),
    Reading(
        name="audit_has_other_fields",
        title="The audit log's entries have other fields, and times in seconds.",
        reply=on_success(AUDIT, _as_epoch),
    ),
    Reading(
        name="audit_shows_no_key",
        title="The audit log's entries do not show the key.",
        reply=on_success(
            AUDIT,
            change(
                lambda entries: [
                    {name: value for name, value in entry.items() if not name.startswith("key")} for entry in entries
                ],
                "entries",
            ),
        ),
    ),
    Reading(
        name="reversed_range_is_empty",
        title="A range that ends before it starts has no entries.",
        reply=_reversed_is_empty,
    ),
    Reading(
        name="metrics_are_prometheus",
        title="Metrics are Prometheus text, whatever is asked for.",
        choices={"metrics.draw": lambda _call, metrics: draw_prometheus(metrics)},
    ),
    Reading(
        name="metrics_are_flat",
        title="Metrics are a flat JSON object with other names.",
        choices={"metrics.draw": _draw_flat},
    ),
    Reading(
        name="model_is_tested_by_post_alone",
        title="Models are tested by POST alone.",
        reply=_only_by("POST"),
    ),
    Reading(
        name="model_is_tested_by_get_alone",
        title="Models are tested by GET alone.",
        reply=_only_by("GET"),
    ),
    Reading(
        name="model_test_is_204",
        title="A model test is answered 204, without a body.",
        reply=on_answer(MODEL_TEST, _with_status(204)),
    ),
    Reading(
        name="legacy_route_redirects",
        title="/v1/completions redirects to chat completions.",
        choices=_legacy(lambda _call: Answer(status=308, headers=(("location", "/v1/chat/completions"),), text="")),
    ),
    Reading(
        name="legacy_route_is_gone",
        title="/v1/completions answers 410.",
        choices=_legacy(_gone),
    ),
    Reading(
        name="legacy_route_answers",
        title="/v1/completions still answers.",
        choices=_legacy(_complete),
    ),
)
