"""A call is judged part by part, and each thing that is wrong with one is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.toolcalls import (
    Reply,
    expect_arguments,
    expect_call_shape,
    expect_no_text_beside_calls,
    expect_null_beside_calls,
    expect_offered_names,
    expect_sound_calls,
    expect_text_or_calls,
    expect_unique_ids,
    expect_valid_arguments,
    function_tool,
    read_replies,
)
from assisters_verify.judgement import Broken, Undecided

_SCHEMA = {"type": "object", "properties": {"city": {"enum": ["Paris", "Zürich"]}}, "required": ["city"]}
_TOOL = function_tool("get_weather", "Get the weather.", _SCHEMA)
_OTHER = function_tool("ring_bell", "Ring the bell.", {"type": "object", "additionalProperties": False})


def make_call(**changes: Any) -> dict[str, Any]:
    """Return a good call with some parts changed; a part given as None is left out."""
    function = {"name": changes.pop("name", "get_weather"), "arguments": changes.pop("arguments", '{"city": "Paris"}')}
    call = {"id": "call_1", "type": "function", "function": function, **changes}
    return {name: part for name, part in call.items() if part is not None}


def make_reply(*calls: Any, tools: tuple[Any, ...] = (_TOOL,), reason: str = "tool_calls", **message: Any) -> Reply:
    document = {"role": "assistant", "content": None, "tool_calls": list(calls), **message}
    body = json.dumps({"choices": [{"message": document, "finish_reason": reason}]}).encode()
    answer = Answer(
        exchange="x1", method="POST", path="/", status=200, headers={}, body=body, first_byte_s=0.0, total_s=0.0
    )
    return read_replies(answer, tools)[0]


def is_broken(expect: Callable[[Reply], object], reply: Reply) -> bool:
    try:
        expect(reply)
    except Broken:
        return True
    return False


def test_good_call_is_sound() -> None:
    expect_sound_calls(make_reply(make_call(), make_call(id="call_2", arguments='{"city": "Z\\u00fcrich"}')))


def test_call_that_is_cut_by_max_tokens_is_none() -> None:
    assert make_reply(make_call(arguments='{"ci'), reason="length").calls == []


@pytest.mark.parametrize(
    "call",
    [
        "get_weather",
        make_call(id=None),
        make_call(id=" "),
        make_call(id=17),
        make_call(type=None),
        make_call(type="tool"),
        make_call(function=None),
        make_call(name=""),
        {"id": "call_1", "type": "function", "name": "get_weather", "arguments": "{}"},
        {"id": "call_1", "type": "function", "function": {"name": "get_weather"}},
    ],
)
def test_call_of_another_shape_is_found(call: Any) -> None:
    assert is_broken(expect_call_shape, make_reply(call))


@pytest.mark.parametrize("content", ["Let me look.", "undefined", ["text"], {}])
def test_content_beside_a_call_is_found(content: Any) -> None:
    assert is_broken(expect_no_text_beside_calls, make_reply(make_call(), content=content))


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_blank_content_beside_a_call_is_tolerated(content: str) -> None:
    reply = make_reply(make_call(), content=content)
    assert (is_broken(expect_no_text_beside_calls, reply), is_broken(expect_null_beside_calls, reply)) == (False, True)


@pytest.mark.parametrize("name", ["functions.get_weather", "Get_Weather", "get-weather", 5])
def test_name_that_was_not_offered_is_found(name: Any) -> None:
    assert is_broken(expect_offered_names, make_reply(make_call(name=name)))


@pytest.mark.parametrize(
    "arguments",
    ["", "{", "{'city': 'Paris'}", '"{}"', "[]", "null", '{"city": NaN}', "[" * 100_000, {"city": "Paris"}],
)
def test_arguments_that_are_no_json_object_are_found(arguments: Any) -> None:
    reply = make_reply(make_call(function={"name": "get_weather", "arguments": arguments}))
    assert (is_broken(expect_arguments, reply), is_broken(expect_valid_arguments, reply)) == (True, True)


@pytest.mark.parametrize("arguments", ["{}", '{"city": "Rome"}', '{"parameters": {"city": "Paris"}}'])
def test_arguments_that_do_not_fit_are_found(arguments: str) -> None:
    assert is_broken(expect_valid_arguments, make_reply(make_call(arguments=arguments)))


@pytest.mark.parametrize(
    ("arguments", "judgement"), [({"part": "x", "city": "Paris"}, Undecided), ({"part": "x", "city": 7}, Broken)]
)
def test_pattern_that_is_missed_alone_is_the_models_choice(arguments: Any, judgement: type[Exception]) -> None:
    properties = {"part": {"type": "string", "pattern": "^[A-Z]$"}, "city": {"type": "string"}}
    tool = function_tool("order", "Order a part.", {"type": "object", "properties": properties})
    with pytest.raises(judgement):
        expect_valid_arguments(make_reply(make_call(name="order", arguments=json.dumps(arguments)), tools=(tool,)))


def test_arguments_are_held_against_the_called_tool_of_several() -> None:
    call = make_call(name="ring_bell", arguments='{"city": "Paris"}')
    assert is_broken(expect_valid_arguments, make_reply(call, tools=(_TOOL, _OTHER)))


def test_wrong_name_does_not_hide_good_arguments_of_the_only_tool() -> None:
    expect_valid_arguments(make_reply(make_call(name="functions.get_weather")))


def test_half_a_character_in_arguments_can_be_reported() -> None:
    with pytest.raises(Broken) as caught:
        expect_valid_arguments(make_reply(make_call(arguments='{"city": "\\ud83d"}')))
    assert caught.value.received.encode().startswith(b'{"city": "?"}')


def test_shared_id_is_found() -> None:
    assert is_broken(expect_unique_ids, make_reply(make_call(), make_call(name="other")))


def test_missing_ids_are_not_taken_for_shared_ones() -> None:
    expect_unique_ids(make_reply(make_call(id=None), make_call(id=None)))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"content": "Hello."}, False),
        ({"content": None, "tool_calls": [make_call()]}, False),
        ({"content": "Hello.", "tool_calls": None}, False),
        ({"content": None}, True),
        ({"content": " ", "tool_calls": []}, True),
        ({"content": "Hello.", "tool_calls": {"0": make_call()}}, True),
    ],
)
def test_answer_without_text_or_calls_is_found(message: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    assert is_broken(expect_text_or_calls, make_reply(**{"tool_calls": None, **message})) is expected
