"""Decide which offered tools a prompt asks for, and with which arguments."""

from assisters_verify.reference.model.conversation import Question, ToolCall


def choose_calls(question: Question) -> tuple[ToolCall, ...]:
    return ()
