"""Send orders over a wire of their own, to servers that do as they are told."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from assisters_verify.wire import Order, Reply, Wire

if TYPE_CHECKING:
    from tests.conftest import Peer, Script

KEY = "sk-test-0123456789abcdef"
AUTHORIZATION = ("Authorization", f"Bearer {KEY}")
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH_2 = b"Content-Length: 2\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def fetch(url: str, order: Order | None = None, *, ca_file: Path | None = None) -> Reply:
    """Send one order over a wire of its own, and return the reply."""
    return fetch_all(url, [order or Order(method="GET", path="/")], ca_file=ca_file)[0]


def fetch_all(url: str, orders: list[Order], *, ca_file: Path | None = None, is_parallel: bool = False) -> list[Reply]:
    """Send orders over one wire, one after the other unless told otherwise."""

    async def send(wire: Wire, order: Order) -> Reply:
        reply = Reply(started=time.perf_counter())
        await wire.send(order, reply)
        return reply

    async def run() -> list[Reply]:
        async with Wire(url, ca_file=ca_file) as wire:
            if is_parallel:
                return await asyncio.gather(*(send(wire, order) for order in orders))
            return [await send(wire, order) for order in orders]

    return asyncio.run(run())


def once(data: bytes) -> "Script":
    """Return a script that answers one request with these bytes and closes."""

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(data)

    return script


def answer_forever(peer: "Peer") -> None:
    while True:
        peer.read()
        peer.answer(b"{}")


def get(path: str = "/", timeout_s: float = 10.0) -> Order:
    return Order(method="GET", path=path, timeout_s=timeout_s)
