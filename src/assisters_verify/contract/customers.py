"""Another customer than the run's own: an API key that is another's, or counts as such."""

from assisters_verify.answer import Answer
from assisters_verify.contract.key_uses import is_let_in, list_models
from assisters_verify.contract.keys import borrow_key
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import Judgement, Undecided
from assisters_verify.probe import Probe

_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 3.0)


async def another_customer(probe: Probe) -> str:
    """Return an API key other than the run's, the same for all checks: one that is created, or the second that was
    given. Raises Undecided where there is none."""
    secret: str = await probe.fact("another customer", _find)
    return secret


def require_let_in(answer: Answer) -> Answer:
    """Return an answer to the other customer. Raises Undecided where its key is refused: keys are another area's."""
    if not is_let_in(answer):
        raise Undecided(f"the other customer's key is refused: {answer.describe()}", answer=answer)
    return answer


async def _find(probe: Probe) -> str:
    try:
        created = await borrow_key(probe)  # it stays owed, and so is taken back when the run ends
        answer = await ask_until(lambda: list_models(probe, created.secret), is_let_in, pauses_s=_PAUSES_S)
        if not is_let_in(answer):
            raise Undecided(f"a created key is not let in: {answer.describe()}", answer=answer)
    except Judgement as problem:
        second = probe.settings.secrets.second_api_key
        if second is None:
            reason = f"{problem.reason} (`second_api_key_env` in the target file names another one)"
            raise Undecided(reason) from problem
        return second.get_secret_value()
    return created.secret
