"""Faults that client libraries meet, and plain requests do not."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import EMBEDDINGS, on_body
from assisters_verify.reference.problems import ApiError, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="sdk")
_BLOCKED = ApiError(403, "Automated clients are not welcome.", kind="permission_error", code="blocked")


def _refuses(matches: Callable[[Call], bool], error: ApiError) -> Callable[[Call, Reply], Reply]:
    """Refuse the calls of a client that its headers give away."""

    def edit(call: Call, reply: Reply) -> Reply:
        return Answer(payload=error.envelope(), status=error.status) if matches(call) else reply

    return edit


def _agent(call: Call) -> str:
    return (call.header("user-agent") or "").lower()


def _claim_compression(call: Call, reply: Reply) -> Reply:
    """Say gzip to a client that takes it, and send the body as it is."""
    is_asked = "gzip" in (call.header("accept-encoding") or "")
    if not is_asked or not isinstance(reply, Answer):
        return reply
    return replace(reply, headers=(*reply.headers, ("content-encoding", "gzip")))


def _refuse_encoding_format(body: dict[str, Any]) -> Any:
    if "encoding_format" in body:
        raise internal_error()
    return body


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="openai_client_is_blocked",
        clause="SDK-01",
        title="A request whose user agent names OpenAI's client is refused.",
        reply=_refuses(lambda call: "openai" in _agent(call), _BLOCKED),
    ),
    _fault(
        name="client_library_headers_break_server",
        clause="SDK-01",
        title="The headers that OpenAI's client adds (X-Stainless-…) end in 500.",
        reply=_refuses(lambda call: call.header("x-stainless-lang") is not None, internal_error()),
    ),
    _fault(
        name="encoding_format_breaks_server",
        clause="SDK-01",
        title="The `encoding_format` that OpenAI's client sends ends in 500.",
        request=on_body(EMBEDDINGS, _refuse_encoding_format),
    ),
    _fault(
        name="compression_is_claimed",
        clause="SDK-01",
        title="To a client that takes gzip the answer says gzip, but is not compressed.",
        reply=_claim_compression,
    ),
    _fault(
        name="python_clients_are_blocked",
        clause="SDK-02",
        title="A request whose user agent is Python's httpx, which an SDK of this API is built on, is refused.",
        reply=_refuses(lambda call: _agent(call).startswith("python-httpx"), _BLOCKED),
    ),
    _fault(
        name="fetch_is_blocked",
        clause="SDK-03",
        title="A request with the headers of `fetch` (Sec-Fetch-Mode) is refused, as by a misread CORS rule.",
        reply=_refuses(lambda call: call.header("sec-fetch-mode") is not None, _BLOCKED),
    ),
    _fault(
        name="curl_is_blocked",
        clause="SDK-04",
        title="A request whose user agent is curl is refused.",
        reply=_refuses(lambda call: _agent(call).startswith("curl"), _BLOCKED),
    ),
)
