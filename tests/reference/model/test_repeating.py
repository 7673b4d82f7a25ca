"""Repeating: the many ways a prompt asks for its own text."""

import pytest

from assisters_verify.reference.model.repeating import find_repeated_text

ASKED = {
    "Repeat exactly: Hello, World": "Hello, World",
    "Repeat the following text exactly, and nothing else:\nline one\nline two": "line one\nline two",
    "Please repeat this sentence verbatim: The fox.": "The fox.",
    'Say "pineapple" and nothing else.': "pineapple",
    "Say “pineapple”.": "pineapple",
    "Reply with the single word PONG.": "PONG",
    "Reply with only the word banana": "banana",
    "Respond with exactly: ready": "ready",
    "Write only this text: a: b: c": "a: b: c",
    "Echo: x": "x",
    "Repeat exactly: 'quoted'": "quoted",
    "Repeat this text:\n```\ncode\n```": "code",
    "Repeat exactly: <text>inner</text>": "inner",
    "Copy the following word for word:\n\n日本語": "日本語",
    "First text.\n\nRepeat the text above.": "First text.",
}  # fmt: skip


@pytest.mark.parametrize("prompt", ASKED)
def test_asked_for_text_is_found(prompt: str) -> None:
    assert find_repeated_text(prompt) == ASKED[prompt]


@pytest.mark.parametrize(
    "prompt",
    ["Hello", "Explain quantum computing.", "Write a poem about: the sea", "Answer this question: what is 2+2?",
     "What’s the weather in Paris?", "Count from 1 to 10", "Write 200 words about the sea."],  # noqa: RUF001
)  # fmt: skip
def test_other_prompts_ask_for_no_text(prompt: str) -> None:
    assert find_repeated_text(prompt) is None
