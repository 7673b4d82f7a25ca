"""A new key's id and secret are found whatever they are called."""

from typing import Any

import pytest

from assisters_verify.contract.key_fields import find_id, hidden_in, key_fields, secrets_in

SECRET = "sk-4f9c2a7d1e8b3056"
NAME = "dev-key-01"


@pytest.mark.parametrize(
    ("document", "key_id"),
    [
        ({"id": "k1", "key": SECRET, "name": NAME}, "k1"),
        ({"key": {"id": "k1", "secret": SECRET}, "account": {"id": "a1"}}, "k1"),
        ({"id": "request", "key": {"id": "k1", "value": SECRET}}, "k1"),
        ({"data": {"id": "k1", "attributes": {"token": SECRET}}, "id": "request"}, "k1"),
        ({"key_id": "k1", "api_key": SECRET, "id": "request"}, "k1"),
        ({"keyId": 17, "credential": SECRET}, "17"),
        ({"id": "key_12345678", "key": "key_12345678", "secret": SECRET}, "key_12345678"),
        ({"id": "k1", "once": SECRET, "object": "api_key"}, "k1"),
        ([{"id": "k1", "key": SECRET}], "k1"),
        ({"uuid": "k1", "key": "sk-***3056", "plain": SECRET}, "k1"),
        ({"id": SECRET, "key": SECRET}, SECRET),
        ({"id": "k1", "created_at": "2026-11-22T10:00:00Z"}, "k1"),
    ],
)
def test_id_is_found(document: Any, key_id: str) -> None:
    assert find_id(key_fields(document, name=NAME)) == key_id


@pytest.mark.parametrize("document", [{"key": SECRET}, {"name": NAME, "secret": SECRET}, {}, [], None])
def test_no_id_is_made_up(document: Any) -> None:
    assert find_id(key_fields(document, name=NAME)) is None


@pytest.mark.parametrize(
    ("document", "secrets"),
    [
        ({"id": "k1", "key": SECRET, "name": NAME}, ([SECRET], [])),
        ({"id": "k1", "key": "key_12345678", "secret": SECRET}, ([SECRET, "key_12345678"], [])),
        ({"id": "key_12345678", "key": "key_12345678", "secret": SECRET}, ([SECRET], [])),
        ({"id": "k1", "once": SECRET, "object": "api_key_of_you"}, ([], [SECRET])),
        ({"id": "k1", "key": "sk-…3056"}, ([], [])),
        ({"id": "k1", "key": "sk-****3056"}, ([], [])),
        ({"id": SECRET}, ([], [SECRET])),
        ({"name": "5f0c9e1b7a8d4c2e", "key": SECRET}, ([SECRET], [])),
        ({"error": {"type": "invalid_request_error", "token": SECRET}}, ([], [])),
        ({"error": None, "id": "k1", "key": SECRET}, ([SECRET], [])),
        ({"type": "invalid_request_error", "message": "No."}, ([], [])),
    ],
)
def test_secrets_are_told_from_everything_else(document: Any, secrets: tuple[list[str], list[str]]) -> None:
    assert secrets_in(document, name="5f0c9e1b7a8d4c2e") == secrets


def test_secret_inside_of_a_longer_text_is_hidden() -> None:
    document = {"id": "key_5f0c9e1b7a8d", "name": "x", "key": "sk-18fbb0c2d4e6<script>alert(1)</script> and more"}
    assert "sk-18fbb0c2d4e6" in hidden_in(document, name="x")


def test_id_is_not_hidden_beside_a_secret() -> None:
    document = {"id": "key_5f0c9e1b7a8d", "key": "sk-18fbb0c2d4e6f8"}
    assert hidden_in(document) == ["sk-18fbb0c2d4e6f8"]
