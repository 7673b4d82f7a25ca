"""Tools: calls of the offered tools with valid arguments, there and back."""

import json
from typing import Any

import pytest

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get current weather for a location.",
        "parameters": {"type": "object", "properties": {"location": {"type": "string"}}},
    },
}
PROMPT = "What’s the weather in Paris?"  # noqa: RUF001 - as documented


def message_of(seen: Any) -> Any:
    return seen.json["choices"][0]["message"]


def test_documented_call(api: Any) -> None:
    seen = api.chat(PROMPT, tools=[WEATHER])
    message = message_of(seen)
    function = message["tool_calls"][0]["function"]
    assert (message["content"], function, seen.json["choices"][0]["finish_reason"]) == (
        None,
        {"name": "get_weather", "arguments": '{"location": "Paris"}'},
        "tool_calls",
    )


def test_several_asks_are_several_calls_with_their_own_ids(api: Any) -> None:
    calls = message_of(api.chat("What's the weather in Paris and in London?", tools=[WEATHER]))["tool_calls"]
    cities = [json.loads(call["function"]["arguments"])["location"] for call in calls]
    assert (cities, len({call["id"] for call in calls})) == (["Paris", "London"], 2)


def test_result_is_used_in_the_answer(api: Any) -> None:
    asked = {"role": "user", "content": PROMPT}
    call = message_of(api.chat(PROMPT, tools=[WEATHER]))
    result = {
        "role": "tool",
        "content": '{"temperature": 15, "unit": "C"}',
        "tool_call_id": call["tool_calls"][0]["id"],
    }
    body = {"model": "gpt-4.1-mini", "messages": [asked, call, result], "tools": [WEATHER]}
    assert "temperature 15" in message_of(api.post("/v1/chat/completions", body))["content"]


def test_streamed_call_joins_to_the_plain_one(api: Any) -> None:
    events = api.chat(PROMPT, tools=[WEATHER], stream=True).events
    pieces = [event["choices"][0]["delta"]["tool_calls"][0] for event in events[:-2]]
    arguments = "".join(piece["function"].get("arguments", "") for piece in pieces)
    assert (pieces[0]["function"]["name"], arguments) == ("get_weather", '{"location": "Paris"}')


@pytest.mark.parametrize(
    ("prompt", "choice", "is_called"),
    [
        (PROMPT, "none", False),
        (PROMPT, "auto", True),
        ("Hello", "auto", False),
        ("Hello", "required", True),
        ("Hello", {"type": "function", "function": {"name": "get_weather"}}, True),
        ("Repeat exactly: the weather", "auto", False),
    ],
)
def test_tool_choice_is_honoured(api: Any, prompt: str, choice: Any, is_called: bool) -> None:  # noqa: FBT001
    assert ("tool_calls" in message_of(api.chat(prompt, tools=[WEATHER], tool_choice=choice))) == is_called


@pytest.mark.parametrize(
    ("kind", "prompt"),
    [("web_search", "Search the web for the latest news"), ("code_interpreter", "Run this Python code: print(1)")],
)
def test_built_in_tools_can_be_called(api: Any, kind: str, prompt: str) -> None:
    assert message_of(api.chat(prompt, tools=[{"type": kind}]))["tool_calls"][0]["function"]["name"] == kind
