"""Faults of webhooks."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import WEBHOOKS, on_body, on_stream
from assisters_verify.reference.problems import internal_error
from assisters_verify.reference.validation import require_text
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.webhooks.calling import EndpointClient
from assisters_verify.reference.webhooks.delivering import deliver
from assisters_verify.reference.webhooks.registry import EVENTS, Webhook
from assisters_verify.reference.webhooks.routes import read_events, read_url
from assisters_verify.reference.webhooks.signing import SIGNATURE_HEADER, Letter, digest, sign_prefixed_hex

_fault = partial(Fault, area="webhooks")
OTHER_SECRET = "whsec_b3RoZXI="  # noqa: S105 - nobody has it


def _break(_body: dict[str, Any]) -> Any:
    raise internal_error()


async def _trust(_call: Call, hook: Webhook) -> None:
    """Take every endpoint for verified, without asking it."""
    hook.is_verified = True


def _writes(write: Callable[[str, dict[str, Any]], bytes]) -> dict[str, object]:
    return {"webhooks.write_event": write}


def _signs(sign: Callable[[Letter], dict[str, str]]) -> dict[str, object]:
    return {"webhooks.sign": sign}


def _sign_other_spelling(letter: Letter) -> dict[str, str]:
    """Sign the body as it would look after parsing and writing it again, with spaces."""
    spaced = letter.body.replace(b":", b": ").replace(b",", b", ")
    return sign_prefixed_hex(replace(letter, body=spaced))


def _sign_with_md5(letter: Letter) -> dict[str, str]:
    return {SIGNATURE_HEADER: hmac.new(letter.secret.encode(), letter.body, hashlib.md5).hexdigest()}


def _sign_event_alone(letter: Letter) -> dict[str, str]:
    """Sign the event's name and nothing of its data."""
    name = orjson.loads(letter.body)["event"].encode()
    return sign_prefixed_hex(replace(letter, body=name))


async def _deliver_first_alone(call: Call, hook: Webhook, body: bytes) -> None:
    """Deliver the first event of each hook, and no other."""
    served = call.services.scratch.setdefault("served_hooks", set())
    if hook.id not in served:
        served.add(hook.id)
        await deliver(call, hook, body)


async def _deliver_nothing(_call: Call, _hook: Webhook, _body: bytes) -> None:
    return None


async def _deliver_twice(call: Call, hook: Webhook, body: bytes) -> None:
    await deliver(call, hook, body)
    await deliver(call, hook, body)


async def _get(client: EndpointClient, url: str, body: bytes, _headers: dict[str, str]) -> bool:
    """Deliver by GET, the event in the query."""
    return await client.get(f"{url}?payload={quote(body.decode())}") is not None


async def _post_form(client: EndpointClient, url: str, body: bytes, headers: dict[str, str]) -> bool:
    form = urlencode({"payload": body.decode()}).encode()
    return await client.post(url, form, {**headers, "content-type": "application/x-www-form-urlencoded"})


def _read_any_url(body: dict[str, Any]) -> str:
    url = body.get("url")
    return url if isinstance(url, str) else "http://127.0.0.1:9/"


def _read_http_url(body: dict[str, Any]) -> str:
    """Take http for https when it is checked."""
    checked = require_text(body, "url")
    read_url({**body, "url": checked.replace("http://", "https://", 1)})
    return checked


def _read_text_as_event(body: dict[str, Any]) -> tuple[str, ...]:
    events = body.get("events")
    return (events,) if isinstance(events, str) else read_events(body)


def _read_missing_as_all(body: dict[str, Any]) -> tuple[str, ...]:
    return EVENTS if body.get("events") is None else read_events(body)


def _read_any_events(body: dict[str, Any]) -> tuple[str, ...]:
    """Ignore events that nobody knows."""
    events = body.get("events")
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        return read_events(body)
    return tuple(event for event in events if event in EVENTS)


