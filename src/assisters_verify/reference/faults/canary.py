"""Faults of the model test."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import FIRST_REFUSAL, MODEL_TEST, on_answer
from assisters_verify.reference.models import CATALOGUE
from assisters_verify.reference.problems import ApiError, inference_failed, model_not_found
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="canary")
_LAST, _EMBEDDING = CATALOGUE[1].id, CATALOGUE[2].id


def _fails(error: ApiError) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, status=error.status, payload=error.envelope())


def _of_model(model_id: str, error: ApiError) -> Callable[[Call, Reply], Reply]:
    """Let the test of one model fail."""

    def edit(call: Call, reply: Reply) -> Reply:
        is_meant = call.route == MODEL_TEST and call.path_params["model"] == model_id
        return _fails(error)(reply) if is_meant and isinstance(reply, Answer) else reply

    return edit


def _of_unknown(status: int) -> Callable[[Call, Reply], Reply]:
    """Answer the test of an unknown model with another status."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != MODEL_TEST or reply.status < FIRST_REFUSAL or not isinstance(reply, Answer):
            return reply
        payload = reply.payload if status >= FIRST_REFUSAL else {"status": "ok"}
        return replace(reply, status=status, payload=payload)

    return edit


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="model_test_breaks",
        clause="CANARY-01",
        title="Testing a model ends in 500.",
        reply=on_answer(MODEL_TEST, _fails(inference_failed())),
    ),
    _fault(
        name="listed_models_are_unknown_to_test",
        clause="CANARY-01",
        title="Testing a listed model is refused as an unknown one.",
        reply=on_answer(MODEL_TEST, _fails(model_not_found())),
    ),
    _fault(
        name="unknown_model_is_tested",
        clause="CANARY-02",
        title="Testing an unknown model is answered 200.",
        reply=_of_unknown(200),
    ),
    _fault(
        name="test_of_unknown_model_breaks",
        clause="CANARY-02",
        title="Testing an unknown model ends in 500.",
        reply=_of_unknown(500),
    ),
    _fault(
        name="test_of_unknown_model_is_400",
        clause="CANARY-02",
        title="Testing an unknown model is refused with 400.",
        reply=_of_unknown(400),
    ),
    _fault(
        name="last_chat_model_cannot_be_tested",
        clause="CANARY-03",
        title="One of the chat models cannot be tested: 404.",
        reply=_of_model(_LAST, model_not_found()),
    ),
    _fault(
        name="embedding_model_cannot_be_tested",
        clause="CANARY-03",
        title="Testing the embedding model ends in 500: it cannot chat.",
        reply=_of_model(_EMBEDDING, inference_failed()),
    ),
)
