# ruff: noqa: RUF001 - text of many scripts
"""The model's rules: it does what a prompt asks for."""

import pytest

from assisters_verify.reference.model.conversation import Message, Question
from assisters_verify.reference.model.rules import write_text
from assisters_verify.reference.model.text import find_script


def answer(*turns: str) -> str:
    roles = ["user", "assistant"] * len(turns)
    messages = tuple(Message(role=role, text=text) for role, text in zip(roles, turns, strict=False))
    return write_text(Question(messages=messages))


def test_counts() -> None:
    assert answer("Count from 1 to 200.") == ", ".join(map(str, range(1, 201)))


def test_counts_down() -> None:
    assert answer("Please count from 3 to 1") == "3, 2, 1"


@pytest.mark.parametrize("count", [1, 13, 200])
def test_writes_the_wanted_words(count: int) -> None:
    assert len(answer(f"Write {count} words about the sea.").split()) == count


def test_writes_at_length() -> None:
    assert len(answer("Write a long story about a dragon.").split()) == 400


def test_recalls_an_earlier_turn() -> None:
    assert "Ada" in answer("My name is Ada.", "Hello!", "What is my name?")


def test_calculates() -> None:
    assert answer("What is 12 * 12?") == "The result is 144."


def test_telephone_number_is_no_sum() -> None:
    assert "555-867-5309" in answer("What is behind 555-867-5309?")


def test_solves_the_documented_equation() -> None:
    assert answer("Solve 2x + 3 = 7.") == "Step 1: Subtract 3 from both sides → 2x = 4.\nStep 2: Divide by 2 → x = 2."


@pytest.mark.parametrize(
    ("prompt", "script"),
    [("Расскажи о море", "CYRILLIC"), ("给我讲讲大海", "CJK"), ("海について教えてください", "JAPANESE"),
     ("حدثني عن البحر", "ARABIC"), ("ספר לי על הים", "HEBREW"), ("바다에 대해 말해 주세요", "HANGUL"),
     ("Πες μου για τη θάλασσα", "GREEK"), ("मुझे समुद्र के बारे में बताओ", "DEVANAGARI"), ("Tell me", "LATIN")],
)  # fmt: skip
def test_answers_in_the_script_of_the_prompt(prompt: str, script: str) -> None:
    assert find_script(answer(prompt)) == script


def test_answers_to_different_prompts_differ() -> None:
    assert answer("One thing") != answer("Another thing")
