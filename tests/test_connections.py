"""Connections are kept for the next request, and given up for whoever waits behind them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from assisters_verify import connections as module
from assisters_verify.connections import Connections

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve

SIDE_BY_SIDE = 6


def answer_forever(peer: "Peer") -> None:
    while True:
        peer.read()
        peer.answer(b"{}")


async def get(connections: Connections, url: str, *, is_fresh: bool = False) -> int:
    async with connections.send(httpx.Request("GET", url), is_fresh=is_fresh) as response:
        await response.aread()
        return response.status_code


def run(use: Callable[[Connections], Awaitable[None]], *, most: int = 8) -> None:
    """Use connections, and close them; neither may hang."""

    async def whole() -> None:
        async with asyncio.timeout(20):
            connections = Connections(None, most=most)
            try:
                await use(connections)
            finally:
                await connections.aclose()

    asyncio.run(whole())


def test_requests_one_after_the_other_share_a_connection(serve: "Serve") -> None:
    server = serve(answer_forever)

    async def use(connections: Connections) -> None:
        for _ in range(5):
            await get(connections, server.url)

    run(use)
    assert (server.connections, len(server.received)) == (1, 5)


def test_fresh_connection_is_a_new_one(serve: "Serve") -> None:
    server = serve(answer_forever)

    async def use(connections: Connections) -> None:
        await get(connections, server.url)
        await get(connections, server.url, is_fresh=True)

    run(use)
    assert server.connections == 2


def test_no_more_connections_than_allowed_are_open(serve: "Serve") -> None:
    server = serve(answer_forever)

    async def use(connections: Connections) -> None:
        await asyncio.gather(*(get(connections, server.url) for _ in range(30)))

    run(use, most=3)
    assert (server.connections <= 3, len(server.received)) == (True, 30)


def test_connection_that_is_closed_when_it_is_used_again_is_replaced(serve: "Serve") -> None:
    """The peer cannot know that the next request was on its way: that is nobody's failure."""

    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(b"{}")
        peer.read()  # the second request gets a closed connection instead of an answer

    server = serve(script)

    async def use(connections: Connections) -> None:
        assert [await get(connections, server.url) for _ in range(3)] == [200] * 3

    run(use)
    assert (server.connections, len(server.received)) == (3, 5)


def test_connection_that_is_reset_when_it_is_used_again_is_replaced(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(b"{}")
        peer.read()
        peer.reset()

    server = serve(script)

    async def use(connections: Connections) -> None:
        assert [await get(connections, server.url) for _ in range(2)] == [200] * 2

    run(use)
    assert server.connections == 2


def test_new_connection_that_breaks_is_not_tried_again(serve: "Serve") -> None:
    server = serve(lambda peer: (peer.read(), None)[1])

    async def use(connections: Connections) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await get(connections, server.url)

    run(use)
    assert len(server.received) == 1


def test_connection_that_answered_close_is_not_used_again(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(b"{}", headers="Connection: close\r\n")

    server = serve(script)

    async def use(connections: Connections) -> None:
        assert [await get(connections, server.url) for _ in range(3)] == [200] * 3

    run(use)
    assert (server.connections, len(server.received)) == (3, 3)


def test_idle_connection_is_closed_soon(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that serves one connection at a time gets on with the next one."""
    monkeypatch.setattr(module, "_KEPT_S", 0.05)
    server = serve(answer_forever, is_serial=True)

    async def use(connections: Connections) -> None:
        replies = await asyncio.gather(*(get(connections, server.url) for _ in range(SIDE_BY_SIDE)))
        assert replies == [200] * SIDE_BY_SIDE

    run(use)
    assert len(server.received) == SIDE_BY_SIDE


def test_kept_connection_in_constant_use_starves_nobody(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that serves one connection at a time reaches those that wait, though another one never falls idle."""
    monkeypatch.setattr(module, "_STARVED_S", 0.05)
    monkeypatch.setattr(module, "_KEPT_S", 0.05)
    server = serve(answer_forever, is_serial=True)

    async def use(connections: Connections) -> None:
        waiting = asyncio.gather(*(get(connections, server.url) for _ in range(3)))
        while not waiting.done():
            await get(connections, server.url)
        assert await waiting == [200] * 3

    run(use)


def test_reader_that_leaves_gives_its_place_back(serve: "Serve") -> None:
    def endless(peer: "Peer") -> None:
        peer.read()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.send(b"x" * 1000)

    server = serve(endless)

    async def use(connections: Connections) -> None:
        for _ in range(4):
            async with connections.send(httpx.Request("GET", server.url)) as response:
                async for _ in response.aiter_raw():
                    break

    run(use, most=1)
    assert server.connections == 4


def test_cancelled_request_gives_its_place_back(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        if peer.read().target == "/silent":
            peer.wait_for_end()
        peer.answer(b"{}")

    server = serve(script)

    async def use(connections: Connections) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await get(connections, f"{server.url}/silent")
        assert await get(connections, server.url) == 200

    run(use, most=1)
