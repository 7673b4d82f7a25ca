"""The routes that create, list and delete webhooks."""

import base64
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.problems import bad_request, not_found
from assisters_verify.reference.validation import require_text
from assisters_verify.reference.webhooks.calling import EndpointClient, is_loopback
from assisters_verify.reference.webhooks.delivering import (
    challenge_url,
    deliver,
    post,
    retry_delays_s,
    verify_endpoint,
    wants,
    write_event,
)
from assisters_verify.reference.webhooks.registry import EVENTS, Webhook
from assisters_verify.reference.webhooks.signing import Letter, sign_prefixed_hex

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call
    from assisters_verify.reference.options import ReferenceOptions


def read_url(body: dict[str, Any]) -> str:
    """Return the endpoint's URL.

    Raises:
        ApiError: 400, for anything that is no http or https URL.
    """
    url = require_text(body, "url")
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_url = False
    if not is_url or any(sign.isspace() for sign in url):
        raise bad_request("url must be an http or https URL.", param="url")
    if parts.scheme == "http" and not is_loopback(url):
        raise bad_request("url must use https.", param="url")
    return url


def read_events(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the wanted events.

    Raises:
        ApiError: 400, for anything but a list of known ones.
    """
    events = body.get("events")
    if events is None:
        raise bad_request("Missing events parameter.", param="events", code="missing_parameter")
    if not isinstance(events, list) or not events or not all(event in EVENTS for event in events):
        raise bad_request(f"events must be a list out of {', '.join(EVENTS)}.", param="events")
    return tuple(events)


async def verify_now(call: "Call", hook: Webhook) -> None:
    """Verify while the subscriber waits for its answer."""
    await verify_endpoint(call, hook)


def make_secret(call: "Call") -> str:
    """Return a secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(bytes.fromhex(call.services.make_token())).decode()


def own_hooks(call: "Call") -> list[Webhook]:
    """Return the subscriptions that may hear of what this customer does: those of its account."""
    return call.services.webhooks.of_account(call.customer.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPolicy:
    """The choices webhooks are made of."""

    created_status: int = 201
    read_url: Callable[[dict[str, Any]], str] = read_url
    read_events: Callable[[dict[str, Any]], tuple[str, ...]] = read_events
    make_secret: Callable[["Call"], str] = make_secret
    verify: Callable[["Call", Webhook], Awaitable[None]] = verify_now
    challenge_url: Callable[[str, str], str] = challenge_url
    hooks_for: Callable[["Call"], list[Webhook]] = own_hooks
    wants: Callable[[Webhook, str], bool] = wants
    write_event: Callable[[str, dict[str, Any]], bytes] = write_event
    sign: Callable[[Letter], dict[str, str]] = sign_prefixed_hex
    deliver: Callable[["Call", Webhook, bytes], Any] = deliver
    post: Callable[[EndpointClient, str, bytes, dict[str, str]], Awaitable[bool]] = post
    retry_delays_s: Callable[["ReferenceOptions"], tuple[float, ...]] = retry_delays_s
    show_created: Callable[[Webhook], Any] = lambda hook: {**describe(hook), "secret": hook.secret}


async def create_webhook(call: "Call") -> Answer:
    """POST /v1/webhooks: subscribe; an endpoint that fails the challenge gets no events."""
    body, policy, services = call.json_object(), call.behaviour.webhooks, call.services
    hook = Webhook(
        id=services.make_id("hook"),
        account=call.customer.account,
        url=policy.read_url(body),
        events=policy.read_events(body),
        secret=policy.make_secret(call),
        created_at=int(time.time()),
    )
    services.webhooks.by_id[hook.id] = hook
    await policy.verify(call, hook)
    return Answer(payload=policy.show_created(hook), status=policy.created_status)


async def list_webhooks(call: "Call") -> Answer:
    """GET /v1/webhooks: the account's subscriptions, without their secrets."""
    hooks = call.services.webhooks.of_account(call.customer.account)
    return Answer(payload={"webhooks": [describe(hook) for hook in hooks]})


async def delete_webhook(call: "Call") -> Answer:
    """DELETE /v1/webhooks/{webhook_id}: no event goes out from here on."""
    hook = call.services.webhooks.by_id.get(call.path_params["webhook_id"])
    if hook is None or hook.account != call.customer.account:
        raise not_found("No such webhook.", param="webhook_id", code="webhook_not_found")
    del call.services.webhooks.by_id[hook.id]
    return Answer(payload={"id": hook.id, "object": "webhook", "deleted": True})


def describe(hook: Webhook) -> dict[str, Any]:
    """Return what every answer about a webhook shows."""
    return {
        "id": hook.id,
        "object": "webhook",
        "url": hook.url,
        "events": list(hook.events),
        "status": "verified" if hook.is_verified else "unverified",
        "created": hook.created_at,
    }