def _url_without_token(url: str, _token: str) -> str:
    return url.rsplit("/", 1)[0] + "/webhooks/verify"


def _url_of_endpoint(url: str, token: str) -> str:
    """Send the challenge to the endpoint itself."""
    return f"{url}?challenge={token}"


_Deliver = Callable[[Call, Webhook, bytes], Awaitable[None]]


def _delivers(how: _Deliver) -> dict[str, object]:
    return {"webhooks.deliver": how}


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="webhook_creation_breaks",
        clause="HOOK-01",
        title="Creating a webhook ends in 500.",
        request=on_body(WEBHOOKS, _break),
    ),
    _fault(
        name="two_events_are_refused",
        clause="HOOK-01",
        title="A webhook can subscribe to one event only: the documented request ends in 500.",
        request=on_body(WEBHOOKS, lambda body: _break(body) if body.get("events") == list(EVENTS) else body),
    ),
    _fault(
        name="endpoint_is_not_verified",
        clause="HOOK-02",
        title="The endpoint is never verified.",
        choices={"webhooks.verify": _trust},
    ),
    _fault(
        name="challenge_goes_to_endpoint_itself",
        clause="HOOK-02",
        title="The challenge goes to the subscribed URL instead of /webhooks/verify.",
        choices={"webhooks.challenge_url": _url_of_endpoint},
    ),
    _fault(
        name="challenge_has_no_token",
        clause="HOOK-02",
        title="GET /webhooks/verify comes without a token.",
        choices={
            "webhooks.challenge_url": _url_without_token,
            "webhooks.wants": lambda hook, event: event in hook.events,
        },
    ),
    _fault(
        name="unverified_endpoint_gets_events",
        clause="HOOK-03",
        title="An endpoint that failed the challenge gets events.",
        choices={"webhooks.wants": lambda hook, event: event in hook.events},
    ),
    _fault(
        name="events_are_not_delivered",
        clause="HOOK-04",
        title="No event is ever delivered.",
        choices=_delivers(_deliver_nothing),
    ),
    _fault(
        name="first_event_alone_is_delivered",
        clause="HOOK-04",
        title="A webhook gets its first event and no other.",
        choices=_delivers(_deliver_first_alone),
    ),
    _fault(
        name="first_event_name_alone_counts",
        clause="HOOK-04",
        title="Of the subscribed events only the first one of the list is delivered.",
        choices={"webhooks.wants": lambda hook, event: hook.is_verified and hook.events[:1] == (event,)},
    ),
    _fault(
        name="streams_are_not_announced",
        clause="HOOK-04",
        title="No event tells of a streamed completion.",
        reply=on_stream(lambda stream: replace(stream, after=())),
    ),
    _fault(
        name="events_come_by_get",
        clause="HOOK-04",
        title="Events are delivered by GET.",
        choices={"webhooks.post": _get},
    ),
    _fault(
        name="event_has_another_name",
        clause="HOOK-05",
        title="The payload's event is named `type`.",
        choices=_writes(lambda event, data: orjson.dumps({"type": event, "data": data})),
    ),
    _fault(
        name="event_data_lacks_id",
        clause="HOOK-05",
        title="The event's data has no `id`.",
        choices=_writes(lambda event, data: orjson.dumps({"event": event, "data": {"status": data["status"]}})),
    ),
    _fault(
        name="event_data_lacks_status",
        clause="HOOK-05",
        title="The event's data has no `status`.",
        choices=_writes(lambda event, data: orjson.dumps({"event": event, "data": {"id": data["id"]}})),
    ),
    _fault(
        name="event_is_flat",
        clause="HOOK-05",
        title="`id` and `status` stand beside `event`, without `data`.",
        choices=_writes(lambda event, data: orjson.dumps({"event": event, **data})),
    ),
    _fault(
        name="event_is_a_form",
        clause="HOOK-05",
        title="Events come as a form.",
        choices={"webhooks.post": _post_form},
    ),
    _fault(
        name="unsubscribed_events_are_delivered",
        clause="HOOK-06",
        title="A webhook gets every event.",
        choices={"webhooks.wants": lambda hook, _event: hook.is_verified},
    ),
    _fault(
        name="events_of_all_customers_are_delivered",
        clause="HOOK-17",
        title="A webhook gets the events of all customers.",
        choices={"webhooks.hooks_for": lambda call: list(call.services.webhooks.by_id.values())},
    ),
    _fault(
        name="signature_is_missing",
        clause="HOOK-07",
        title="Deliveries are not signed.",
        choices=_signs(lambda _letter: {}),
    ),
    _fault(
        name="signature_uses_another_secret",
        clause="HOOK-07",
        title="Deliveries are signed with a secret that the subscriber does not have.",
        choices=_signs(lambda letter: sign_prefixed_hex(replace(letter, secret=OTHER_SECRET))),
    ),
    _fault(
        name="signature_is_of_parsed_body",
        clause="HOOK-07",
        title="The signature is over the body as another writer would have spelt it.",
        choices=_signs(_sign_other_spelling),
    ),
    _fault(
        name="signature_is_cut_off",
        clause="HOOK-07",
        title="The signature is half as long as it should be.",
        choices=_signs(lambda letter: {SIGNATURE_HEADER: digest(letter).hex()[:32]}),
    ),
    _fault(
        name="signature_is_md5",
        clause="HOOK-07",
        title="The signature is HMAC-MD5.",
        choices=_signs(_sign_with_md5),
    ),
    _fault(
        name="signature_covers_event_name_alone",
        clause="HOOK-08",
        title="All deliveries of an event carry the same signature.",
        choices=_signs(_sign_event_alone),
    ),
    _fault(
        name="signature_is_the_secret",
        clause="HOOK-08",
        title="The signature is the secret itself.",
        choices=_signs(lambda letter: {SIGNATURE_HEADER: letter.secret}),
    ),
    _fault(
        name="any_url_is_accepted",
        clause="HOOK-09",
        title="A `url` that is none, or a missing one, is accepted.",
        choices={"webhooks.read_url": _read_any_url},
    ),
    _fault(
        name="missing_url_breaks_server",
        clause="HOOK-09",
        title="Without `url` the request ends in 500.",
        request=on_body(WEBHOOKS, lambda body: body if body.get("url") is not None else _break(body)),
    ),
    _fault(
        name="missing_events_are_all",
        clause="HOOK-15",
        title="Without `events` a webhook subscribes to all.",
        choices={"webhooks.read_events": _read_missing_as_all},
    ),
    _fault(
        name="text_as_events_is_accepted",
        clause="HOOK-10",
        title="A text as `events` is taken for a list of one.",
        choices={"webhooks.read_events": _read_text_as_event},
    ),
    _fault(
        name="unknown_event_is_accepted",
        clause="HOOK-11",
        title="An unknown event name is accepted.",
        choices={"webhooks.read_events": _read_any_events},
    ),
    _fault(
        name="endpoint_without_https_is_accepted",
        clause="HOOK-12",
        title="An http URL outside loopback is accepted.",
        choices={"webhooks.read_url": _read_http_url},
    ),
    _fault(
        name="failed_delivery_is_not_repeated",
        clause="HOOK-13",
        title="A delivery that failed is not tried again.",
        choices={"webhooks.retry_delays_s": lambda _options: ()},
    ),
    _fault(
        name="events_are_delivered_twice",
        clause="HOOK-14",
        title="Each event is delivered twice.",
        choices=_delivers(_deliver_twice),
    ),
    _fault(
        name="event_names_an_inner_id",
        clause="HOOK-16",
        title="The event's `data.id` is an inner id, which no answer shows.",
        choices=_writes(
            lambda event, data: orjson.dumps({"event": event, "data": {**data, "id": f"run_{data['id'][5:]}"}})
        ),
    ),
)
