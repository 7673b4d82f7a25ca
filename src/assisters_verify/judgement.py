"""How a check says what it found: by returning, or by raising one of these."""

from typing import ClassVar

from assisters_verify.answer import Answer
from assisters_verify.verdicts import Verdict


class Judgement(Exception):  # noqa: N818 - not an error of ours: the finding of a check
    """What a check found where it is not a plain pass. `reason` is one sentence for a reader of the report."""

    verdict: ClassVar[Verdict]

    def __init__(self, reason: str, *, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.answer = answer
        self.expected = ""
        self.received = ""


class Broken(Judgement):
    """The promise is broken: a fail where the clause is a must, a warning otherwise."""

    verdict = Verdict.FAIL

    def __init__(self, *, expected: str, received: str, answer: Answer | None = None, where: str = "") -> None:
        place = where or (answer.where if answer else "")
        super().__init__(f"expected {expected}, received {received}" + (f" ({place})" if place else ""), answer=answer)
        self.expected = expected
        self.received = received


class Undecided(Judgement):
    """The suite could not decide; the reason says what stood in the way."""

    verdict = Verdict.INCONCLUSIVE


class NotThere(Judgement):
    """The route is not there."""

    verdict = Verdict.NOT_IMPLEMENTED


class NotApplicable(Judgement):
    """The promise has no meaning for this target, for instance TLS on http."""

    verdict = Verdict.NOT_APPLICABLE


class LeftOut(Judgement):
    """Left out by choice; the reason names the option."""

    verdict = Verdict.SKIPPED
