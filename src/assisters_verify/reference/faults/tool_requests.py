"""Faults of tools: the conversations and the tools that are accepted."""

from collections.abc import Callable
from functools import partial
from typing import Any

from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, on_body
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="tools")


def _messages_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []


def _refuses(matches: Callable[[list[dict[str, Any]]], bool], message: str) -> Callable[[Call, Any], Any]:
    """Refuse conversations that hold tool calls in some way."""

    def check(body: dict[str, Any]) -> Any:
        if matches(_messages_of(body)):
            raise bad_request(message, param="messages")
        return body

    return on_body(CHAT, check)


def _count_role(messages: list[dict[str, Any]], role: str) -> int:
    return sum(message.get("role") == role for message in messages)


def _turns_of_calls(messages: list[dict[str, Any]]) -> int:
    return sum(bool(message.get("tool_calls")) for message in messages)


def _has_null_content(messages: list[dict[str, Any]]) -> bool:
    return any(message.get("tool_calls") and message.get("content") is None for message in messages)


def _refuse_tools(body: dict[str, Any]) -> Any:
    if body.get("tools"):
        raise bad_request("Unknown parameter: tools.", param="tools")
    return body


def _break_on_built_in(body: dict[str, Any]) -> Any:
    tools = body.get("tools")
    kinds = [tool.get("type") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    if any(isinstance(kind, str) and kind in {"web_search", "code_interpreter"} for kind in kinds):
        raise internal_error()
    return body


def _each_tool(edit: Callable[[Any], Any]) -> Callable[[Call, Any], Any]:
    def edit_body(body: dict[str, Any]) -> Any:
        tools = body.get("tools")
        return {**body, "tools": [edit(tool) for tool in tools]} if isinstance(tools, list) else body

    return on_body(CHAT, edit_body)


def _name_tool(tool: Any) -> Any:
    if isinstance(tool, dict) and isinstance(tool.get("function"), dict) and not tool["function"].get("name"):
        return {**tool, "function": {**tool["function"], "name": "unnamed"}}
    return tool


def _type_tool(tool: Any) -> Any:
    return {"type": "function", **tool} if isinstance(tool, dict) and isinstance(tool.get("function"), dict) else tool


def _drop_non_objects(body: dict[str, Any]) -> Any:
    tools = body.get("tools")
    if tools is not None and not isinstance(tools, list):
        return {**body, "tools": None}
    return body


def _objects_alone(body: dict[str, Any]) -> Any:
    tools = body.get("tools")
    return {**body, "tools": [tool for tool in tools if isinstance(tool, dict)]} if isinstance(tools, list) else body


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="tools_are_refused",
        clause="TOOL-01",
        title="A request that offers tools is refused.",
        request=on_body(CHAT, _refuse_tools),
    ),
    _fault(
        name="tool_results_are_refused",
        clause="TOOL-08",
        title="A tool's result is refused.",
        request=_refuses(lambda messages: _count_role(messages, "tool") > 0, "Unknown role: tool."),
    ),
    _fault(
        name="null_content_beside_calls_is_refused",
        clause="TOOL-08",
        title="The assistant's own message, with a content of null, is refused when it comes back.",
        request=_refuses(_has_null_content, "content must be a string."),
    ),
    _fault(
        name="several_results_are_refused",
        clause="TOOL-09",
        title="Two results in one conversation are refused.",
        request=_refuses(lambda messages: _count_role(messages, "tool") > 1, "Only one tool message is allowed."),
    ),
    _fault(
        name="second_turn_of_calls_is_refused",
        clause="TOOL-09",
        title="A second turn of calls is refused.",
        request=_refuses(lambda messages: _turns_of_calls(messages) > 1, "Tools can be called once."),
    ),
    _fault(
        name="tools_of_any_type_are_ignored",
        clause="TOOL-12",
        title="A `tools` that is no list is ignored.",
        request=on_body(CHAT, _drop_non_objects),
    ),
    _fault(
        name="tools_that_are_no_objects_are_ignored",
        clause="TOOL-12",
        title="Entries of `tools` that are no objects are ignored.",
        request=on_body(CHAT, _objects_alone),
    ),
    _fault(
        name="nameless_function_is_accepted",
        clause="TOOL-12",
        title="A function without a name is accepted.",
        request=_each_tool(_name_tool),
    ),
    _fault(
        name="typeless_tool_is_accepted",
        clause="TOOL-12",
        title="A tool without a type is accepted.",
        request=_each_tool(_type_tool),
    ),
    _fault(
        name="built_in_tools_break_server",
        clause="TOOL-13",
        title="Asking for a built-in tool ends in 500.",
        request=on_body(CHAT, _break_on_built_in),
    ),
    _fault(
        name="result_without_call_is_accepted",
        clause="TOOL-14",
        title="A tool message that answers no call is accepted.",
        choices={"chat.check_results": lambda _messages: None},
    ),
)
