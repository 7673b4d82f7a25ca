"""Bytes go out as they are, and whatever comes back is told without an exception."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from assisters_verify import raw
from assisters_verify.raw import RawReply, send_raw

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve


def send(port: int, data: bytes, *, timeout_s: float = 10.0) -> RawReply:
    return asyncio.run(send_raw("127.0.0.1", port, data, timeout_s=timeout_s))


def test_bytes_are_sent_as_they_are(serve: "Serve") -> None:
    came: list[bytes] = []

    def script(peer: "Peer") -> None:
        came.append(peer._connection.recv(100))
        peer.send(b"\x00whatever")

    assert send(serve(script).port, b"\xff\r\n\x00") == RawReply(data=b"\x00whatever", ended="closed")
    assert came == [b"\xff\r\n\x00"]


def test_silence_ends_with_the_time(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        peer.send(b"so far")
        peer.wait_for_end()

    assert send(serve(script).port, b"x", timeout_s=1.0) == RawReply(data=b"so far", ended="timeout")


def test_reset_is_told(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        peer._connection.recv(1)
        peer.reset()

    assert send(serve(script).port, b"x" * 100_000).ended == "reset"


def test_refused_connection_is_told(refused_port: int) -> None:
    assert send(refused_port, b"x") == RawReply(data=b"", ended="unreachable")


def test_answer_without_end_is_bounded(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "_MAX_BYTES", 10_000)

    def script(peer: "Peer") -> None:
        while True:
            peer.send(b"x" * 1_000)

    reply = send(serve(script).port, b"x")
    assert (reply.ended, 10_000 < len(reply.data) < 100_000) == ("full", True)


def test_peer_that_reads_nothing_is_left_in_time(serve: "Serve") -> None:
    server = serve(lambda peer: peer.pause(60))
    assert send(server.port, b"x" * 50_000_000, timeout_s=0.2).ended == "timeout"
