"""Put an answer together: calls of tools, or text, with reasoning where it is wanted."""

import json
import re
from dataclasses import replace
from itertools import islice

from assisters_verify.reference.model.conversation import Draft, Message, Question
from assisters_verify.reference.model.prose import write_words
from assisters_verify.reference.model.rules import write_text
from assisters_verify.reference.model.text import cut_tokens
from assisters_verify.reference.model.tool_choosing import choose_calls

_BEGIN = re.compile(r"\bbegin your answer with\s+[\"']?([\w-]+)", re.IGNORECASE)


def compose(question: Question) -> Draft:
    """Answer the question."""
    results = find_results(question)
    if not results:
        calls = choose_calls(question)
        if calls:
            return Draft(content=None, calls=calls, reasoning=_reason(question), finish_reason="tool_calls")
    text = _use_results(results) if results else _write(question)
    begin = _BEGIN.search(question.prompt)
    if begin:
        text = f"{begin[1]} {text}"
    content, is_cut = cut_tokens(text, question.max_tokens)
    return Draft(content=content, reasoning=_reason(question), finish_reason="length" if is_cut else "stop")


def find_results(question: Question) -> tuple[Message, ...]:
    """Return the tools' results that end the conversation, oldest first."""
    trailing = list(question.messages)
    results: list[Message] = []
    while trailing and trailing[-1].role == "tool":
        results.insert(0, trailing.pop())
    return tuple(results)


def shorten(draft: Draft, words: int) -> Draft:
    """Return the draft with at most that many words of text."""
    if draft.content is None:
        return draft
    return replace(draft, content=" ".join(islice(draft.content.split(), words)))


def _write(question: Question) -> str:
    if question.tokens is not None:
        return write_words(question.tokens, prompt=question.prompt, seed=question.seed)
    return write_text(question)


def _use_results(results: tuple[Message, ...]) -> str:
    return " ".join(f"The tool's result: {_describe(message.text)}." for message in results)


def _describe(text: str) -> str:
    """Return a result in words; text that is no JSON object stays as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if not isinstance(value, dict):
        return text
    return ", ".join(f"{name} {part if isinstance(part, str) else json.dumps(part)}" for name, part in value.items())


def _reason(question: Question) -> str | None:
    if not question.wants_reasoning:
        return None
    return (
        "First I read what is asked. Then I look for a rule that fits it and follow the rule step by step. "
        f"The question has {len(question.prompt.split())} words, and the last step answers all of it."
    )
