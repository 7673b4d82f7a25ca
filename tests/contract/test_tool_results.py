"""A round trip ends in words; a model that calls once more is given the result once more, but not for ever."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.tool_offers import WEATHER
from assisters_verify.contract.tool_results import call_message, finish, real_calls, result_message, user_message
from assisters_verify.contract.toolcalls import Reply
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

_CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
_CALLS = {"role": "assistant", "content": None, "tool_calls": [_CALL]}
_WORDS = {"role": "assistant", "content": "It is 15 °C."}
_SENT = [user_message("What is the weather?"), call_message([_CALL]), result_message(_CALL, {"temperature": 15})]


def answering(*messages: dict[str, Any]) -> Callable[["Peer"], None]:
    """Return a server that answers with these messages, and with the last one from then on."""
    left: Iterator[dict[str, Any]] = iter(messages)

    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            document = {"choices": [{"message": next(left, messages[-1])}]} if request.method == "POST" else {}
            peer.answer(json.dumps(document).encode(), headers="Content-Type: application/json\r\n")

    return script


async def use_finish(probe: Probe) -> Reply:
    return await finish(probe, _SENT, WEATHER, result={"temperature": 15})


def test_words_end_the_conversation(serve: "Serve", with_probe: "ProbeRun") -> None:
    assert with_probe(serve(answering(_WORDS)).url, use_finish).text == "It is 15 °C."


def test_model_that_calls_again_gets_the_result_again(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering(_CALLS, _CALLS, _WORDS))
    with_probe(server.url, use_finish)
    roles = [message["role"] for message in json.loads(server.received[-1].body)["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "tool", "assistant", "tool"]


def test_calls_that_never_end_are_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Broken, match="another call each time, 36 times"):
        with_probe(serve(answering(_CALLS)).url, use_finish)


def test_empty_answer_is_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Broken, match="a text, or tool calls"):
        with_probe(serve(answering({"role": "assistant", "content": ""})).url, use_finish)


def test_call_without_an_id_is_broken_and_no_error(serve: "Serve", with_probe: "ProbeRun") -> None:
    nameless = {**_CALLS, "tool_calls": [{"type": "function", "function": _CALL["function"]}]}
    with pytest.raises(Broken, match="`id`"):
        with_probe(serve(answering(nameless)).url, use_finish)


def test_two_answers_may_use_one_id(serve: "Serve", with_probe: "ProbeRun") -> None:
    """Ids are unique within an answer: in a conversation of both, the second gets another."""
    one, other = with_probe(serve(answering(_CALLS)).url, real_calls)
    assert (one["id"], other["id"]) == ("call_1", "call_1b")
