"""The legacy API: gone, and pointing to what replaced it."""

from typing import Any


def test_legacy_route_is_404_and_names_the_new_one(api: Any) -> None:
    seen = api.post("/v1/completions", {"prompt": "Hello"})
    assert (seen.status, "/v1/chat/completions" in seen.json["error"]["message"]) == (404, True)


def test_prompt_without_messages_is_400(api: Any) -> None:
    seen = api.post("/v1/chat/completions", {"model": "gpt-4.1-mini", "prompt": "Hello"})
    assert (seen.status, seen.json["error"]["param"]) == (400, "messages")
