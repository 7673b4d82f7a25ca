"""Verify endpoints and deliver events to them."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from assisters_verify.reference.webhooks.calling import EndpointClient
from assisters_verify.reference.webhooks.signing import Letter

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call
    from assisters_verify.reference.options import ReferenceOptions
    from assisters_verify.reference.webhooks.registry import Webhook


def challenge_url(url: str, token: str) -> str:
    """Return where the challenge goes: the documented path on the endpoint's own host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/webhooks/verify?challenge={quote(token)}"


async def verify_endpoint(call: "Call", hook: "Webhook") -> None:
    """Ask the endpoint to return a token; the hook counts as verified if it does."""
    token = call.services.make_token()
    url = call.behaviour.webhooks.challenge_url(hook.url, token)
    answer = await call.services.webhooks.client.get(url)
    hook.is_verified = answer is not None and token in answer


def wants(hook: "Webhook", event: str) -> bool:
    """Tell whether the event goes to the hook."""
    return hook.is_verified and event in hook.events


def write_event(event: str, data: dict[str, Any]) -> bytes:
    """Return the documented body of an event."""
    return orjson.dumps({"event": event, "data": data})


async def deliver(call: "Call", hook: "Webhook", body: bytes) -> None:
    """Send the event, and again after each pause for as long as the endpoint does not take it."""
    services = call.services
    letter = Letter(id=services.make_id("msg"), body=body, secret=hook.secret)
    for pause_s in (0.0, *call.behaviour.webhooks.retry_delays_s(services.options)):
        if pause_s:
            await asyncio.sleep(pause_s)
        if hook.id not in services.webhooks.by_id:
            return
        headers = call.behaviour.webhooks.sign(letter)
        if await call.behaviour.webhooks.post(services.webhooks.client, hook.url, body, headers):
            return


def retry_delays_s(options: "ReferenceOptions") -> tuple[float, ...]:
    """Return the pauses before each further attempt."""
    return options.webhook_retry_delays_s


async def post(client: EndpointClient, url: str, body: bytes, headers: dict[str, str]) -> bool:
    """Make one attempt; tell whether the endpoint took the event."""
    return await client.post(url, body, headers)
