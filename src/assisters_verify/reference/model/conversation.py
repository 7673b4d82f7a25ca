"""What the model is asked, and what it answers."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool; ``arguments`` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn, its content flattened to text."""

    role: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One offered tool; ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that decides an answer.

    Args:
        tool_choice: ``none``, ``auto``, ``required``, or ``function:NAME``.
        tokens: Exact length of a free text answer, for measurements.
        nonce: Differs between two runs of one request.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"
    wants_reasoning: bool = False
    is_streamed: bool = False
    max_tokens: int | None = None
    tokens: int | None = None
    seed: int = 0
    nonce: str = ""

    @property
    def prompt(self) -> str:
        """The last user turn."""
        return next((message.text for message in reversed(self.messages) if message.role == "user"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer: text, or calls of tools."""

    content: str | None
    calls: tuple[ToolCall, ...] = ()
    reasoning: str | None = None
    finish_reason: str = "stop"
