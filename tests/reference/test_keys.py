"""API keys: they work from creation to deletion, within their account."""

from typing import Any

import pytest


def create(api: Any, name: str = "dev-key-01", **options: Any) -> dict[str, Any]:
    created: dict[str, Any] = api.post("/v1/keys", {"name": name}, **options).json
    return created


def test_creation_shows_id_name_and_secret(api: Any) -> None:
    seen = api.post("/v1/keys", {"name": "dev-key-01"})
    shown = (seen.json["name"], seen.json["id"][:4], len(seen.json["key"]))
    assert (seen.status, shown) == (201, ("dev-key-01", "key_", 43))


def test_created_key_is_let_in(api: Any) -> None:
    assert api.get("/v1/models", key=create(api)["key"]).status == 200


def test_deleted_key_is_refused(api: Any) -> None:
    key = create(api)
    deleted = api.delete(f"/v1/keys/{key['id']}")
    assert (deleted.status, api.get("/v1/models", key=key["key"]).status) == (200, 401)


def test_deleting_one_key_leaves_the_other(api: Any) -> None:
    one, other = create(api), create(api)
    api.delete(f"/v1/keys/{one['id']}")
    assert api.get("/v1/models", key=other["key"]).status == 200


def test_second_deletion_is_404(api: Any) -> None:
    key = create(api)
    api.delete(f"/v1/keys/{key['id']}")
    assert api.delete(f"/v1/keys/{key['id']}").status == 404


def test_keys_of_other_accounts_cannot_be_deleted(make_api: Any) -> None:
    api = make_api(api_keys=("sk-one", "sk-two"))
    key = create(api, key="sk-one")
    assert api.delete(f"/v1/keys/{key['id']}", key="sk-two").status == 404


def test_created_key_belongs_to_its_creators_account(make_api: Any) -> None:
    """A created key sees and deletes its account's keys, itself included."""
    api = make_api()
    key = create(api)
    names = [shown["name"] for shown in api.get("/v1/keys", key=key["key"]).json["keys"]]
    assert (names, api.delete(f"/v1/keys/{key['id']}", key=key["key"]).status) == (["initial-1", "dev-key-01"], 200)


def test_list_shows_no_secret(api: Any) -> None:
    key = create(api)
    assert key["key"].encode() not in api.get("/v1/keys").body


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": 7}, {"name": ""}, {"name": ["x"]}])
def test_name_must_be_a_text(api: Any, body: dict[str, Any]) -> None:
    seen = api.post("/v1/keys", body)
    assert (seen.status, seen.json["error"]["param"]) == (400, "name")


def test_seed_decides_ids_and_secrets(make_api: Any) -> None:
    one, same, other = create(make_api(seed=1)), create(make_api(seed=1)), create(make_api(seed=2))
    assert (one["key"] == same["key"], one["key"] == other["key"]) == (True, False)
