"""Have a text repeated, to see what happens to text on its way: with a control, since repeating is a model's choice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import complete, expect_completion
from assisters_verify.contract.streams import read_stream
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import fresh_hex

_CONTROL_TRIES = 2
_OWN_WORD = re.compile(rb"word[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text between two words that nothing else says, so that an answer that repeats it can be told from any other."""

    before: str
    text: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} {self.text} {self.after}"

    def found_in(self, answer: str) -> str | None:
        """Return what stands between the marks in the answer, or None where it does not repeat them."""
        start = answer.find(self.before)
        end = answer.find(self.after, start)
        return answer[start + len(self.before) : end].strip() if start >= 0 and end > start else None


def marked(text: str) -> Marked:
    """Return the text between marks of its own."""
    return Marked(own_word(), text, own_word())


def own_word() -> str:
    """Return a word that nothing else says, so that whatever holds it belongs to the request that brought it."""
    return f"word{fresh_hex(12)}"


def expect_nothing_of_others(answers: Sequence[Answer]) -> None:
    """Judge that no answer holds a word that another request of the run brought and its own did not. Raises Broken.

    Requests with an idempotency key are left out: what they may repeat is for other clauses to say.
    """
    answers = [answer for answer in answers if "idempotency-key" not in answer.sent_headers]
    owners = {word: answer for answer in answers for word in _OWN_WORD.findall(answer.sent)}
    for answer in answers:
        own = set(_OWN_WORD.findall(answer.sent))
        foreign = [word for word in _OWN_WORD.findall(_said(answer)) if word in owners and word not in own]
        if foreign:
            received = f"{foreign[0].decode()!r}, which belongs to {owners[foreign[0]].exchange}"
            raise Broken(expected="nothing of another request", received=received, answer=answer)


def _said(answer: Answer) -> bytes:
    """Return what the answer says; the pieces of a stream joined, wherever they were cut."""
    return read_stream(answer).text.encode() if answer.pieces else answer.body


def repeat_prompt(text: object) -> str:
    """Return the request to repeat a text."""
    return f"Repeat the following text exactly, and nothing else:\n{text}"


async def require_repeating(probe: Probe) -> None:
    """Find out once whether the target's model repeats a plain text; raises Undecided where it does not."""

    async def find(finder: Probe) -> str | None:
        sample = marked("one two three four five")
        for _ in range(_CONTROL_TRIES):
            answer = await complete(
                finder, repeat_prompt(sample), max_tokens=100, temperature=0, label="to repeat a text"
            )
            said = expect_completion(answer)
            if sample.found_in(said) != sample.text:
                return said[:80]
        return None

    said = await probe.fact("repeats", find)
    if said is not None:
        raise Undecided(f"asked {_CONTROL_TRIES} times to repeat a text, the model says something else: {said!r}")
