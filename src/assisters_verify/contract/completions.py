"""Ask for chat completions, and read plain answers."""

from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.models import chat_model
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

CHAT = "/v1/chat/completions"
# Enough for an answer to "say hello", little enough to cost nearly nothing.
SHORT = 48
# 202 promises an answer for later, 204 holds none.
_ANSWERED = frozenset({200, 201})
LONG_PROMPT = "Count from 1 to 120 in digits, separated by single spaces, on one line."


async def chat_body(probe: Probe, content: Any = "Say hello.", **fields: Any) -> dict[str, Any]:
    """Return the body of a small valid request; a field given as None is left out."""
    body = {
        "model": await chat_model(probe),
        "messages": [{"role": "user", "content": content}],
        "max_tokens": SHORT,
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


async def complete(probe: Probe, content: Any = "Say hello.", *, label: str = "", **fields: Any) -> Answer:
    """Send a small valid request and return the answer, judged to be a completion."""
    answer = await probe.post(CHAT, await chat_body(probe, content, **fields), label=label)
    expect_completion(answer)
    return answer


def expect_success(answer: Answer) -> None:
    """Judge that a valid request was accepted. Raises Broken."""
    if answer.status not in _ANSWERED:
        raise Broken(expected="a valid request to be accepted", received=answer.describe(), answer=answer)
    if answer.broken_off:
        raise Broken(expected="a whole answer", received=f"a body that ended early: {answer.broken_off}", answer=answer)


def expect_choices(answer: Answer) -> list[dict[str, Any]]:
    """Judge that the answer holds choices, and return them. Raises Broken."""
    expect_success(answer)
    document = answer.document
    choices = document.get("choices") if isinstance(document, dict) else None
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, dict) for choice in choices):
        raise Broken(
            expected="`choices`, a list of objects that is not empty", received=answer.describe(), answer=answer
        )
    return choices


def expect_messages(answer: Answer) -> list[dict[str, Any]]:
    """Judge that each choice holds an assistant's message, and return them. Raises Broken."""
    messages = []
    for number, choice in enumerate(expect_choices(answer)):
        message = choice.get("message")
        if not isinstance(message, dict) or message.get("role") != "assistant":
            received = f"choices[{number}].message {str(message)[:120]}"
            raise Broken(expected="a `message` of role `assistant`", received=received, answer=answer)
        messages.append(message)
    return messages


def expect_completion(answer: Answer) -> str:
    """Judge that the answer is a completion without tool calls, and return its first text. Raises Broken."""
    messages = expect_messages(answer)
    for number, message in enumerate(messages):
        content = message.get("content")
        if not isinstance(content, str) or not content.strip():
            received = f"choices[{number}].message.content {content!r}"[:200]
            raise Broken(expected="`content`, a non-empty text", received=received, answer=answer)
    return str(messages[0]["content"])


def word_count(text: str) -> int:
    """Return the number of whitespace-separated words. A word is at least one token, whatever the tokenizer."""
    return len(text.split())
