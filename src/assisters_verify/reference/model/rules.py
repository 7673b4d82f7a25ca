# ruff: noqa: RUF001 - prompts have curly quotes
"""What the model knows to do with a prompt: a table of rules, the first that fits answers."""

import re
from collections.abc import Callable

from assisters_verify.reference.model.arithmetic import calculate, solve_equation
from assisters_verify.reference.model.conversation import Question
from assisters_verify.reference.model.prose import write_answer, write_words
from assisters_verify.reference.model.repeating import find_repeated_text

Rule = Callable[[Question], str | None]

_LONGEST = 20_000
_COUNT = re.compile(
    r"\b(?:count|list|write|print|numbers?)\b.{0,60}?\bfrom\s+(\d+)\s+(?:up\s+)?to\s+(\d+)", re.IGNORECASE | re.DOTALL
)
_COUNT_TO = re.compile(r"\bcount\b.{0,20}?\bto\s+(\d+)", re.IGNORECASE | re.DOTALL)
_WORDS = re.compile(r"\b(\d{1,5})[\s-]+words?\b", re.IGNORECASE)
_LONG = re.compile(
    r"\b(?:long|detailed|in detail|at length|thorough|comprehensive|essay|article|several paragraphs)\b", re.IGNORECASE
)
_WRITE = re.compile(r"\b(?:write|tell|compose|story|poem|explain|describe)\b", re.IGNORECASE)
_SAID = re.compile(r"\b(?:my|the)\s+([\w -]{2,40}?)\s+(?:is|:|=)\s*:?\s*[\"“]?([\w-]+)", re.IGNORECASE)
_ASKED = re.compile(
    r"\b(?:what(?:'s|’s| is| was)|tell me|repeat|say)\s+(?:my|the)\s+([\w -]{2,40}?)\s*[?.!]", re.IGNORECASE
)
_LONG_WORDS = 400


def repeat_text(question: Question) -> str | None:
    """Answer "Repeat exactly: …" with the text."""
    return find_repeated_text(question.prompt)


def count_numbers(question: Question) -> str | None:
    """Answer "Count from 1 to 200" with the numbers, separated by commas."""
    if match := _COUNT.search(question.prompt):
        first, last = int(match.group(1)), int(match.group(2))
    elif match := _COUNT_TO.search(question.prompt):
        first, last = 1, int(match.group(1))
    else:
        return None
    step = 1 if first <= last else -1
    numbers = range(first, last + step, step)[:_LONGEST]
    return ", ".join(map(str, numbers))


def recall(question: Question) -> str | None:
    """Answer "What is my name?" with what an earlier turn said."""
    asked = _ASKED.search(question.prompt)
    if asked is None:
        return None
    wanted = asked.group(1).lower()
    for message in reversed(question.messages[:-1]):
        for name, value in _SAID.findall(message.text):
            if name.lower() == wanted:
                return f"You said it: {value}."
    return None


def write_wanted_words(question: Question) -> str | None:
    """Answer "Write 300 words about the sea" with that many words."""
    if match := _WORDS.search(question.prompt):
        count = min(int(match.group(1)), _LONGEST)
        return write_words(count, prompt=question.prompt, seed=question.seed) if count else None
    return None


def write_long(question: Question) -> str | None:
    """Answer a wish for a long text with one."""
    prompt = question.prompt
    if _LONG.search(prompt) and _WRITE.search(prompt):
        return write_words(_LONG_WORDS, prompt=prompt, seed=question.seed)
    return None


def do_arithmetic(question: Question) -> str | None:
    """Answer a sum or an equation."""
    return solve_equation(question.prompt) or calculate(question.prompt)


def answer_shortly(question: Question) -> str:
    """Answer anything else."""
    return write_answer(question.prompt, seed=question.seed)


RULES: tuple[Rule, ...] = (
    repeat_text,
    count_numbers,
    recall,
    write_wanted_words,
    write_long,
    do_arithmetic,
    answer_shortly,
)


def write_text(question: Question, rules: tuple[Rule, ...] = RULES) -> str:
    """Return the text of the first rule that fits."""
    return next(text for rule in rules if (text := rule(question)) is not None)
