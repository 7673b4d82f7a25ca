"""Have a text repeated, to see what happens to text on its way: with a control, since repeating is a model's choice."""

import uuid
from dataclasses import dataclass

from assisters_verify.contract.completions import complete, expect_completion
from assisters_verify.judgement import Undecided
from assisters_verify.probe import Probe

_CONTROL_TRIES = 2


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
    return Marked(f"mark{uuid.uuid4().hex[:10]}", text, f"mark{uuid.uuid4().hex[:10]}")


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
