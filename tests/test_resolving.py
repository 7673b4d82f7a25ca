"""A name that is never resolved holds up neither who waits for it nor the end of the loop."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from assisters_verify.resolving import ResolvingLoop


def test_name_that_is_never_resolved_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait())

    async def look_up() -> str:
        try:
            async with asyncio.timeout(0.05):
                await asyncio.get_running_loop().getaddrinfo("nowhere.example", 80)
        except TimeoutError:
            return "given up"
        return "found"

    with asyncio.Runner(loop_factory=ResolvingLoop) as runner:
        found = runner.run(look_up())
    never.set()
    assert found == "given up"


def test_addresses_are_those_of_the_system() -> None:
    async def look_up() -> list[Any]:
        return await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=ResolvingLoop) as runner:
        assert runner.run(look_up()) == socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)


def test_name_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    async def look_up() -> None:
        await asyncio.get_running_loop().getaddrinfo("nowhere.example", 80)

    with asyncio.Runner(loop_factory=ResolvingLoop) as runner, pytest.raises(socket.gaierror, match="not known"):
        runner.run(look_up())
