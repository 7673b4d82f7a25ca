"""Use a key on the routes, and tell whether it is let in: at once, or soon where the server asks for patience."""

from collections.abc import Awaitable, Callable

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.models import MODELS, chat_model, embeddings_model
from assisters_verify.contract.refusals import post_in_vain
from assisters_verify.contract.routes import AUDIT, KEYS, METRICS, UNKNOWN_ID, WEBHOOKS
from assisters_verify.contract.segments import in_path
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

_UNAUTHORIZED = 401
_REFUSED = frozenset({_UNAUTHORIZED, 403})
_ACCEPTED = 202
# A key that has just been made may have to reach every node first: nothing is said of how fast. It is waited for.
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 3.0)

Use = Callable[[Probe, str], Awaitable[Answer]]


async def list_models(probe: Probe, secret: str) -> Answer:
    """Ask for the models."""
    return await probe.get(MODELS, key=secret)


async def chat(probe: Probe, secret: str) -> Answer:
    """Ask for a completion."""
    return await probe.post(CHAT, await chat_body(probe), key=secret)


async def stream(probe: Probe, secret: str) -> Answer:
    """Ask for a streamed completion."""
    body = await chat_body(probe, stream=True)
    return await probe.post(CHAT, body, key=secret, is_stream=True, label="with stream: true")


async def embed(probe: Probe, secret: str) -> Answer:
    """Ask for an embedding."""
    return await probe.post(EMBEDDINGS, {"model": await embeddings_model(probe), "input": "hello"}, key=secret)


async def read_audit(probe: Probe, secret: str) -> Answer:
    """Read the audit log."""
    return await probe.get(AUDIT, key=secret)


async def read_metrics(probe: Probe, secret: str) -> Answer:
    """Read the metrics."""
    return await probe.get(METRICS, key=secret)


async def delete_nothing(probe: Probe, secret: str) -> Answer:
    """Delete a key that is not there."""
    return await probe.delete(f"{KEYS}/{UNKNOWN_ID}", key=secret)


async def make_no_webhook(probe: Probe, secret: str) -> Answer:
    """Ask for a webhook without saying which, which makes none."""
    return await post_in_vain(probe, WEBHOOKS, {}, key=secret, label="with {}")


async def have_model_tested(probe: Probe, secret: str) -> Answer:
    """Have a model tested."""
    return await probe.get(f"{MODELS}/{in_path(await chat_model(probe))}/test", key=secret)


CORE_USES: dict[str, Use] = {"models": list_models, "chat": chat, "stream": stream, "embeddings": embed}
USES: dict[str, Use] = CORE_USES | {
    "audit": read_audit,
    "metrics": read_metrics,
    "deletion": delete_nothing,
    "webhooks": make_no_webhook,
    "canary": have_model_tested,
}


def is_let_in(answer: Answer) -> bool:
    """Tell whether the key was accepted, whatever became of the request."""
    return answer.status not in _REFUSED


async def expect_let_in(probe: Probe, secret: str, use: Use = list_models) -> Answer:
    """Judge that a living key is let in, now or within some seconds. Raises Broken."""
    answer = await ask_until(lambda: use(probe, secret), is_let_in, pauses_s=_PAUSES_S)
    if not is_let_in(answer):
        received = f"{answer.describe()} after {sum(_PAUSES_S):g} s"
        raise Broken(expected="a created key to be let in", received=received, answer=answer)
    return answer


async def expect_shut_out(probe: Probe, secret: str, use: Use = list_models, *, deletion: Answer) -> Answer:
    """Judge that a deleted key is refused with 401. Raises Broken.

    A deletion that was answered with 202 is accepted but perhaps not yet done (RFC 9110 9.3.5): it is given some
    seconds. After any other success it is done.
    """
    pauses_s = _PAUSES_S if deletion.status == _ACCEPTED else ()
    answer = await ask_until(lambda: use(probe, secret), lambda got: not is_let_in(got), pauses_s=pauses_s)
    expect_refusal(answer, _UNAUTHORIZED, why=f"the key was deleted, which was answered with {deletion.status}")
    return answer
