"""Reasoning is judged by what all tries show: a wrong type at once, an absence only when it lasts."""

import json
from typing import Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.reasoning import expect_content, expect_reasoning, streamed_reasoning
from assisters_verify.contract.streams import read_stream
from assisters_verify.judgement import Broken


def make_answer(**message: Any) -> Answer:
    body = json.dumps({"choices": [{"message": {"role": "assistant", **message}}]}).encode()
    return Answer(
        exchange="x1", method="POST", path="/", status=200, headers={}, body=body, first_byte_s=0.0, total_s=0.0
    )


def test_one_try_with_reasoning_is_enough() -> None:
    expect_reasoning([make_answer(content="2"), make_answer(content="2", reasoning="Subtract, then divide.")])


@pytest.mark.parametrize("message", [{}, {"reasoning": None}, {"reasoning": " "}, {"reasoning_content": "Because."}])
def test_lasting_absence_is_broken(message: dict[str, Any]) -> None:
    with pytest.raises(Broken, match="3 answers without"):
        expect_reasoning([make_answer(content="2", **message)] * 3)


@pytest.mark.parametrize("reasoning", [True, ["Subtract."], {"summary": "Subtract."}, 5])
def test_other_type_is_broken_at_once(reasoning: Any) -> None:
    with pytest.raises(Broken):
        expect_reasoning([make_answer(reasoning=reasoning), make_answer(reasoning="Subtract.")])


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_lasting_absence_of_content_is_broken(content: str | None) -> None:
    with pytest.raises(Broken, match="`content`, a non-empty text"):
        expect_content([make_answer(reasoning="Subtract.", content=content)] * 3)


def test_one_try_with_content_is_enough() -> None:
    expect_content([make_answer(content=None), make_answer(content="2")])


def test_streamed_reasoning_is_read_without_empty_pieces() -> None:
    deltas = [{"role": "assistant", "reasoning": None}, {"reasoning": "Sub"}, {"reasoning": ""}, {"reasoning": "tract"}]
    body = "".join(f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n" for delta in deltas).encode()
    answer = Answer(
        exchange="x1", method="POST", path="/", status=200, headers={}, body=body, first_byte_s=0.0, total_s=0.0,
        pieces=(Piece(t_s=0.0, data=body),),
    )  # fmt: skip
    assert streamed_reasoning(read_stream(answer)) == ["Sub", "tract"]
