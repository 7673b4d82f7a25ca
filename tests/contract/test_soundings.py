"""Soundings tell what seems to be there, and make nothing."""

import asyncio
import json
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.soundings import SOUNDINGS, Chart, Echo, Sound, read_models, sound_out

CHART = Chart(
    listed={"big": ("chat", "tools"), "gpt-4.1-mini": ("chat",), "vec": ("embeddings",), "deep": ("reasoning",)}
)
Asked = list[tuple[str, str, Any]]


def answer(status: int = 200, body: Any = None, *, kind: str = "application/json", path: str = "/") -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return Answer(
        exchange="",
        method="GET",
        path=path,
        status=status,
        headers={"content-type": kind},
        body=content,
        first_byte_s=0.1,
        total_s=0.1,
    )


def sound(answers: Any) -> tuple[dict[str, Echo], Asked]:
    asked: Asked = []

    async def ask(method: str, path: str, body: Any = None, **_: Any) -> Answer:
        asked.append((method, path, body))
        found = answers(method, path, body)
        assert isinstance(found, Answer)
        return found

    return {echo.area: echo for echo in asyncio.run(sound_out(ask, CHART))}, asked


def everything(method: str, path: str, body: Any) -> Answer:
    if method == "DELETE":
        return answer(404, {"error": {"message": path if "/data/" in path else "no route"}})
    if isinstance(body, list):
        return answer(400, {"error": {}})
    if isinstance(body, dict) and body.get("stream"):
        return answer(200, {}, kind="text/event-stream")
    message = {"tool_calls": [], "reasoning": "because"}
    return answer(200, {"id": "c1", "choices": [{"message": message}], "embedding": [1]})


def nothing(_method: str, _path: str, _body: Any) -> Answer:
    return answer(404, {"error": {"message": "no route"}})


def test_what_is_there_is_heard() -> None:
    heard, _ = sound(everything)
    assert {area for area, echo in heard.items() if echo.sound is not Sound.THERE} == set()


def test_what_is_not_there_is_missing_and_what_cannot_be_told_is_not_clear() -> None:
    heard, _ = sound(nothing)
    assert {area: echo.sound for area, echo in heard.items() if echo.sound is not Sound.MISSING} == {
        "data": Sound.UNCLEAR
    }


@pytest.mark.parametrize("status", [401, 500, 503])
def test_an_odd_answer_says_nothing(status: int) -> None:
    heard, _ = sound(lambda *_: answer(status, {"error": {}}))
    assert {echo.sound for echo in heard.values()} == {Sound.UNCLEAR}


def test_an_unknown_model_does_not_make_the_route_missing() -> None:
    heard, _ = sound(lambda *_: answer(404, {"error": {"code": "model_not_found"}}))
    assert heard["chat"].sound is Sound.UNCLEAR


def test_a_stream_that_is_none_is_not_clear() -> None:
    heard, _ = sound(lambda *_: answer(200, {"choices": []}))
    assert heard["streaming"].sound is Sound.UNCLEAR


def test_text_that_is_not_masked_is_not_clear() -> None:
    heard, _ = sound(lambda *_: answer(200, {"choices": ["ann@example.com"]}))
    assert heard["privacy"].sound is Sound.UNCLEAR


def test_nothing_is_asked_that_could_make_something() -> None:
    _, asked = sound(everything)
    bodies = [body for _, path, body in asked if path in {"/v1/keys", "/v1/webhooks"}]
    assert bodies == [[], []]


@pytest.mark.parametrize(
    ("made", "deletion", "told"),
    [
        ({"id": "m/1"}, 204, "taken back"),
        ({"id": "m/1"}, 404, "NOT taken back, id m/1"),
        ({}, 204, "NOT taken back, since it shows no id"),
        ({"id": "m" * 2_000}, 204, "NOT taken back"),
    ],
)
def test_what_is_made_of_nothing_is_taken_back(made: dict[str, str], deletion: int, told: str) -> None:
    def make(method: str, _path: str, _body: Any) -> Answer:
        return answer(deletion) if method == "DELETE" else answer(201, made)

    heard, asked = sound(make)
    seen = [heard[area].seen for area in ("keys", "webhooks")]
    assert [(told in each, len(each) < 200) for each in seen] == [(True, True)] * 2
    undone = [path for method, path, _ in asked if method == "DELETE" and path.startswith(("/v1/keys", "/v1/webhooks"))]
    assert undone == (["/v1/keys/m%2F1", "/v1/webhooks/m%2F1"] if made.get("id") == "m/1" else [])


def test_few_requests_of_few_tokens_are_sent() -> None:
    _, asked = sound(everything)
    tokens = sum(body.get("max_tokens", 0) for _, _, body in asked if isinstance(body, dict))
    assert (len(asked) <= len(SOUNDINGS) + 3, tokens <= 150) == (True, True)


@pytest.mark.parametrize(
    ("capability", "documented", "expected"),
    [
        ("chat", "gpt-4.1-mini", "gpt-4.1-mini"),
        ("tools", "gpt-4.1-mini", "big"),
        ("embeddings", "text-embedding-3-small", "vec"),
        ("flying", "gpt-4.1-mini", "big"),
    ],
)
def test_a_model_is_chosen_by_what_it_claims(capability: str, documented: str, expected: str) -> None:
    assert CHART.choose(capability, documented) == expected


def test_without_a_list_the_documented_model_is_asked() -> None:
    assert Chart().choose("chat", "gpt-4.1-mini") == "gpt-4.1-mini"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"models": [{"id": "a", "supports": ["chat"]}, {"id": "b"}]}, {"a": ("chat",), "b": ()}),
        ({"data": [{"id": "a"}]}, {"a": ()}),
        ({"models": [{"id": 3}, {"id": ""}, "x"]}, {}),
        ({"models": "a"}, {}),
        ([], {}),
    ],
)
def test_models_are_read_from_whatever_list_there_is(document: Any, expected: dict[str, Any]) -> None:
    assert read_models(answer(200, document)) == expected


def test_what_is_no_json_lists_no_models() -> None:
    assert read_models(answer(200)) == {}
