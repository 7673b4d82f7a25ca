"""The requests that a rate limit is overrun with: valid ones on every route, as cheap as can be."""

from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT as CHAT_PATH
from assisters_verify.contract.completions import chat_body
from assisters_verify.contract.envelope import read_error
from assisters_verify.contract.keys import path_of_key
from assisters_verify.contract.limiter import AUDIT, CHAT, EMBEDDINGS, METRICS, MODELS, REMOVAL, STREAM
from assisters_verify.contract.models import MODELS as MODELS_PATH
from assisters_verify.contract.models import embeddings_model
from assisters_verify.contract.routes import AUDIT as AUDIT_PATH
from assisters_verify.contract.routes import METRICS as METRICS_PATH
from assisters_verify.contract.routes import UNKNOWN_ID
from assisters_verify.contract.vectors import EMBEDDINGS as EMBEDDINGS_PATH
from assisters_verify.judgement import Judgement, Undecided
from assisters_verify.probe import Probe

# What a route says of an id that nobody has; some delete it all the same.
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequest:
    """A valid request on one route. `timeout_s` is None where it needs no time. `refusal` is the status, other than
    success, with which it is let through."""

    method: str
    path: str
    body: Any = None
    timeout_s: float | None = None
    refusal: int | None = None

    def is_served(self, answer: Answer) -> bool:
        """Tell whether this answer is what the route itself says, to a request that was let through."""
        return answer.status == self.refusal or (answer.is_success and read_error(answer) is None)


async def open_routes(probe: Probe) -> dict[str, RouteRequest]:
    """Return a request for each route that serves the run's own key now, by the route's name.

    Raises Undecided where not even the models are listed.
    """
    found = {}
    for kind, request in (await _requests(probe)).items():
        try:
            answer = await probe.send(
                request.method, request.path, request.body, is_stream=kind == STREAM, label="before a burst"
            )
        except Judgement as problem:
            if kind == MODELS:
                raise Undecided(f"no request that could fill the limit is served: {problem.reason}") from problem
            continue
        if request.is_served(answer):
            found[kind] = request
        elif kind == MODELS:
            received = answer.describe()
            raise Undecided(f"no request that could fill the limit is served: {received}", answer=answer)
    return found


async def _requests(probe: Probe) -> dict[str, RouteRequest]:
    # One token is all that is wanted of a completion here.
    body = await chat_body(probe, "Hi", max_tokens=1)
    timeout_s = probe.settings.target.timeout_s
    embedding = {"model": await embeddings_model(probe), "input": "hello"}
    return {
        MODELS: RouteRequest(method="GET", path=MODELS_PATH),
        CHAT: RouteRequest(method="POST", path=CHAT_PATH, body=body, timeout_s=timeout_s),
        STREAM: RouteRequest(method="POST", path=CHAT_PATH, body={**body, "stream": True}, timeout_s=timeout_s),
        EMBEDDINGS: RouteRequest(method="POST", path=EMBEDDINGS_PATH, body=embedding, timeout_s=timeout_s),
        AUDIT: RouteRequest(method="GET", path=AUDIT_PATH),
        METRICS: RouteRequest(method="GET", path=METRICS_PATH),
        REMOVAL: RouteRequest(method="DELETE", path=path_of_key(UNKNOWN_ID), refusal=_NOT_FOUND),
    }
