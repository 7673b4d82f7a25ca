"""The doctor's requests carry the key only where they should, and are counted."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.doctor.visitor import TooManyRequests, Visitor
from assisters_verify.wire import NoAnswer, Wire

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve

KEY = "sk-test-7d1e4f9c2a8b30561234"


def visit(url: str, *asked: dict[str, Any]) -> Visitor:
    async def ask_all() -> Visitor:
        async with Wire(url) as wire:
            visitor = Visitor(wire=wire, api_key=KEY, timeout_s=10.0)
            for each in asked:
                await visitor.ask("POST", "/v1/x", **each)
        return visitor

    return asyncio.run(ask_all())


def answering(body: bytes, status: str = "200 OK") -> Any:
    def answer(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(body, status=status)

    return answer


def test_the_key_goes_along_unless_it_is_left_out(serve: "Serve") -> None:
    server = serve(answering(b"{}"))
    visit(server.url, {}, {"has_key": False})
    sent = [request.headers.get("authorization") for request in server.received]
    assert sent == [f"Bearer {KEY}", None]


def test_what_it_costs_is_counted(serve: "Serve") -> None:
    server = serve(answering(b'{"usage": {"tokens": 7}}'))
    visitor = visit(server.url, {"body": {"a": 1}}, {"body": []})
    spent = (visitor.requests, visitor.tokens, visitor.bytes_sent, visitor.bytes_received)
    assert spent == (2, 14, 10, 48)


def test_a_limit_that_is_used_up_ends_the_visit(serve: "Serve") -> None:
    server = serve(answering(b"{}", status="429 Too Many Requests"))
    with pytest.raises(TooManyRequests):
        visit(server.url, {}, {})
    assert len(server.received) == 1


def test_no_answer_is_told(refused_port: int) -> None:
    with pytest.raises(NoAnswer):
        visit(f"http://127.0.0.1:{refused_port}", {})
