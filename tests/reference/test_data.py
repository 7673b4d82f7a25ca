"""Deletion of data: a completion's, by its owner, once."""

from typing import Any


def test_completion_can_be_deleted_once(api: Any) -> None:
    path = f"/v1/data/{api.chat().json['id']}"
    assert [api.delete(path).status, api.delete(path).status] == [200, 404]


def test_streamed_completion_can_be_deleted(api: Any) -> None:
    assert api.delete(f"/v1/data/{api.chat(stream=True).events[0]['id']}").status == 200


def test_unknown_data_is_404(api: Any) -> None:
    seen = api.delete("/v1/data/chat_unknown")
    assert (seen.status, seen.json["error"]["code"]) == (404, "data_not_found")


def test_another_customer_is_refused_and_the_owner_is_not(make_api: Any) -> None:
    api = make_api(api_keys=("sk-one", "sk-two"))
    body = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "x"}]}
    path = f"/v1/data/{api.post('/v1/chat/completions', body, key='sk-one').json['id']}"
    assert [api.delete(path, key="sk-two").status, api.delete(path, key="sk-one").status] == [404, 200]
