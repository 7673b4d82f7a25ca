"""Answers are put together from what a prompt asks for, and from the results of tools."""

from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Message, Question

BEGIN = Message(role="user", text="Begin your answer with hello-1. Then count from 1 to 3.")


def test_answer_begins_with_the_word_that_it_is_told_to_begin_with() -> None:
    assert compose(Question(messages=(BEGIN,))).content == "hello-1 1, 2, 3"


def test_answer_from_results_begins_with_it_too() -> None:
    result = Message(role="tool", text='{"degrees": 15}')
    assert compose(Question(messages=(BEGIN, result))).content == "hello-1 The tool's result: degrees 15."


def test_first_word_counts_in_the_bound() -> None:
    assert compose(Question(messages=(BEGIN,), max_tokens=2)).content == "hello-1 1,"
