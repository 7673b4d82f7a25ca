"""The application: the documented routes, and the way in and out."""

from typing import Any

import pytest

from assisters_verify.reference.routes import ROUTES

KNOWN = [
    ("GET", "/v1/models"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/keys"),
    ("GET", "/v1/keys"),
    ("DELETE", "/v1/keys/x"),
    ("POST", "/v1/webhooks"),
    ("DELETE", "/v1/webhooks/x"),
    ("DELETE", "/v1/data/x"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/metrics"),
    ("GET", "/v1/models/x/test"),
    ("POST", "/v1/models/x/test"),
    ("POST", "/v1/completions"),
    ("PATCH", "/v1/models"),
    ("GET", "/v1/no-such-route"),
    ("GET", "/v1"),
]


@pytest.mark.parametrize(("method", "path"), KNOWN)
def test_every_route_and_verb_needs_a_key(api: Any, method: str, path: str) -> None:
    seen = api.request(method, path, key=None)
    assert (seen.status, seen.json["error"]["code"]) == (401, "invalid_api_key")


def test_unknown_route_is_404_with_envelope(api: Any) -> None:
    seen = api.get("/v1/no-such-route")
    assert (seen.status, sorted(seen.json["error"])) == (404, ["code", "message", "param", "type"])


def test_unknown_route_outside_v1_needs_no_key(api: Any) -> None:
    assert api.get("/favicon.ico", key=None).status == 404


def test_trailing_slash_is_another_route(api: Any) -> None:
    assert api.get("/v1/models/").status == 404


def test_wrong_verb_is_405_and_names_the_right_ones(api: Any) -> None:
    seen = api.request("PUT", "/v1/keys")
    assert (seen.status, seen.headers["allow"]) == (405, "GET, HEAD, POST")


def test_head_is_answered_like_get(api: Any) -> None:
    assert api.request("HEAD", "/v1/models").status == 200


def test_defect_is_500_with_envelope(make_api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a defect of the server itself keeps the promise of the envelope."""

    async def fail(_call: Any) -> Any:
        raise RuntimeError("a defect")

    monkeypatch.setitem(ROUTES["/v1/models"], "GET", fail)
    seen = make_api().get("/v1/models")
    assert (seen.status, seen.json["error"]["code"]) == (500, "internal_error")


def test_long_body_is_413(make_api: Any) -> None:
    api = make_api(max_body_bytes=100)
    assert api.chat("x" * 200).status == 413


def test_applications_share_nothing(make_api: Any) -> None:
    one, other = make_api(), make_api()
    secret = one.post("/v1/keys", {"name": "mine"}).json["key"]
    assert (one.get("/v1/models", key=secret).status, other.get("/v1/models", key=secret).status) == (200, 401)
