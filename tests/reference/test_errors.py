"""Errors: what is no request is refused with 400 and the envelope."""

from typing import Any

import pytest

BODIES = {
    "empty": b"",
    "cut off": b'{"model": "gpt-4.1-mini"',
    "no JSON": b"model=gpt-4.1-mini",
    "two values": b"{} {}",
    "NaN": b'{"temperature": NaN}',
    "single quotes": b"{'model': 'x'}",
    "no UTF-8": b'{"model": "\xff"}',
    "half a surrogate": b'{"model": "\\ud800"}',
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"1",
    "null": b"null",
    "deep nesting": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
}


@pytest.mark.parametrize("route", ["/v1/chat/completions", "/v1/embeddings", "/v1/keys", "/v1/webhooks"])
@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_object_is_400(api: Any, route: str, name: str) -> None:
    seen = api.post(route, raw=BODIES[name])
    assert (seen.status, seen.json["error"]["code"]) == (400, "invalid_json")


def test_errors_are_json(api: Any) -> None:
    assert api.get("/v1/x").headers["content-type"] == "application/json"
