"""Webhooks: verified endpoints get the events they subscribed to, signed, until they take them."""

import asyncio
import hashlib
import hmac
import json
from typing import Any

from assisters_verify.reference.chat.completing import FAILURE_MARKER

CHAT = "/v1/chat/completions"
BOTH = ["chat.completion", "model.failed"]


def chat_body(prompt: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": prompt}], **fields}


async def subscribe(api: Any, endpoint: Any, *events: str, **options: Any) -> Any:
    body = {"url": endpoint.url, "events": list(events) or BOTH}
    return (await api.send("POST", "/v1/webhooks", body=body, **options)).json


def events_of(endpoint: Any) -> list[Any]:
    return [json.loads(body) for _headers, body in endpoint.events]


def test_endpoint_is_verified_with_a_token(api: Any, open_endpoint: Any) -> None:
    async def scenario() -> tuple[str, str]:
        async with open_endpoint() as endpoint:
            hook = await subscribe(api, endpoint)
            return hook["status"], endpoint.challenges[0].split("=")[0]

    assert api.run(scenario()) == ("verified", "/webhooks/verify?challenge")


def test_completion_is_announced(api: Any, open_endpoint: Any) -> None:
    async def scenario() -> tuple[Any, Any]:
        async with open_endpoint() as endpoint:
            await subscribe(api, endpoint)
            completion = await api.send("POST", CHAT, body=chat_body())
            await endpoint.wait_for(1)
            return events_of(endpoint)[0], completion.json["id"]

    event, completion_id = api.run(scenario())
    assert event == {"event": "chat.completion", "data": {"id": completion_id, "status": "completed"}}


def test_streamed_completion_and_failure_are_announced(api: Any, open_endpoint: Any) -> None:
    async def scenario() -> list[Any]:
        async with open_endpoint() as endpoint:
            await subscribe(api, endpoint)
            await api.send("POST", CHAT, body=chat_body(stream=True))
            await endpoint.wait_for(1)
            await api.send("POST", CHAT, body=chat_body(FAILURE_MARKER))
            await endpoint.wait_for(2)
            return [(event["event"], event["data"]["status"]) for event in events_of(endpoint)]

    assert api.run(scenario()) == [("chat.completion", "completed"), ("model.failed", "failed")]


def test_signature_is_over_the_raw_body(api: Any, open_endpoint: Any) -> None:
    async def scenario() -> tuple[str, str]:
        async with open_endpoint() as endpoint:
            secret = (await subscribe(api, endpoint))["secret"]
            await api.send("POST", CHAT, body=chat_body())
            await endpoint.wait_for(1)
            headers, body = endpoint.events[0]
            expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            return headers["x-assisters-signature"], f"sha256={expected}"

    shown, expected = api.run(scenario())
    assert shown == expected


def test_only_subscribed_events_are_delivered(api: Any, open_endpoint: Any) -> None:
    async def scenario() -> list[str]:
        async with open_endpoint() as endpoint:
            await subscribe(api, endpoint, "model.failed")
            await api.send("POST", CHAT, body=chat_body())
            await api.send("POST", CHAT, body=chat_body(FAILURE_MARKER))
            await endpoint.wait_for(1)
            return [event["event"] for event in events_of(endpoint)]

    assert api.run(scenario()) == ["model.failed"]


def test_unverified_endpoint_gets_nothing(api: Any, open_endpoint: Any) -> None:
    """A second, verified endpoint tells when the event has gone out."""

    async def scenario() -> tuple[str, int]:
        async with open_endpoint(gives_token_back=False) as silent, open_endpoint() as control:
            hook = await subscribe(api, silent)
            await subscribe(api, control)
            await api.send("POST", CHAT, body=chat_body())
            await control.wait_for(1)
            return hook["status"], len(silent.events)

    assert api.run(scenario()) == ("unverified", 0)


def test_failed_delivery_is_repeated(make_api: Any, open_endpoint: Any) -> None:
    api = make_api(webhook_retry_delays_s=(0.01, 0.01))

    async def scenario() -> int:
        async with open_endpoint(statuses=[500, 503]) as endpoint:
            await subscribe(api, endpoint)
            await api.send("POST", CHAT, body=chat_body())
            await endpoint.wait_for(3)
            return len({body for _headers, body in endpoint.events})

    assert api.run(scenario()) == 1


def test_deleted_webhook_gets_nothing(api: Any, open_endpoint: Any) -> None:
    async def scenario() -> tuple[int, int, int]:
        async with open_endpoint() as endpoint, open_endpoint() as control:
            hook = await subscribe(api, endpoint)
            await subscribe(api, control)
            deleted = await api.send("DELETE", f"/v1/webhooks/{hook['id']}")
            again = await api.send("DELETE", f"/v1/webhooks/{hook['id']}")
            await api.send("POST", CHAT, body=chat_body())
            await control.wait_for(1)
            return deleted.status, again.status, len(endpoint.events)

    assert api.run(scenario()) == (200, 404, 0)


def test_repeat_by_idempotency_key_announces_nothing(api: Any, open_endpoint: Any) -> None:
    """The event tells of a run, and a repeat is none."""

    async def scenario() -> list[str]:
        async with open_endpoint() as endpoint:
            await subscribe(api, endpoint)
            headers = {"Idempotency-Key": "one"}
            for _ in range(2):
                await api.send("POST", CHAT, body=chat_body(), headers=headers)
            last = await api.send("POST", CHAT, body=chat_body())
            await endpoint.wait_for(2)
            await asyncio.sleep(0)
            ids = [event["data"]["id"] for event in events_of(endpoint)]
            return [str(len(ids)), str(ids[-1] == last.json["id"])]

    assert api.run(scenario()) == ["2", "True"]


def test_other_accounts_get_nothing(make_api: Any, open_endpoint: Any) -> None:
    api = make_api(api_keys=("sk-one", "sk-two"))

    async def scenario() -> int:
        async with open_endpoint() as endpoint, open_endpoint() as control:
            await subscribe(api, endpoint, key="sk-one")
            await subscribe(api, control, key="sk-two")
            await api.send("POST", CHAT, body=chat_body(), key="sk-two")
            await control.wait_for(1)
            return len(endpoint.events)

    assert api.run(scenario()) == 0
