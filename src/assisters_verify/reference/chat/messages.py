"""Read and check the messages of a chat completion."""

from typing import Any

from assisters_verify.reference.model.conversation import Message, ToolCall
from assisters_verify.reference.problems import bad_request

ROLES = ("system", "developer", "user", "assistant", "tool")


def read_messages(body: dict[str, Any]) -> tuple[Message, ...]:
    """Return the messages.

    Raises:
        ApiError: 400 with ``param`` messages, or the path of the wrong part.
    """
    messages = body.get("messages")
    if messages is None:
        hint = " Replace prompt with a messages array." if "prompt" in body else ""
        raise bad_request(f"Missing messages parameter.{hint}", param="messages", code="missing_parameter")
    if not isinstance(messages, list):
        raise bad_request("messages must be a list.", param="messages")
    if not messages:
        raise bad_request("messages must not be empty.", param="messages")
    return tuple(_read_message(message, f"messages[{i}]") for i, message in enumerate(messages))


def check_results(messages: tuple[Message, ...]) -> None:
    """Check that each tool message answers a call made before it.

    Raises:
        ApiError: 400, naming the tool message that answers none.
    """
    made: set[str] = set()
    for i, message in enumerate(messages):
        if message.role == "tool" and message.tool_call_id not in made:
            path = f"messages[{i}].tool_call_id"
            raise bad_request(f"{path} must be the id of a call made before.", param=path)
        made.update(call.id for call in message.calls)


def _read_message(value: Any, path: str) -> Message:
    if not isinstance(value, dict):
        raise bad_request(f"{path} must be an object.", param=path)
    role = value.get("role")
    if role is None:
        raise bad_request(f"{path} lacks a role.", param=f"{path}.role", code="missing_parameter")
    if role not in ROLES:
        raise bad_request(f"{path}.role must be one of {', '.join(ROLES)}.", param=f"{path}.role")
    calls = _read_calls(value.get("tool_calls"), f"{path}.tool_calls") if role == "assistant" else ()
    content = value.get("content")
    if content is None and not calls:
        raise bad_request(f"{path} lacks content.", param=f"{path}.content", code="missing_parameter")
    call_id = value.get("tool_call_id") if role == "tool" else None
    if call_id is not None and not isinstance(call_id, str):
        raise bad_request(f"{path}.tool_call_id must be a string.", param=f"{path}.tool_call_id")
    text = "" if content is None else _read_content(content, f"{path}.content")
    return Message(role=role, text=text, calls=calls, tool_call_id=call_id)


def _read_content(content: Any, path: str) -> str:
    """Return the text; parts of type text are what other chat APIs take, so clients send them."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        raise bad_request(f"{path} must be a string.", param=path)
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content]
    if not all(isinstance(text, str) for text in texts):
        raise bad_request(f"{path} must be a string, or parts of type text.", param=path)
    return "\n".join(map(str, texts))


def _read_calls(value: Any, path: str) -> tuple[ToolCall, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise bad_request(f"{path} must be a list.", param=path)
    return tuple(_read_call(call, f"{path}[{i}]") for i, call in enumerate(value))


def _read_call(value: Any, path: str) -> ToolCall:
    function = value.get("function") if isinstance(value, dict) else None
    if not isinstance(function, dict):
        raise bad_request(f"{path}.function must be an object.", param=path)
    fields = (value.get("id"), function.get("name"), function.get("arguments", ""))
    if not all(isinstance(field, str) for field in fields):
        raise bad_request(f"{path} must have an id, a function.name and function.arguments as text.", param=path)
    return ToolCall(id=value["id"], name=function["name"], arguments=function.get("arguments", ""))
