"""Readings of webhooks: when endpoints are verified, and how events are signed."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from assisters_verify.reference.calls import Call
from assisters_verify.reference.problems import bad_request
from assisters_verify.reference.variations import Reading
from assisters_verify.reference.webhooks.delivering import verify_endpoint
from assisters_verify.reference.webhooks.registry import Webhook
from assisters_verify.reference.webhooks.routes import describe as describe_webhook
from assisters_verify.reference.webhooks.signing import Letter, digest, sign_bare_hex, sign_base64, sign_standard


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


READINGS: tuple[Reading, ...] = (
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
)
