"""Ask for reasoning, and read it from plain and streamed answers."""

from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT, chat_body, expect_choices, expect_messages
from assisters_verify.contract.models import reasoning_models
from assisters_verify.contract.streams import Stream
from assisters_verify.judgement import Broken, NotApplicable
from assisters_verify.probe import Probe

# The documentation's own figure.
ROOM = 2000
_MORE_ROOM = 8000
_TRIES = 3
_MOST_MODELS = 4
# The documented request, and one for each documented use.
PROBLEMS: dict[str, str] = {
    "equation": "Solve 2x + 3 = 7.",
    "proof": "Prove that the sum of two odd numbers is even.",
    "debugging": "Why does this Python code fail, and how is it mended?\ntotal = 0\nfor n in range(3):\ntotal += n",
    "decision": "A train takes 3 hours and costs 40 euros, a bus takes 5 hours and costs 15 euros. Which one for a "
    "student with much time? Decide in several steps.",
}
# A conversation may lead up to any of them; for one it does.
_LED_UP_TO: dict[str, list[dict[str, str]]] = {
    "decision": [
        {"role": "system", "content": "You help people who travel."},
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello. Where would you like to go?"},
    ]
}


async def models_to_reason_with(probe: Probe) -> list[str]:
    """Return some of the models that claim reasoning: the first and the last. Raises NotApplicable for none."""
    models = await reasoning_models(probe)
    if not models:
        raise NotApplicable("no listed model claims `reasoning`")
    return models if len(models) <= _MOST_MODELS else [*models[: _MOST_MODELS - 1], models[-1]]


async def reasoning_body(probe: Probe, prompt: str, *, model: str, **fields: Any) -> dict[str, Any]:
    """Return the body of a reasoning request; a field given as None is left out."""
    return await chat_body(probe, prompt, **{"model": model, "reasoning": True, "max_tokens": ROOM, **fields})


async def reasoned_answers(probe: Probe, model: str, problem: str) -> list[Answer]:
    """Return answers of a model to a problem, asked until one is whole: it holds a reasoning and a content.

    Sometimes a model does not reason, and one that thinks for long may need more room than the documentation gives.
    """

    async def ask(finder: Probe) -> list[Answer]:
        answers: list[Answer] = []
        room = ROOM
        for _ in range(_TRIES):
            messages = [*_LED_UP_TO.get(problem, ()), {"role": "user", "content": PROBLEMS[problem]}]
            body = await reasoning_body(finder, PROBLEMS[problem], model=model, max_tokens=room, messages=messages)
            answers.append(await finder.post(CHAT, body, label=f"to {model} with reasoning: true ({problem})"))
            said = expect_messages(answers[-1])
            if all(_is_text(message.get(part)) for message in said for part in ("reasoning", "content")):
                break
            if any(choice.get("finish_reason") == "length" for choice in expect_choices(answers[-1])):
                room = _MORE_ROOM
        return answers

    answers: list[Answer] = await probe.fact(f"reasoning of {model} about {problem}", ask)
    return answers


def expect_reasoning(answers: list[Answer]) -> None:
    """Judge that a non-empty text of reasoning came, and nothing but texts. Raises Broken."""
    messages = [(message, answer) for answer in answers for message in expect_messages(answer)]
    for message, answer in messages:
        if not isinstance(message.get("reasoning"), str | None):
            received = f"reasoning {message['reasoning']!r}"[:200]
            raise Broken(expected="`message.reasoning`, a non-empty text", received=received, answer=answer)
    if not any(_is_text(message.get("reasoning")) for message, _ in messages):
        received = f"{len(answers)} answers without, the last with {', '.join(messages[-1][0])}"
        raise Broken(expected="`message.reasoning`, a non-empty text", received=received[:200], answer=answers[-1])


def expect_content(answers: list[Answer]) -> None:
    """Judge that a non-empty text stands where the answer stands, too. Raises Broken."""
    for answer in answers:
        messages = expect_messages(answer)
        if all(_is_text(message.get("content")) for message in messages):
            return
    received = f"{len(answers)} answers without, the last with content {messages[-1].get('content')!r}"
    raise Broken(expected="`content`, a non-empty text", received=received[:200], answer=answers[-1])


def streamed_reasoning(found: Stream) -> list[Any]:
    """Return what the deltas of a stream hold as reasoning, in order; null and empty pieces are left out."""
    pieces = [delta.get("reasoning") for chunk in found.chunks for delta in chunk.deltas]
    return [piece for piece in pieces if piece not in (None, "")]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
