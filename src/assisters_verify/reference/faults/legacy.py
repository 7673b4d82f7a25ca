"""Faults of what is left of the legacy API."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, LEGACY, on_body
from assisters_verify.reference.problems import ApiError, internal_error, not_found
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import HungRoute, SilentRoute

_fault = partial(Fault, area="legacy")


def _answers(answer: Callable[[Call], Awaitable[Reply]]) -> dict[str, object]:
    return {"legacy.answer": answer}


async def _break(_call: Call) -> Reply:
    raise internal_error()


async def _redirect_to_itself(_call: Call) -> Reply:
    return Answer(status=308, headers=(("location", LEGACY),), payload={})


async def _be_a_proxy(_call: Call) -> Reply:
    return Answer(status=502, text="<html><body>Bad Gateway</body></html>", content_type="text/html")


def _of_prompt(do: Callable[[dict[str, Any]], Any]) -> Callable[[Call, Any], Any]:
    """Do something with a body that has a prompt and no messages."""
    return on_body(CHAT, lambda body: do(body) if "prompt" in body and body.get("messages") is None else body)


def _fail(error: ApiError) -> Callable[[dict[str, Any]], Any]:
    def fail(_body: dict[str, Any]) -> Any:
        raise error

    return fail


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="prompt_is_accepted",
        clause="LEGACY-01",
        title="`prompt` without `messages` is taken for one user message.",
        request=_of_prompt(lambda body: {**body, "messages": [{"role": "user", "content": body["prompt"]}]}),
    ),
    _fault(
        name="prompt_breaks_server",
        clause="LEGACY-01",
        title="`prompt` without `messages` ends in 500.",
        request=_of_prompt(_fail(internal_error())),
    ),
    _fault(
        name="prompt_is_404",
        clause="LEGACY-01",
        title="`prompt` without `messages` is refused with 404.",
        request=_of_prompt(_fail(not_found("Use messages.", param="messages"))),
    ),
    _fault(
        name="legacy_route_breaks",
        clause="LEGACY-02",
        title="/v1/completions ends in 500.",
        choices=_answers(_break),
    ),
    _fault(
        name="legacy_route_is_bad_gateway",
        clause="LEGACY-02",
        title="/v1/completions ends in a proxy's 502: what stood behind it is gone.",
        choices=_answers(_be_a_proxy),
    ),
    _fault(
        name="legacy_route_redirects_to_itself",
        clause="LEGACY-02",
        title="/v1/completions redirects to itself.",
        choices=_answers(_redirect_to_itself),
    ),
    _fault(
        name="legacy_route_breaks_connection",
        clause="LEGACY-02",
        title="/v1/completions breaks the connection in the middle of its answer.",
        wrapper=partial(SilentRoute, path=LEGACY),
    ),
    _fault(
        name="legacy_route_hangs",
        clause="LEGACY-02",
        title="/v1/completions never answers.",
        wrapper=partial(HungRoute, path=LEGACY),
    ),
)
