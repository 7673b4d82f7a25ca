"""The receiver takes what real HTTP clients send, keeps it byte by byte, and lets nobody hold it up."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from assisters_verify.receiver import Receiver, Request, Response

Run = Callable[[Receiver], Awaitable[Any]]


def with_receiver(run: Run, *, answer: Callable[[Request], Response] = lambda _: Response(), **limits: float) -> Any:
    """Run a coroutine against an open receiver."""

    async def whole() -> Any:
        receiver = await Receiver(answer, **limits).open("127.0.0.1")
        try:
            async with asyncio.timeout(20):
                return await run(receiver)
        finally:
            await receiver.close()

    return asyncio.run(whole())


async def talk(receiver: Receiver, *parts: bytes) -> bytes:
    """Send these bytes, one part after the other, and return all that comes back until the receiver closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        return await reader.read()
    finally:
        writer.close()


def test_request_is_kept_as_it_came() -> None:
    async def run(receiver: Receiver) -> Request:
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{receiver.port}/events/a?x=1&x=%C3%A4"
            await client.post(url, content=b'{"a":  1}\n', headers={"X-Sig": "abc"})
        return receiver.visits[0].request

    request = with_receiver(run)
    headers = {name.lower(): value for name, value in request.headers}
    assert (request.method, request.path, request.query, request.body, headers["x-sig"], request.http_version) == (
        "POST",
        "/events/a",
        [("x", "1"), ("x", "ä")],
        b'{"a":  1}\n',
        "abc",
        "HTTP/1.1",
    )


def test_sender_gets_the_chosen_answer() -> None:
    def answer(request: Request) -> Response:
        return Response(status=410, body=request.path.encode(), content_type="text/x-path")

    async def run(receiver: Receiver) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{receiver.port}/gone")

    response = with_receiver(run, answer=answer)
    assert (response.status_code, response.text, response.headers["content-type"]) == (410, "/gone", "text/x-path")


def test_chunked_body_is_joined() -> None:
    async def run(receiver: Receiver) -> bytes:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        await talk(receiver, head, b"3\r\nabc\r\n", b"2;ext=1\r\nde\r\n0\r\n\r\n")
        return receiver.visits[0].request.body

    assert with_receiver(run) == b"abcde"


def test_request_may_come_byte_by_byte() -> None:
    async def run(receiver: Receiver) -> bytes:
        data = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        await talk(receiver, *(data[at : at + 1] for at in range(len(data))))
        return receiver.visits[0].request.body

    assert with_receiver(run) == b"ok"


def test_requests_follow_each_other_on_one_connection() -> None:
    async def run(receiver: Receiver) -> list[str]:
        first = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
        await talk(receiver, first + b"GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return [visit.request.target for visit in receiver.visits]

    assert with_receiver(run) == ["/1", "/2"]


def test_http_1_0_is_answered_and_closed() -> None:
    async def run(receiver: Receiver) -> bytes:
        return await talk(receiver, b"GET / HTTP/1.0\r\n\r\n")

    assert b"\r\nConnection: close\r\n" in with_receiver(run)


def test_head_has_no_body() -> None:
    async def run(receiver: Receiver) -> bytes:
        return await talk(receiver, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert with_receiver(run, answer=lambda _: Response(body=b"body")).endswith(b"\r\n\r\n")


def test_sender_that_asks_first_is_told_to_go_on() -> None:
    async def run(receiver: Receiver) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        first = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"ok")
        second = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return first, second

    first, second = with_receiver(run)
    assert (first.split()[1], second.split()[1]) == (b"100", b"200")


def test_offer_of_another_protocol_is_passed_over() -> None:
    async def run(receiver: Receiver) -> tuple[int, list[bytes]]:
        offer = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok"
        answers = await talk(receiver, offer + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return answers.count(b"HTTP/1.1 200"), [visit.request.body for visit in receiver.visits]

    assert with_receiver(run) == (2, [b"ok", b""])


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * 70_000, b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"y" * 1_100_000, b"413"),
    ],
    ids=["nonsense", "long head", "long body"],
)
def test_what_cannot_be_taken_is_refused(data: bytes, status: bytes) -> None:
    async def run(receiver: Receiver) -> bytes:
        try:
            return await talk(receiver, data)
        except ConnectionError:
            return b"HTTP/1.1 413"  # the answer was lost with what was still under way

    assert with_receiver(run).split()[1] == status


def test_refused_request_is_not_kept() -> None:
    async def run(receiver: Receiver) -> int:
        await talk(receiver, b"nonsense\r\n\r\n")
        return len(receiver.visits)

    assert with_receiver(run) == 0


def test_sender_that_stops_in_the_middle_is_dropped() -> None:
    async def run(receiver: Receiver) -> bytes:
        return await talk(receiver, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")

    assert with_receiver(run, request_timeout_s=0.05) == b""


def test_idle_connection_is_dropped() -> None:
    async def run(receiver: Receiver) -> bytes:
        return await talk(receiver)

    assert with_receiver(run, idle_timeout_s=0.05) == b""


def test_waiting_ends_as_soon_as_it_is_enough() -> None:
    async def run(receiver: Receiver) -> bool:
        waiting = asyncio.create_task(receiver.wait_until(lambda: len(receiver.visits) == 2, timeout_s=15))
        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(client.get(f"http://127.0.0.1:{receiver.port}/{n}") for n in range(2)))
        return await waiting

    assert with_receiver(run) is True


def test_every_waiter_is_told() -> None:
    async def run(receiver: Receiver) -> list[bool]:
        waiting = [
            asyncio.create_task(receiver.wait_until(lambda: len(receiver.visits) >= 1, timeout_s=15)) for _ in range(5)
        ]
        await talk(receiver, b"GET / HTTP/1.0\r\n\r\n")
        return await asyncio.gather(*waiting)

    assert with_receiver(run) == [True] * 5


def test_waiting_ends_with_its_time() -> None:
    async def run(receiver: Receiver) -> bool:
        return await receiver.wait_until(lambda: False, timeout_s=0.05)

    assert with_receiver(run) is False


def test_many_senders_at_once_are_all_kept() -> None:
    async def run(receiver: Receiver) -> set[int]:
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=50)) as client:
            url = f"http://127.0.0.1:{receiver.port}/"
            await asyncio.gather(*(client.post(url, json={"n": n}) for n in range(100)))
        return {json.loads(visit.request.body)["n"] for visit in receiver.visits}

    assert with_receiver(run) == set(range(100))


def test_closing_drops_open_connections() -> None:
    async def run() -> bytes:
        receiver = await Receiver(lambda _: Response()).open("127.0.0.1")
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await receiver.close()
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    assert asyncio.run(run()) == b""


def test_hold_up_of_the_event_loop_is_measured() -> None:
    async def run(receiver: Receiver) -> float:
        loop = asyncio.get_running_loop()
        until = loop.time() + 0.6
        while loop.time() < until:
            pass
        await asyncio.sleep(0.01)
        return receiver.worst_lag_s

    assert with_receiver(run) > 0.3
