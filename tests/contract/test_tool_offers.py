"""A model's mood never decides: it is offered a tool again and again, and each verdict says how often."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.tool_offers import TRIES, TWO_CITIES, WEATHER, Offer, call
from assisters_verify.contract.toolcalls import Reply
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

_CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
_MODELS = {"models": [{"id": "m", "name": "M", "max_tokens": 100, "supports": ["chat"]}]}
Decide = Callable[[dict[str, Any]], int]


def answer(body: dict[str, Any], calls: int) -> tuple[str, bytes]:
    """Return content type and body of an answer with that many calls."""
    made = [{**_CALL, "id": f"call_{number}"} for number in range(calls)]
    if not body.get("stream"):
        message = {"role": "assistant", "content": None if made else "No.", "tool_calls": made or None}
        return "application/json", json.dumps({"choices": [{"message": message}]}).encode()
    delta: dict[str, Any] = {"content": "No."}
    if made:
        delta = {"tool_calls": [{"index": number, **each} for number, each in enumerate(made)]}
    return "text/event-stream", f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n".encode()


def model(decide: Decide) -> Callable[["Peer"], None]:
    """Return a server whose model makes as many calls as `decide` says for a request."""

    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.method == "GET":
                peer.answer(json.dumps(_MODELS).encode(), headers="Content-Type: application/json\r\n")
                continue
            body = json.loads(request.body)
            content_type, sent = answer(body, decide(body))
            peer.answer(sent, headers=f"Content-Type: {content_type}\r\n")

    return script


def in_turn(*calls: int) -> Decide:
    """Return the decision to make so many calls, one number after the other, and none from then on."""
    left: Iterator[int] = iter(calls)
    return lambda _body: next(left, 0)


def ask(offer: Offer, **options: Any) -> Callable[[Probe], Any]:
    async def use(probe: Probe) -> Reply:
        return await call(probe, offer, **options)

    return use


def test_model_that_declines_is_asked_again(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(in_turn(*([0] * (TRIES - 1)), 1)))
    assert len(with_probe(server.url, ask(WEATHER)).calls) == 1


def test_each_try_asks_in_other_words(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(in_turn(0, 0, 0, 1)))
    with_probe(server.url, ask(WEATHER))
    prompts = [json.loads(each.body)["messages"][0]["content"] for each in server.received if each.method == "POST"]
    assert len(set(prompts)) == 4


def test_model_that_never_calls_is_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(in_turn()))
    with pytest.raises(Undecided, match=f"offered {TRIES} times"):
        with_probe(server.url, ask(WEATHER))
    assert sum(each.method == "POST" for each in server.received) == TRIES


def test_model_that_never_calls_is_not_asked_other_offers(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(in_turn()))
    with pytest.raises(Undecided, match="weather"):
        with_probe(server.url, ask(TWO_CITIES, least=2))
    assert sum(each.method == "POST" for each in server.received) == TRIES


def test_plain_offer_is_made_once_for_all(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(lambda _body: 1))

    async def use(probe: Probe) -> None:
        for _ in range(3):
            await call(probe, WEATHER)

    with_probe(server.url, use)
    assert sum(each.method == "POST" for each in server.received) == 1


def test_streamed_call_is_joined(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(lambda _body: 2))
    reply = with_probe(server.url, ask(TWO_CITIES, is_stream=True, least=2))
    assert [each["id"] for each in reply.calls] == ["call_0", "call_1"]


def test_stream_that_is_cut_is_named_and_not_its_arguments(serve: "Serve", with_probe: "ProbeRun") -> None:
    def cut(peer: "Peer") -> None:
        while (request := peer.read()).method == "GET" or not json.loads(request.body).get("stream"):
            is_list = request.method == "GET"
            sent = json.dumps(_MODELS).encode() if is_list else answer({}, 1)[1]
            peer.answer(sent, headers="Content-Type: application/json\r\n")
        _, whole = answer({"stream": True}, 1)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n" + whole)

    with pytest.raises(Broken, match="expected a stream that ends whole"):
        with_probe(serve(cut).url, ask(WEATHER, is_stream=True))


def test_server_that_calls_plainly_and_never_in_a_stream_is_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(lambda body: not body.get("stream")))
    with pytest.raises(Broken, match="6 of 6 plain offers were answered with a call, and none of 10 streamed"):
        with_probe(server.url, ask(WEATHER, is_stream=True))


def test_model_that_seldom_calls_is_undecided_in_streams(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(model(in_turn(1)))
    with pytest.raises(Undecided, match="0 of 6 plain offers"):
        with_probe(server.url, ask(WEATHER, is_stream=True))
