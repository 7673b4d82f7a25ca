"""Every route of the documentation, with a request that is valid but makes nothing."""

from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.completions import CHAT, chat_body, expect_success
from assisters_verify.contract.models import MODELS, chat_model, embeddings_model
from assisters_verify.contract.segments import in_path
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.judgement import NotApplicable, NotThere, Undecided
from assisters_verify.probe import Probe

KEYS = "/v1/keys"
WEBHOOKS = "/v1/webhooks"
AUDIT = "/v1/audit?start=2024-01-01&end=2024-01-31"
METRICS = "/v1/metrics"
UNKNOWN_ID = "no-such-id-4d1f"
_NOT_THERE = frozenset({404, 405, 501})
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route: `path` may hold `{model}`. `takes_body` says that its requests carry one. `makes_something` says that a
    valid request with a valid key would create an object, so that none is sent without need."""

    method: str
    path: str
    takes_body: bool = False
    makes_something: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"

    @property
    def test_id(self) -> str:
        """A short name for a check's parameter."""
        return str(self).replace("/v1/", "").replace("/", "_").replace(" ", "-").replace("{model}", "model")


ROUTES: tuple[Route, ...] = (
    Route(method="GET", path=MODELS),
    Route(method="POST", path=CHAT, takes_body=True),
    Route(method="POST", path=EMBEDDINGS, takes_body=True),
    Route(method="POST", path=KEYS, takes_body=True, makes_something=True),
    Route(method="POST", path=WEBHOOKS, takes_body=True, makes_something=True),
    Route(method="GET", path=AUDIT),
    Route(method="GET", path=METRICS),
    Route(method="GET", path="/v1/models/{model}/test"),
    Route(method="POST", path="/v1/models/{model}/test"),
)
CORE_ROUTES = ROUTES[:3]
BODY_ROUTES = tuple(route for route in ROUTES if route.takes_body)


async def path_of(probe: Probe, route: Route) -> str:
    """Return the route's path with a real model in it."""
    if "{model}" not in route.path:
        return route.path
    # Ids such as `org/model:1` stand in paths as they are; what would end the path does not.
    return route.path.replace("{model}", in_path(await chat_model(probe), safe="/:@"))


async def body_of(probe: Probe, route: Route) -> Any:
    """Return a valid body for the route, or None where it takes none."""
    bodies: dict[str, Any] = {
        EMBEDDINGS: {"model": await embeddings_model(probe), "input": "hello"},
        KEYS: {"name": "assisters-verify"},
        WEBHOOKS: {"url": "https://assisters-verify.invalid/events", "events": ["chat.completion"]},
    }
    if not route.takes_body:
        return None
    return bodies.get(route.path) or await chat_body(probe)


async def is_there(probe: Probe, route: Route) -> bool:
    """Tell whether the target has the route, asked once in a run with a request that makes nothing."""

    async def ask(finder: Probe) -> bool:
        return not is_missing(await _ask(finder, route))

    return bool(await probe.fact(f"route {route}", ask))


def is_missing(answer: Answer) -> bool:
    """Tell whether this answer to a request with a valid key says that there is no such route."""
    return answer.status in _NOT_THERE and b"model_not_found" not in answer.body


async def valid_answer(probe: Probe, path: str) -> Answer:
    """Return the answer to a valid request to one of the core routes, sent once in a run."""
    route = next(route for route in CORE_ROUTES if route.path == path)

    async def ask(finder: Probe) -> Answer:
        if route.takes_body:
            return await post_once(finder, path, await body_of(finder, route))
        return await finder.send(route.method, path)

    answer: Answer = await probe.fact(f"valid {route}", ask)
    return answer


async def key_opens_anything(probe: Probe) -> bool:
    """Tell whether the run's key gets a 2xx from any of the core routes."""
    for route in CORE_ROUTES:
        if (await valid_answer(probe, route.path)).is_success:
            return True
    return False


async def good_body(probe: Probe, path: str) -> dict[str, Any]:
    """Return a valid body for one of the routes that take one."""
    body: dict[str, Any] = await body_of(probe, next(route for route in BODY_ROUTES if route.path == path))
    return body


async def require_route(probe: Probe, path: str, answer: Answer) -> None:
    """Look why a bad request to a route that takes a body was refused. Raises NotApplicable where the route is not
    there, and Undecided where it answers no valid request either."""
    if answer.status in {401, 403}:
        raise Undecided(f"the key is not let in: {answer.describe()}", answer=answer)
    route = next(route for route in BODY_ROUTES if route.path == path)
    if answer.status in _NOT_THERE and not await is_there(probe, route):
        raise NotApplicable(f"the target has no {route}")
    if (
        answer.status >= _SERVER_ERROR
        and route in CORE_ROUTES
        and (await valid_answer(probe, path)).status >= _SERVER_ERROR
    ):
        raise Undecided(f"{route} answers valid requests so, too: {answer.describe()}", answer=answer)


async def expect_accepted(probe: Probe, path: str) -> None:
    """Judge that the route is there and accepts a valid request. Raises NotThere, Broken or Undecided."""
    answer = await valid_answer(probe, path)
    expect_let_in(answer)
    expect_success(answer)


def expect_let_in(answer: Answer) -> None:
    """Judge that the answer to a valid request is neither about the key nor about a missing route.

    Raises Undecided and NotThere; what else is wrong with the answer is not judged.
    """
    if answer.status in {401, 403}:
        raise Undecided(f"the key is not let in: {answer.describe()}", answer=answer)
    if is_missing(answer):
        raise NotThere(f"there is no {answer.method} {answer.path}: {answer.describe()}", answer=answer)


async def _ask(probe: Probe, route: Route) -> Answer:
    path = await path_of(probe, route)
    if route.takes_body:
        # An empty object lacks what is required: a route that is there refuses it, and makes nothing.
        return await probe.send(route.method, path, {}, label="with an empty object")
    return await probe.send(route.method, path)
