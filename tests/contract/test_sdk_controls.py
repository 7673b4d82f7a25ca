"""A tool's call without a client goes the whole way, so that no client is blamed, or praised, for half of it."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.sdk_controls import use_tool
from assisters_verify.judgement import Broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Peer, ProbeRun, Serve

CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"location": "Paris"}'}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
SAYING = {"role": "assistant", "content": "It is mild."}
MODELS = {"chat": "m", "tools": "m"}


def answers(first: dict[str, Any], second: dict[str, Any], *, status: str = "200 OK") -> "Callable[[Peer], None]":
    """Return a script: `first` answers an offer, `second`, with this status, the result of a tool."""

    def script(peer: "Peer") -> None:
        while True:
            is_result = any(message["role"] == "tool" for message in json.loads(peer.read().body)["messages"])
            document = {"choices": [{"message": second if is_result else first}]}
            peer.answer(json.dumps(document).encode(), status=status if is_result else "200 OK")

    return script


def test_call_is_followed_by_its_result(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answers(CALLING, SAYING))
    with_probe(server.url, use_tool, models=MODELS)
    sent = json.loads(server.received[-1].body)["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool"]


def test_model_that_declines_is_asked_a_few_times(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answers(SAYING, SAYING))
    with_probe(server.url, use_tool, models=MODELS)
    assert len(server.received) == 3


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ({"role": "assistant", "content": None}, SAYING, "200 OK"),
        ({**CALLING, "tool_calls": [{**CALL, "id": None}]}, SAYING, "200 OK"),
        (CALLING, {"role": "assistant", "content": None}, "200 OK"),
        (CALLING, SAYING, "400 Bad Request"),
    ],
    ids=["no answer", "call without an id", "no answer to the result", "result refused"],
)
def test_every_step_is_judged(
    serve: "Serve", with_probe: "ProbeRun", first: dict[str, Any], second: dict[str, Any], status: str
) -> None:
    with pytest.raises(Broken):
        with_probe(serve(answers(first, second, status=status)).url, use_tool, models=MODELS)
