"""Idempotency: one run per key, body and customer."""

import asyncio
from typing import Any

import pytest

from assisters_verify.reference.chat import completing

BODY = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Hello"}]}
STREAM = {**BODY, "stream": True}
PATH = "/v1/chat/completions"


def post(api: Any, idempotency_key: str | None, body: Any = None, **options: Any) -> Any:
    headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
    return api.post(PATH, body or BODY, headers=headers, **options)


def test_without_a_key_each_answer_has_its_own_id(api: Any) -> None:
    assert post(api, None).json["id"] != post(api, None).json["id"]


def test_repeat_gets_the_same_answer(api: Any) -> None:
    assert post(api, "one").body == post(api, "one").body


def test_repeated_stream_is_the_same(api: Any) -> None:
    assert post(api, "one", STREAM).body == post(api, "one", STREAM).body


def test_another_key_is_another_request(api: Any) -> None:
    assert post(api, "one").json["id"] != post(api, "two").json["id"]


def test_another_body_is_refused(api: Any) -> None:
    post(api, "one")
    seen = post(api, "one", {**BODY, "temperature": 0.5})
    assert (seen.status, seen.json["error"]["code"]) == (400, "idempotency_key_reused")


def test_another_customer_gets_its_own_answer(make_api: Any) -> None:
    api = make_api(api_keys=("sk-one", "sk-two"))
    assert post(api, "same", key="sk-one").json["id"] != post(api, "same", key="sk-two").json["id"]


def test_refusal_is_not_kept(api: Any) -> None:
    refused = post(api, "one", {"model": "gpt-4.1-mini"})
    assert (refused.status, post(api, "one").status) == (400, 200)


def test_deleted_data_is_not_replayed(api: Any) -> None:
    first = post(api, "one").json["id"]
    api.delete(f"/v1/data/{first}")
    assert post(api, "one").json["id"] != first


def test_created_key_is_created_once(api: Any) -> None:
    headers = {"Idempotency-Key": "one"}
    answers = [api.post("/v1/keys", {"name": "x"}, headers=headers).json["key"] for _ in range(2)]
    assert (answers[0] == answers[1], len(api.get("/v1/keys").json["keys"])) == (True, 2)


@pytest.mark.parametrize("body", [BODY, STREAM])
def test_twins_are_run_once(make_api: Any, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    """The second of two that arrive together waits for the first."""
    api = make_api()
    runs = []

    async def run_slowly(call: Any) -> Any:
        runs.append(call)
        await asyncio.sleep(0.01)
        return await completing.complete_chat(call)

    monkeypatch.setitem(_routes(api)[PATH], "POST", run_slowly)
    headers = {"Idempotency-Key": "one"}

    async def both() -> list[Any]:
        return await asyncio.gather(*(api.send("POST", PATH, body=body, headers=headers) for _ in range(2)))

    first, second = api.run(both())
    assert (first.body == second.body, len(runs)) == (True, 1)


def _routes(api: Any) -> dict[str, Any]:
    return {route.path: route.endpoint._verbs for route in api.app._router.routes}


def test_failed_first_twin_lets_the_second_run(make_api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api()
    runs = []

    async def fail_once(call: Any) -> Any:
        runs.append(call)
        await asyncio.sleep(0.01)
        if len(runs) == 1:
            raise RuntimeError("a defect")
        return await completing.complete_chat(call)

    monkeypatch.setitem(_routes(api)[PATH], "POST", fail_once)
    headers = {"Idempotency-Key": "one"}

    async def both() -> list[Any]:
        return await asyncio.gather(*(api.send("POST", PATH, body=BODY, headers=headers) for _ in range(2)))

    assert [seen.status for seen in api.run(both())] == [500, 200]
