"""Chat requests: what is accepted, and what is refused with the field at fault."""

from typing import Any

import pytest

USER = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [USER], **fields}


GOOD = [
    {},
    {"temperature": 0},
    {"temperature": 1},
    {"temperature": 1.0},
    {"temperature": 0.7, "max_tokens": 1000},
    {"max_tokens": 1},
    {"max_tokens": 10.0},
    {"max_tokens": 10**12},
    {"stream": False},
    {"reasoning": False, "mask": False},
    {"temperature": None, "max_tokens": None, "stream": None, "tools": None, "reasoning": None, "mask": None},
    {"unknown": {"field": 1}},
    {"tools": []},
    {"tools": [TOOL], "tool_choice": "none"},
    {"tools": [{"type": "web_search"}, {"type": "code_interpreter"}]},
    {"messages": [{"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Be kind."}, USER]},
    {"messages": [USER, {"role": "assistant", "content": "Hi"}, USER]},
    {"messages": [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]},
                  {"role": "tool", "content": "{}", "tool_call_id": "call_1"}]},
    {"messages": [{"role": "user", "content": ""}]},
    {"messages": [{"role": "user", "content": "  \n "}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]},
    {"messages": [{"role": "user", "content": "x", "tool_call_id": 7}]},
]  # fmt: skip

BAD: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, "model"),
    ({"model": 7}, "model"),
    ({"model": {}}, "model"),
    ({"messages": None}, "messages"),
    ({"messages": "Hello"}, "messages"),
    ({"messages": USER}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": ["Hello"]}, "messages[0]"),
    ({"messages": [{"content": "Hello"}]}, "messages[0].role"),
    ({"messages": [{"role": "robot", "content": "Hello"}]}, "messages[0].role"),
    ({"messages": [{"role": ["user"], "content": "Hello"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
    ({"messages": [USER, {"role": "assistant"}]}, "messages[1].content"),
    ({"messages": [USER, {"role": "assistant", "tool_calls": "f"}]}, "messages[1].tool_calls"),
    ({"messages": [USER, {"role": "tool", "content": "{}", "tool_call_id": 7}]}, "messages[1].tool_call_id"),
    ({"messages": [USER, {"role": "tool", "content": "{}"}]}, "messages[1].tool_call_id"),
    ({"messages": [USER, {"role": "tool", "content": "{}", "tool_call_id": "call_2"}]}, "messages[1].tool_call_id"),
    ({"tools": {}}, "tools"),
    ({"tools": ["f"]}, "tools[0].type"),
    ({"tools": [{}]}, "tools[0].type"),
    ({"tools": [{"type": "unknown"}]}, "tools[0].type"),
    ({"tools": [{"type": {}}]}, "tools[0].type"),
    ({"tools": [{"type": "function"}]}, "tools[0].function"),
    ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": 7}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]}, "tools[0].function.parameters"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tool_choice": "sometimes"}, "tool_choice"),
    ({"tool_choice": {"type": "function", "function": {"name": "g"}}, "tools": [TOOL]}, "tool_choice"),
]

WRONG_VALUES: dict[str, list[Any]] = {
    "temperature": [-0.01, 1.01, 2, "0.5", True, [], {}],
    "max_tokens": [-1, 0, 1.5, "10", True, [], {}],
    "stream": ["true", 1, 0, [], {}],
    "reasoning": ["true", 1, 0, [], {}],
    "mask": ["true", 1, 0, [], {}],
}
BAD += [({name: value}, name) for name, values in WRONG_VALUES.items() for value in values]


@pytest.mark.parametrize("fields", GOOD, ids=str)
def test_good_request_is_answered(api: Any, fields: dict[str, Any]) -> None:
    assert api.post("/v1/chat/completions", body(**fields)).status == 200


@pytest.mark.parametrize(("fields", "param"), BAD, ids=str)
def test_bad_request_is_400_and_names_the_field(api: Any, fields: dict[str, Any], param: str) -> None:
    seen = api.post("/v1/chat/completions", body(**fields))
    assert (seen.status, seen.json["error"]["param"]) == (400, param)


@pytest.mark.parametrize("name", ["model", "messages"])
def test_missing_required_field_is_400(api: Any, name: str) -> None:
    seen = api.post("/v1/chat/completions", {key: value for key, value in body().items() if key != name})
    assert (seen.status, seen.json["error"]["param"]) == (400, name)


def test_unknown_model_is_404(api: Any) -> None:
    error = api.post("/v1/chat/completions", body(model="no-such-model")).json["error"]
    assert (error["code"], error["param"]) == ("model_not_found", "model")
