"""Read tool calls out of an answer, and judge their shape, their names and their arguments."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import expect_messages
from assisters_verify.judgement import Broken, Undecided

_CUT = "length"
_INTRICATE = frozenset(
    {"$ref", "pattern", "anyOf", "oneOf", "allOf", "not", "multipleOf", "uniqueItems", "prefixItems"}
)
_OF_SCHEMAS = frozenset({"items", "additionalProperties"})
_OF_NAMED_SCHEMAS = frozenset({"properties", "$defs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message that answers an offer of tools; one that was streamed is joined to the same form."""

    answer: Answer
    tools: tuple[dict[str, Any], ...]
    message: dict[str, Any]
    finish_reason: Any = None

    @property
    def calls(self) -> list[Any]:
        """The calls as they came; empty where the model declined, or was cut off by `max_tokens` in their midst."""
        calls = self.message.get("tool_calls")
        return list(calls) if isinstance(calls, list) and self.finish_reason != _CUT else []

    @property
    def text(self) -> str:
        """The content, empty where it is null, absent or no text."""
        content = self.message.get("content")
        return content if isinstance(content, str) else ""


def function_tool(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a function as it is offered to the model; `parameters` is a JSON Schema of draft 2020-12."""
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def read_replies(answer: Answer, tools: Sequence[dict[str, Any]]) -> list[Reply]:
    """Return the messages of a plain answer, one for each choice. Raises Broken where it holds no messages."""
    messages = expect_messages(answer)
    return [
        Reply(answer=answer, tools=tuple(tools), message=message, finish_reason=choice.get("finish_reason"))
        for choice, message in zip(answer.document["choices"], messages, strict=True)
    ]


def expect_text_or_calls(reply: Reply) -> None:
    """Judge that the model answered in words or called a tool. Raises Broken."""
    calls = reply.message.get("tool_calls")
    if not isinstance(calls, list | None):
        _fail("`tool_calls`, a list", f"{calls!r}", reply)
    if not calls and not reply.text.strip():
        _fail("a text, or tool calls", f"{reply.message!r}", reply)


def expect_call_shape(reply: Reply) -> None:
    """Judge `id`, `type` and `function` of each call. Raises Broken."""
    for call in reply.calls:
        if not isinstance(call, dict):
            _fail("tool calls that are objects", f"{call!r}", reply)
        if not _is_word(call.get("id")):
            _fail("a non-empty `id` in each tool call", f"{call!r}", reply)
        if call.get("type") != "function":
            _fail("`type` `function` in each tool call", f"{call!r}", reply)
        function = call.get("function")
        if not isinstance(function, dict) or not _is_word(function.get("name")) or "arguments" not in function:
            _fail("`function` with `name` and `arguments` in each tool call", f"{call!r}", reply)


def expect_no_text_beside_calls(reply: Reply) -> None:
    """Judge that `content` is null, or (tolerated) absent or blank. Raises Broken."""
    content = reply.message.get("content")
    if content is not None and (not isinstance(content, str) or content.strip()):
        _fail("`content` null beside tool calls", f"{content!r}", reply)


def expect_null_beside_calls(reply: Reply) -> None:
    """Judge that `content` is there, and null. Raises Broken."""
    if reply.message.get("content", "absent") is not None:
        _fail("`content` null beside tool calls", f"{reply.message.get('content', 'no `content`')!r}", reply)


def expect_offered_names(reply: Reply) -> None:
    """Judge that each call names a tool that was offered. Raises Broken."""
    offered = [tool["function"]["name"] for tool in reply.tools]
    for call in reply.calls:
        if _function(call).get("name") not in offered:
            _fail(f"the name of an offered tool ({', '.join(offered)})", f"{_function(call).get('name')!r}", reply)


def expect_arguments(reply: Reply) -> list[dict[str, Any]]:
    """Judge that the arguments of each call are a JSON text that holds an object, and return these. Raises Broken."""
    return [_read_arguments(call, reply) for call in reply.calls]


def expect_valid_arguments(reply: Reply) -> None:
    """Judge that the arguments of each call are valid against the parameters that were offered.

    Raises Broken, and Undecided where nothing but what is intricate is missed, a pattern, a reference, alternatives:
    whether a model understands those is its wit.
    """
    for call, arguments in zip(reply.calls, expect_arguments(reply), strict=True):
        schema = _parameters(call, reply)
        if schema is None:
            _fail("a call of an offered tool", f"{call!r}", reply)
        error = _first_error(_without_intricacies(schema), arguments)
        if error is not None:
            _fail(f"arguments that are valid against {_excerpt(schema)}", _told(error, arguments), reply)
        error = _first_error(schema, arguments)
        if error is not None:
            raise Undecided(
                f"the model misses what is intricate in the parameters: {_shown(_told(error, arguments))}",
                answer=reply.answer,
            )


def _first_error(schema: dict[str, Any], arguments: dict[str, Any]) -> ValidationError | None:
    return next(iter(Draft202012Validator(schema).iter_errors(arguments)), None)


def _told(error: ValidationError, arguments: dict[str, Any]) -> str:
    place = "".join(f"[{part!r}]" for part in error.absolute_path)
    return f"{json.dumps(arguments, ensure_ascii=False)[:120]}: arguments{place}: {error.message}"


def _without_intricacies(schema: Any) -> Any:
    """Return the schema without the keywords that it takes wit to understand."""
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if name not in _INTRICATE}
    for name in _OF_SCHEMAS & kept.keys():
        kept[name] = _without_intricacies(kept[name])
    for name in _OF_NAMED_SCHEMAS & kept.keys():
        kept[name] = {each: _without_intricacies(part) for each, part in kept[name].items()}
    return kept


def expect_unique_ids(reply: Reply) -> None:
    """Judge that no two calls of an answer share an id. Raises Broken; an id that is none is another clause's."""
    ids = [call["id"] for call in reply.calls if isinstance(call, dict) and _is_word(call.get("id"))]
    if len(set(ids)) < len(ids):
        _fail("an id of its own for each call", f"{ids!r}", reply)


def expect_sound_calls(reply: Reply) -> None:
    """Judge all that a reply with calls promises. Raises Broken."""
    for expect in (expect_call_shape, expect_no_text_beside_calls, expect_offered_names, expect_valid_arguments):
        expect(reply)
    expect_unique_ids(reply)


def _read_arguments(call: Any, reply: Reply) -> dict[str, Any]:
    text = _function(call).get("arguments")
    if not isinstance(text, str):
        _fail("`function.arguments`, a JSON text", f"{text!r}", reply)
    try:
        arguments = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        _fail("`function.arguments`, a JSON text that holds an object", f"{text!r}", reply)
    return arguments


def _parameters(call: Any, reply: Reply) -> dict[str, Any] | None:
    """Return the schema of the called tool. A wrong name is another clause's where only one can be meant."""
    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in reply.tools}
    if len(schemas) == 1:
        return dict(next(iter(schemas.values())))
    name = _function(call).get("name")
    return schemas.get(name) if isinstance(name, str) else None


def _function(call: Any) -> dict[str, Any]:
    function = call.get("function") if isinstance(call, dict) else None
    return function if isinstance(function, dict) else {}


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _excerpt(schema: Any) -> str:
    text = json.dumps(schema, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:159]}…"  # noqa: PLR2004 - what a reader takes in


def _fail(expected: str, received: str, reply: Reply) -> NoReturn:
    raise Broken(expected=expected, received=_shown(received), answer=reply.answer)


def _shown(received: str) -> str:
    # Half a character, which JSON can carry, is none that a report could.
    return received[:300].encode("utf-8", "replace").decode()
