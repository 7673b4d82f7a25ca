"""Webhook routes: which subscriptions are taken."""

from typing import Any

import pytest

URL = "https://127.0.0.1:9/events"


@pytest.mark.parametrize(
    "url",
    [None, 7, "", "no url", "ftp://example.com/x", "https://", "//example.com", "https://exa mple.com", "https://x:99999/",
     "http://example.com/events", "javascript:alert(1)", ["https://example.com"]],
)  # fmt: skip
def test_what_is_no_url_is_refused(api: Any, url: Any) -> None:
    seen = api.post("/v1/webhooks", {"url": url, "events": ["chat.completion"]})
    assert (seen.status, seen.json["error"]["param"]) == (400, "url")


@pytest.mark.parametrize("events", [None, [], "chat.completion", ["unknown"], [7], {}, [["chat.completion"]]])
def test_what_is_no_list_of_events_is_refused(api: Any, events: Any) -> None:
    seen = api.post("/v1/webhooks", {"url": URL, "events": events})
    assert (seen.status, seen.json["error"]["param"]) == (400, "events")


def test_endpoint_outside_loopback_is_never_called(api: Any) -> None:
    """It is taken, but stays unverified: the embedded server calls nobody outside this machine."""
    seen = api.post("/v1/webhooks", {"url": "https://your-server.invalid/events", "events": ["chat.completion"]})
    assert (seen.status, seen.json["status"]) == (201, "unverified")


def test_secret_is_shown_once(api: Any) -> None:
    created = api.post("/v1/webhooks", {"url": URL, "events": ["chat.completion"]}).json
    listed = api.get("/v1/webhooks").json["webhooks"][0]
    assert (created["secret"][:6], "secret" in listed) == ("whsec_", False)


def test_unknown_webhook_is_404(api: Any) -> None:
    assert api.delete("/v1/webhooks/hook_unknown").json["error"]["code"] == "webhook_not_found"
