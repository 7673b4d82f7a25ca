"""Read and check the body of a chat completion."""

from dataclasses import dataclass
from typing import Any

from assisters_verify.reference.chat.messages import read_messages
from assisters_verify.reference.chat.tools import read_tool_choice, read_tools
from assisters_verify.reference.model.conversation import Message, Tool
from assisters_verify.reference.models import require_model
from assisters_verify.reference.validation import (
    Check,
    check_boolean,
    check_object,
    check_optional,
    check_positive_integer,
    check_temperature,
)

CHAT_CHECKS: dict[str, Check] = {
    "temperature": check_temperature,
    "max_tokens": check_positive_integer,
    "stream": check_boolean,
    "stream_options": check_object,
    "reasoning": check_boolean,
    "mask": check_boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A checked request."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    tool_choice: str
    max_tokens: int | None
    is_streamed: bool
    wants_reasoning: bool
    wants_mask: bool
    wants_usage: bool


def read_chat_request(body: dict[str, Any]) -> ChatRequest:
    """Return the checked request.

    Raises:
        ApiError: 400, naming the first field that is missing or wrong.
    """
    model = require_model(body)
    messages = read_messages(body)
    check_optional(body, CHAT_CHECKS)
    tools = read_tools(body)
    return ChatRequest(
        model=model,
        messages=messages,
        tools=tools,
        tool_choice=read_tool_choice(body, tools),
        max_tokens=None if body.get("max_tokens") is None else int(body["max_tokens"]),
        is_streamed=bool(body.get("stream")),
        wants_reasoning=bool(body.get("reasoning")),
        wants_mask=bool(body.get("mask")),
        wants_usage=bool((body.get("stream_options") or {}).get("include_usage")),
    )
