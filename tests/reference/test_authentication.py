"""Authentication: the key counts whole, exactly, and as a bearer credential alone."""

from typing import Any

import pytest

from assisters_verify.reference import DEFAULT_API_KEY

KEY = DEFAULT_API_KEY


@pytest.mark.parametrize("value", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER  {KEY}"])
def test_bearer_key_is_let_in(api: Any, value: str) -> None:
    assert api.get("/v1/models", key=None, headers={"Authorization": value}).status == 200


@pytest.mark.parametrize(
    "value",
    [KEY, f"Basic {KEY}", f"Token {KEY}", "Bearer", "Bearer ", "", f"Bearer {KEY[:-1]}", f"Bearer {KEY}x",
     f"Bearer {KEY.upper()}", f"Bearer{KEY}", f"Bearer Bearer {KEY}", f"Bearer {KEY} {KEY}"],
)  # fmt: skip
def test_anything_else_is_refused(api: Any, value: str) -> None:
    assert api.get("/v1/models", key=None, headers={"Authorization": value}).status == 401


def test_refusal_names_the_scheme_and_not_the_key(api: Any) -> None:
    seen = api.get("/v1/models", key="sk-wrong-0123456789")
    assert (seen.headers["www-authenticate"][:6], b"sk-wrong" in seen.body) == ("Bearer", False)


def test_key_in_query_is_refused(api: Any) -> None:
    assert api.get(f"/v1/models?api_key={KEY}", key=None).status == 401
