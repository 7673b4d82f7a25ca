"""Have a model tested, whether by GET or by POST."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assisters_verify.answer import Answer
from assisters_verify.contract.models import chat_model
from assisters_verify.contract.routes import is_missing
from assisters_verify.contract.segments import in_path
from assisters_verify.judgement import Broken, NotThere, Undecided
from assisters_verify.probe import Probe

_WANTS_MORE = frozenset({400, 411, 415, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to ask for a test. `is_coded` says that a slash in the model's id is percent-coded in the path."""

    name: str
    send: Callable[[Probe, str], Awaitable[Answer]]
    is_coded: bool = True

    async def test(self, probe: Probe, model: str) -> Answer:
        """Have this model tested so."""
        return await self.send(probe, f"/v1/models/{in_path(model, safe='' if self.is_coded else '/')}/test")


_SENDERS: dict[str, Callable[[Probe, str], Awaitable[Answer]]] = {
    "GET": lambda probe, path: probe.get(path),
    "POST": lambda probe, path: probe.post(path),
    "POST with {}": lambda probe, path: probe.post(path, {}, label="with {}"),
}
WAYS = tuple(Way(name=name, send=send) for name, send in _SENDERS.items())
_PLAIN_WAYS = tuple(Way(name=f"{way.name}, slash as it is", send=way.send, is_coded=False) for way in WAYS)


async def find_way(probe: Probe) -> Way:
    """Return the way in which the chat model can be tested.

    Raises NotThere where no way is known to the target, Broken where one is and fails, and Undecided where a POST wants
    something that is not documented.
    """
    model = await chat_model(probe)
    answers = []
    for way in WAYS + (_PLAIN_WAYS if "/" in model else ()):
        answer = await way.test(probe, model)
        if answer.is_success:
            return way
        answers.append(answer)
    raise _failure(answers)


def _failure(answers: list[Answer]) -> Broken | NotThere | Undecided:
    told = [answer for answer in answers if not is_missing(answer)]
    if not told:
        return NotThere(f"/v1/models/{{model}}/test is not there: {answers[0].describe()}", answer=answers[0])
    failed = [answer for answer in told if answer.status not in _WANTS_MORE]
    if not failed:
        return Undecided(f"the test wants what is not documented: {told[0].describe()}", answer=told[0])
    worst = max(failed, key=lambda answer: answer.status)
    return Broken(expected="2xx by GET or by POST", received=worst.describe(), answer=worst)
