"""The OpenAPI file refuses what the documentation refuses, and leaves open what it leaves open."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "spec" / "openapi.yaml").read_text(encoding="utf-8"))

USER = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


def is_valid(schema: str, value: object) -> bool:
    registry = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(SPEC))
    reference = {"$ref": f"urn:openapi#/components/schemas/{schema}"}
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(reference, registry=registry, format_checker=checker).is_valid(value)


def chat(**fields: object) -> dict[str, object]:
    return {"model": "gpt-4.1-mini", "messages": [USER], **fields}


def says(**fields: object) -> dict[str, object]:
    return {"choices": [{"message": {"role": "assistant", **fields}}]}


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [USER]},
        {"model": "gpt-4.1-mini"},
        {"model": "gpt-4.1-mini", "prompt": "Hello"},
        chat(model=None),
        chat(model=7),
        chat(messages=None),
        chat(messages="Hello"),
        chat(messages=["Hello"]),
        chat(messages=[{"content": "Hello"}]),
        chat(messages=[{"role": "user"}]),
        chat(messages=[{"role": "user", "content": None}]),
        chat(messages=[{"role": "user", "content": 7}]),
        chat(messages=[{"role": "assistant"}]),
        chat(messages=[USER, {"role": "assistant", "tool_calls": "get_weather"}]),
        chat(messages=[USER, {"role": "tool", "content": "{}", "tool_call_id": 1}]),
        chat(temperature=1.01),
        chat(temperature=-0.01),
        chat(temperature="0.5"),
        chat(max_tokens=-1),
        chat(max_tokens=1.5),
        chat(max_tokens="5"),
        chat(max_tokens=True),
        chat(stream="yes"),
        chat(reasoning=1),
        chat(mask=[]),
        chat(tools="web_search"),
        [],
        "Hello",
        None,
    ],
)
def test_refused_chat_request(body: object) -> None:
    assert not is_valid("ChatRequest", body)


@pytest.mark.parametrize(
    "body",
    [
        chat(),
        chat(temperature=0),
        chat(temperature=1),
        chat(temperature=None, max_tokens=None, stream=None, tools=None, reasoning=None, mask=None),
        chat(max_tokens=0),
        chat(max_tokens=10.0),
        chat(messages=[]),
        chat(messages=[{"role": "narrator", "content": "Hello"}]),
        chat(messages=[{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]),
        chat(messages=[USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}]),
        chat(messages=[USER, {"role": "assistant", "tool_calls": [CALL]}]),
        chat(messages=[USER | {"tool_calls": 1, "tool_call_id": 1}]),
        chat(tools=[{"type": "web_search"}]),
        chat(unknown_field={"x": 1}),
    ],
)
def test_chat_request_that_a_server_may_accept(body: object) -> None:
    assert is_valid("ChatRequest", body)


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m"},
        {"input": "text"},
        {"model": "m", "input": None},
        {"model": "m", "input": 7},
        {"model": "m", "input": {"text": "a"}},
        {"model": "m", "input": ["a", None]},
        {"model": "m", "input": ["a", 1.5]},
    ],
)
def test_refused_embedding_request(body: object) -> None:
    assert not is_valid("EmbeddingRequest", body)


@pytest.mark.parametrize("text", ["", "text", [], ["a", "b"], [1, 2], [[1], [2]]])
def test_embedding_request_that_a_server_may_accept(text: object) -> None:
    assert is_valid("EmbeddingRequest", {"model": "m", "input": text})


@pytest.mark.parametrize("url", [None, 7, "", "events", "/events", "ftp://example.com", "https://"])
def test_refused_webhook_url(url: object) -> None:
    assert not is_valid("WebhookRequest", {"url": url, "events": ["chat.completion"]})


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": []},
        {"choices": [{"delta": {"content": "Hello"}}]},
        {"choices": [{"message": {"content": "Hello"}}]},
        says(),
        says(content=None),
        says(content=None, tool_calls=[]),
        says(content="Let me look.", tool_calls=[CALL]),
        says(content=None, tool_calls=[CALL | {"type": "tool"}]),
        says(content=None, tool_calls=[{"id": "call_1", "type": "function"}]),
        says(content="4", reasoning=["a", "b"]),
    ],
)
def test_wrong_completion(answer: object) -> None:
    assert not is_valid("ChatCompletion", answer)


@pytest.mark.parametrize(
    "answer",
    [
        says(content="Hello"),
        says(content="Hello", tool_calls=None, reasoning=None, refusal=None) | {"id": "chat_1", "usage": {"x": 1}},
        says(content="Hello", tool_calls=[]),
        says(content=None, tool_calls=[CALL]),
        says(content="", tool_calls=[CALL]),
        says(tool_calls=[CALL]),
    ],
)
def test_right_completion(answer: object) -> None:
    assert is_valid("ChatCompletion", answer)


@pytest.mark.parametrize("chunk", [[], {"choices": {}}, {"choices": [{"text": "a"}]}, {"choices": [{"delta": "a"}]}])
def test_wrong_chunk(chunk: object) -> None:
    assert not is_valid("ChatChunk", chunk)


@pytest.mark.parametrize(
    "chunk",
    [
        {"usage": {"tokens": 3}},
        {"choices": [], "usage": {"tokens": 3}},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [{"delta": {"role": "assistant", "content": None}}]},
        {"choices": [{"delta": {"content": "a"}, "index": 0}]},
    ],
)
def test_right_chunk(chunk: object) -> None:
    assert is_valid("ChatChunk", chunk)


@pytest.mark.parametrize(
    "answer",
    [
        "a",
        {"embedding": [0.1]},
        {"embedding": [], "model": "m", "usage": {"tokens": 1}},
        {"embedding": ["0.1"], "model": "m", "usage": {"tokens": 1}},
        {"embedding": [0.1], "model": "m", "usage": {"tokens": 0}},
        {"embedding": [[0.1], ["a"]]},
        {"embedding": [[0.1], 0.2]},
        {"data": [{"embedding": "AAAA"}]},
        {"embeddings": [[0.1], ["a"]]},
    ],
)
def test_wrong_embedding(answer: object) -> None:
    assert not is_valid("EmbeddingAnswer", answer)


@pytest.mark.parametrize(
    "answer",
    [
        {"embedding": [0.1, -1], "model": "m", "usage": {"tokens": 2}},
        {"embedding": [[0.1], [0.2]], "model": "m"},
        {"embeddings": [[0.1], [0.2]]},
        {"data": [{"embedding": [0.1], "index": 0}]},
        {"results": [{"vector": [0.1]}]},
        [[0.1], [0.2]],
    ],
)
def test_right_embedding(answer: object) -> None:
    assert is_valid("EmbeddingAnswer", answer)


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"error": "Model not found."},
        {"error": {"type": "a", "message": "b"}},
        {"error": {"type": "", "message": "b", "param": None, "code": None}},
        {"error": {"type": "a", "message": "b", "param": None, "code": 404}},
    ],
)
def test_wrong_error(error: object) -> None:
    assert not is_valid("Error", error)


def test_right_error() -> None:
    assert is_valid("Error", {"error": {"type": "a", "message": "b", "param": None, "code": None}, "request_id": "r"})
