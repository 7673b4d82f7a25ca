"""Faults and readings of webhooks: each changes what a subscriber or an endpoint sees."""

import asyncio
import hashlib
import hmac
import json
import re
from typing import Any

import pytest

from assisters_verify.reference import DEFAULT_API_KEY
from assisters_verify.reference.chat.completing import FAILURE_MARKER
from assisters_verify.reference.faults import webhooks
from assisters_verify.reference.readings import READINGS

OTHER_KEY = "sk-other-customer-0001"
CHAT, WEBHOOKS = "/v1/chat/completions", "/v1/webhooks"
BOTH = ["chat.completion", "model.failed"]
VOLATILE = re.compile(r'"created":\d+|127\.0\.0\.1:\d+|\d{10}')
HOOK_WORDS = ("webhook_", "signature_", "secret_", "challenge_", "unverified_webhook", "events_have")
HOOK_READINGS = [name for name in READINGS if name.startswith(HOOK_WORDS)]
# Those in one corner are shown by what catches them: matrix/test_trials.py.
HOOK_FAULTS = [fault.name for fault in webhooks.FAULTS]


def chat_body(prompt: str) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": prompt}]}


async def play(api: Any, open_endpoint: Any) -> list[Any]:
    """Subscribe good, silent, failing and choosy endpoints, let both events happen, and tell what was seen."""
    async with (
        open_endpoint() as good,
        open_endpoint(gives_token_back=False) as silent,
        open_endpoint(statuses=[500]) as failing,
        open_endpoint() as choosy,
    ):
        wanted = [(good, BOTH), (silent, BOTH), (failing, BOTH), (choosy, ["model.failed"])]
        seen = [await api.send("POST", WEBHOOKS, body={"url": one.url, "events": events}) for one, events in wanted]
        secret = seen[0].json.get("secret", "")
        wrong: list[Any] = [{"url": "no url", "events": BOTH}, {"events": BOTH}, {"url": good.url},
                            {"url": good.url, "events": "x"},
                            {"url": good.url, "events": "model.failed"}, {"url": good.url, "events": ["unknown"]},
                            {"url": "http://example.invalid/x", "events": BOTH}]  # fmt: skip
        await settle(api)
        prompts = ("Say only one", "Say only two", FAILURE_MARKER)
        for prompt, key in [*((prompt, DEFAULT_API_KEY) for prompt in prompts), (prompts[0], OTHER_KEY)]:
            await api.send("POST", CHAT, body=chat_body(prompt), key=key)
            await settle(api)
        await api.send("POST", CHAT, body={**chat_body("Say only one"), "stream": True})
        await settle(api)
        got = [[describe(event, secret) for event in one.events] for one, _events in wanted]
        challenges = [[VOLATILE.sub("", challenge) for challenge in one.challenges] for one, _events in wanted]
        seen += [await api.send("POST", WEBHOOKS, body=body) for body in wrong]
        return [[(one.status, VOLATILE.sub("", one.body.decode())) for one in seen], got, challenges]


async def settle(api: Any) -> None:
    """Wait until nothing is on its way any more."""
    while tasks := api.app._services.webhooks._tasks:
        await asyncio.gather(*tasks)


def describe(event: tuple[dict[str, str], bytes], secret: str) -> list[Any]:
    headers, body = event
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    signature = headers.get("x-assisters-signature", "")
    shown = json.loads(body) if body.startswith(b"{") else body.decode()
    return [headers[":method"], headers.get("content-type"), shown, signature, signature == f"sha256={expected}"]


def run(make_api: Any, open_endpoint: Any, **variations: tuple[str, ...]) -> list[Any]:
    api = make_api(**variations, api_keys=(DEFAULT_API_KEY, OTHER_KEY), webhook_retry_delays_s=(0.001, 0.001))
    played: list[Any] = api.run(play(api, open_endpoint))
    return played


@pytest.fixture(scope="module")
def conforming() -> list[Any]:
    return []


@pytest.mark.parametrize("fault", HOOK_FAULTS)
def test_webhook_fault_changes_what_is_seen(
    make_api: Any, open_endpoint: Any, conforming: list[Any], fault: str
) -> None:
    if not conforming:
        conforming.extend(run(make_api, open_endpoint))
    assert run(make_api, open_endpoint, faults=(fault,)) != conforming


@pytest.mark.parametrize("reading", HOOK_READINGS)
def test_webhook_reading_changes_what_is_seen(
    make_api: Any, open_endpoint: Any, conforming: list[Any], reading: str
) -> None:
    if not conforming:
        conforming.extend(run(make_api, open_endpoint))
    assert run(make_api, open_endpoint, readings=(reading,)) != conforming


def test_conforming_server_plays_the_same_twice(make_api: Any, open_endpoint: Any) -> None:
    assert run(make_api, open_endpoint) == run(make_api, open_endpoint)
