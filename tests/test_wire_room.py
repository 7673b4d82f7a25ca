"""Large bodies are read in turns and within a room; what a correct server sends waits for nobody."""

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from assisters_verify.body_room import SMALL_BYTES
from assisters_verify.wire import MAX_BODY_BYTES, Order, Reply, Wire

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve

OK = b"HTTP/1.1 200 OK\r\n"


def get(path: str = "/", *, is_stream: bool = False) -> Order:
    return Order(method="GET", path=path, is_stream=is_stream, timeout_s=60.0)


def sized(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def fetch(wire: Wire, order: Order) -> Reply:
    reply = Reply(started=time.perf_counter())
    await wire.send(order, reply)
    return reply


def test_large_body_of_an_answer_that_is_not_streamed_is_one_piece(serve: "Serve") -> None:
    """What came in pieces is held once, not once more by whoever asks for the body."""
    body = b"a" * 200_000

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(sized(body))

    async def run() -> Reply:
        async with Wire(serve(script).url) as wire:
            return await fetch(wire, get())

    reply = asyncio.run(run())
    assert ([piece.data for piece in reply.pieces], reply.broken_off) == ([body], None)


def test_body_beyond_the_room_that_is_left_is_too_large(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(sized(b"a" * 2 * SMALL_BYTES))

    async def run() -> Reply:
        async with Wire(serve(script).url) as wire:
            wire.room.hold(wire, 1024 * MAX_BODY_BYTES)
            return await fetch(wire, get())

    reply = asyncio.run(run())
    is_short = len(reply.body) + reply.dropped_bytes <= SMALL_BYTES
    assert (reply.broken_off, is_short) == (f"the body is larger than {SMALL_BYTES} bytes", True)


def test_stream_of_ordinary_length_waits_for_no_turn(serve: "Serve") -> None:
    """A model that answers letter by letter sends 400 KB, and many such streams go on side by side."""
    length = 400_000

    def script(peer: "Peer") -> None:
        if peer.read().target == "/whole":
            peer.send(sized(b"a" * length))
        else:
            peer.send(sized(b"a" * (length + 1))[:-1])
            peer.wait_for_end()

    async def run() -> int:
        come, are_open = [0], asyncio.Event()

        def count(data: bytes) -> bool:
            come[0] += len(data)
            if come[0] == 3 * length:
                are_open.set()
            return False

        open_one = replace(get("/open", is_stream=True), leave_after=count)
        async with Wire(serve(script).url) as wire:
            streams = asyncio.gather(*(fetch(wire, open_one) for _ in range(3)))
            await are_open.wait()
            whole = await fetch(wire, get("/whole", is_stream=True))
            streams.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await streams
            return len(whole.body)

    assert asyncio.run(run()) == length
