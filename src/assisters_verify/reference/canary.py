"""The model test for canary deployments."""

import time
from typing import TYPE_CHECKING

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Message, Question
from assisters_verify.reference.models import find_model

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

_PROBE = Question(messages=(Message(role="user", text="Say only ready"),))


async def run_model_test(call: "Call") -> Answer:
    """GET or POST /v1/models/{model}/test: let the model answer a short prompt, and say how that went."""
    if call.body:
        call.json_object()
    model = find_model(call, call.path_params["model"])
    start_s = time.perf_counter()
    draft = compose(_PROBE)
    latency_ms = (time.perf_counter() - start_s) * 1000
    payload = {
        "model": model.id,
        "object": "model.test",
        "status": "ok" if draft.content else "failed",
        "latency_ms": round(latency_ms, 3),
    }
    return Answer(payload=payload)
