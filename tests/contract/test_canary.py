"""The way to test a model is found, and a target without one is told from one that fails."""

from typing import TYPE_CHECKING

import pytest

from assisters_verify.contract.canary import find_way
from assisters_verify.judgement import Broken, Judgement, NotThere, Undecided

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Script, Serve

OK, NO_VERB, NO_ROUTE, BAD = "200 OK", "405 Method Not Allowed", "404 Not Found", "400 Bad Request"
UNKNOWN = b'{"error": {"code": "model_not_found"}}'


def answering(get: str, post: str, *, path: str = "/v1/models/m%2F1/test", body: bytes = b"{}") -> "Script":
    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.target == path:
                peer.answer(body, status=get if request.method == "GET" else post)
            else:
                peer.answer(b"{}", status=NO_ROUTE)

    return script


MODELS = {"chat": "m/1"}


@pytest.mark.parametrize(
    ("script", "name"),
    [
        (answering(OK, NO_VERB), "GET"),
        (answering(NO_VERB, OK), "POST"),
        (answering(NO_ROUTE, OK), "POST"),
        (answering(OK, NO_VERB, path="/v1/models/m/1/test"), "GET, slash as it is"),
    ],
)
def test_way_is_found(serve: "Serve", with_probe: "ProbeRun", script: "Script", name: str) -> None:
    assert with_probe(serve(script).url, find_way, models=MODELS).name == name


@pytest.mark.parametrize(
    ("script", "judgement"),
    [
        (answering(NO_ROUTE, NO_ROUTE), NotThere),
        (answering(NO_VERB, NO_VERB), NotThere),
        (answering(NO_ROUTE, NO_ROUTE, body=UNKNOWN), Broken),
        (answering("500 Internal Server Error", NO_VERB), Broken),
        (answering("403 Forbidden", BAD), Broken),
        (answering(NO_VERB, BAD, path="/v1/models/m%2F1/test"), Undecided),
    ],
)
def test_failure_is_named_for_what_it_is(
    serve: "Serve", with_probe: "ProbeRun", script: "Script", judgement: type[Judgement]
) -> None:
    with pytest.raises(judgement):
        with_probe(serve(script).url, find_way, models=MODELS, retries=0)
