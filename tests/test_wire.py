"""One exchange over real sockets: bounded in time and size, told as it was, and never sent to another origin."""

import gzip
import itertools
import threading
import zlib
from typing import TYPE_CHECKING

import pytest
from tests.exchanging import AUTHORIZATION, CHUNKED, KEY, LENGTH_2, OK, answer_forever, fetch, fetch_all, get, once

from assisters_verify.wire import MAX_BODY_BYTES, NoAnswer, Order

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve


# Deadlines and bounds


def test_head_that_drips_ends_at_the_deadline(serve: "Serve") -> None:
    """A head of which a byte comes now and then never satisfies a timeout of each read."""

    def drip(peer: "Peer") -> None:
        peer.read()
        for byte in itertools.cycle(b"HTTP/1.1 200 OK\r\nX: y"):
            peer.send(bytes([byte]))
            peer.pause(0.02)

    with pytest.raises(NoAnswer) as caught:
        fetch(serve(drip).url, get(timeout_s=0.3))
    assert (caught.value.kind, str(caught.value)) == ("timeout", "nothing whole within 0.3 s")


def test_body_that_drips_ends_at_the_deadline_and_is_kept_so_far(serve: "Serve") -> None:
    def drip(peer: "Peer") -> None:
        peer.read()
        peer.send(OK + b"Content-Length: 1000\r\n\r\n")
        while True:
            peer.send(b"x")
            peer.pause(0.02)

    reply = fetch(serve(drip).url, get(timeout_s=1.0))
    assert (reply.status, reply.broken_off, set(reply.body)) == (200, "nothing whole within 1 s", set(b"x"))


def test_silence_ends_at_the_deadline(serve: "Serve") -> None:
    with pytest.raises(NoAnswer) as caught:
        fetch(serve(lambda peer: peer.wait_for_end()).url, get(timeout_s=0.2))
    assert caught.value.kind == "timeout"


def test_interim_answers_without_end_end_at_the_deadline(serve: "Serve") -> None:
    def interim(peer: "Peer") -> None:
        peer.read()
        while True:
            peer.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)

    with pytest.raises(NoAnswer) as caught:
        fetch(serve(interim).url, get(timeout_s=0.3))
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize("head", [OK + b"\r\n", OK + b"Content-Length: 999999999999\r\n\r\n"], ids=["close", "length"])
def test_body_without_end_is_bounded(serve: "Serve", head: bytes) -> None:
    def flood(peer: "Peer") -> None:
        peer.read()
        peer.send(head)
        while True:
            peer.send(b"x" * 65_536)

    reply = fetch(serve(flood).url)
    assert reply.broken_off == f"the body is larger than {MAX_BODY_BYTES} bytes"
    assert len(reply.body) <= MAX_BODY_BYTES


def test_stream_of_very_many_pieces_is_bounded(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assisters_verify.wire._MAX_PIECES", 50)

    def flood(peer: "Peer") -> None:
        peer.read()
        peer.send(CHUNKED)
        while True:
            peer.send(b"1\r\nx\r\n" * 10)

    reply = fetch(serve(flood).url, Order(method="GET", path="/", is_stream=True))
    assert (reply.broken_off, len(reply.pieces)) == ("more than 50 pieces", 51)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_compressed_body_that_grows_without_measure_is_bounded(serve: "Serve", coding: str) -> None:
    zeros = bytes(64 * 1024 * 1024)
    bomb = gzip.compress(zeros, 1) if coding == "gzip" else zlib.compress(zeros, 1)
    head = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    reply = fetch(serve(once(head + bomb)).url)
    assert reply.broken_off == f"the body is larger than {MAX_BODY_BYTES} bytes"
    assert len(reply.body) <= MAX_BODY_BYTES


def test_compressed_body_is_decoded_though_nobody_asked_for_it(serve: "Serve") -> None:
    data = gzip.compress(b'{"a": 1}')
    head = OK + f"Content-Encoding: gzip\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    reply = fetch(serve(once(head + data)).url)
    assert (reply.body, reply.broken_off, reply.wire_bytes) == (b'{"a": 1}', None, len(data))


def test_compressed_body_that_is_cut_off_is_told(serve: "Serve") -> None:
    data = gzip.compress(b'{"a": 1}')[:-3]
    head = OK + f"Content-Encoding: gzip\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    assert fetch(serve(once(head + data)).url).broken_off == "the compressed body is cut off"


def test_unknown_coding_is_told(serve: "Serve") -> None:
    reply = fetch(serve(once(OK + b"Content-Encoding: br\r\n" + LENGTH_2 + b"{}")).url)
    assert (reply.status, reply.broken_off) == (200, "the body's Content-Encoding is 'br'")


# What is no HTTP, and what breaks


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00\xff" * 5_000,
        b"\r\n" * 200_000,
        b"HTTP/1.1 200\xff OK\r\n\r\n",
        b"HTTP/1.1 99 Odd\r\n" + LENGTH_2 + b"{}",
        b"HTTP/1.1 abc\r\n\r\n",
        OK + b"no colon in here\r\n\r\n",
        OK + b"Content-Length: two\r\n\r\n{}",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"{}",
        b"",
    ],
    ids=[
        *("ssh", "binary", "line_ends", "status_line", "status_99", "status_letters", "no_colon"),
        *("odd_length", "two_lengths", "body_only", "nothing"),
    ],
)
def test_bytes_that_are_no_http_are_no_answer(serve: "Serve", data: bytes) -> None:
    with pytest.raises(NoAnswer) as caught:
        fetch(serve(once(data)).url)
    assert caught.value.kind == "broken"


@pytest.mark.parametrize(
    "headers", [b"X-Big: " + b"x" * 10_000_000 + b"\r\n", b"X: y\r\n" * 100_000], ids=["10_megabytes", "100_000"]
)
def test_headers_without_measure_are_no_answer(serve: "Serve", headers: bytes) -> None:
    with pytest.raises(NoAnswer) as caught:
        fetch(serve(once(OK + headers + b"\r\n")).url)
    assert caught.value.kind == "broken"


def test_refused_connection_is_no_answer(refused_port: int) -> None:
    with pytest.raises(NoAnswer) as caught:
        fetch(f"http://127.0.0.1:{refused_port}")
    assert (caught.value.kind, str(caught.value)) == ("connect", "Connection refused")


@pytest.mark.parametrize("before", ["reading", "answering", "ending_the_head"])
def test_reset_before_the_head_is_whole_is_no_answer(serve: "Serve", before: str) -> None:
    def script(peer: "Peer") -> None:
        peer.wait_for_bytes()  # or the reset could come while the client still connects
        if before != "reading":
            peer.read()
        if before == "ending_the_head":
            peer.send(OK)
        peer.reset()

    with pytest.raises(NoAnswer) as caught:
        fetch(serve(script).url)
    assert caught.value.kind == "broken"


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 9\r\n\r\n{}",
        CHUNKED + b"5\r\n{}",
        CHUNKED + b"2\r\n{}\r\n",
        CHUNKED + b"2\r\n{}xx0\r\n\r\n",
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"2\r\n{}\r\n-1\r\n",
    ],
    ids=["length", "chunk", "no_last_chunk", "wrong_size", "no_size", "negative_size"],
)
def test_body_that_is_cut_or_spoilt_is_told(serve: "Serve", data: bytes) -> None:
    reply = fetch(serve(once(data)).url)
    assert (reply.status, bool(reply.broken_off)) == (200, True)


def test_reset_in_the_body_is_told(serve: "Serve") -> None:
    has_come = threading.Event()

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(CHUNKED + b"2\r\n{}\r\n")
        has_come.wait(10)  # a reset may overtake what was sent before it
        peer.reset()

    def note(_data: bytes) -> bool:
        has_come.set()
        return False

    reply = fetch(serve(script).url, Order(method="GET", path="/", is_stream=True, leave_after=note))
    assert (reply.status, reply.body, bool(reply.broken_off)) == (200, b"{}", True)


def test_reader_may_leave_in_the_middle(serve: "Serve") -> None:
    is_gone = threading.Event()

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(CHUNKED + b"2\r\n{}\r\n")
        peer.wait_for_end()
        is_gone.set()

    order = Order(method="GET", path="/", is_stream=True, leave_after=lambda data: b"{" in data)
    reply = fetch(serve(script).url, order)
    assert (reply.body, reply.broken_off, is_gone.wait(10)) == (b"{}", "left by the suite", True)


def test_whole_body_is_not_broken_off(serve: "Serve") -> None:
    reply = fetch(serve(once(OK + LENGTH_2 + b"{}")).url)
    assert (reply.status, reply.body, reply.broken_off, reply.reason) == (200, b"{}", None, "OK")


def test_interim_answers_are_passed_over(serve: "Serve") -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    reply = fetch(serve(once(interim + b"HTTP/1.1 404 Not Found\r\n" + LENGTH_2 + b"{}")).url)
    assert (reply.status, reply.reason, reply.body) == (404, "Not Found", b"{}")


def test_http_1_0_is_understood(serve: "Serve") -> None:
    """Such a body ends where the connection does, and each request takes a new one."""
    server = serve(once(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello"))
    replies = fetch_all(server.url, [get(), get()])
    assert [(reply.body, reply.http_version, reply.broken_off) for reply in replies] == [
        (b"hello", "HTTP/1.0", None)
    ] * 2


def test_headers_keep_their_order_repetitions_and_odd_bytes(serve: "Serve") -> None:
    reply = fetch(serve(once(OK + b"X-B: 1\r\nx-a: \xe9\r\nX-B: 2\r\n" + LENGTH_2 + b"{}")).url)
    assert reply.headers[:3] == [("X-B", "1"), ("x-a", "é"), ("X-B", "2")]


def test_request_is_sent_as_it_is_ordered(serve: "Serve") -> None:
    server = serve(answer_forever)
    headers = (AUTHORIZATION, ("Content-Type", "application/json"), ("Idempotency-Key", "a"), ("idempotency-key", "b"))
    fetch(server.url, Order(method="POST", path="/v1/x%2Fy?a=b%20c", headers=headers, body=b'{"a": 1}'))
    (request,) = server.received
    lines = request.raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0] == "POST /v1/x%2Fy?a=b%20c HTTP/1.1"
    assert [line for line in lines[1:] if line.lower().startswith("idempotency-key")] == [
        "Idempotency-Key: a",
        "idempotency-key: b",
    ]
    assert (request.headers["authorization"], request.headers["accept-encoding"], request.body) == (
        f"Bearer {KEY}",
        "identity",
        b'{"a": 1}',
    )


def test_header_that_is_given_stands_instead_of_our_own(serve: "Serve") -> None:
    server = serve(answer_forever)
    fetch(server.url, Order(method="GET", path="/", headers=(("accept-encoding", "gzip"), ("ACCEPT", "text/html"))))
    lines = server.received[0].raw.decode().lower().split("\r\n")
    assert [line for line in lines if line.startswith("accept")] == ["accept-encoding: gzip", "accept: text/html"]


# Times


def test_pieces_carry_the_time_at_which_they_came(serve: "Serve") -> None:
    """Each piece comes when the one before was read, so their times cannot be those of one read at the end."""
    gap_s = 0.03

    def script(peer: "Peer") -> None:
        peer.read()
        peer.pause(gap_s)
        peer.send(CHUNKED)
        for number in range(4):
            peer.pause(gap_s)
            peer.send(b"2\r\n%d\n\r\n" % number)
        peer.send(b"0\r\n\r\n")

    reply = fetch(serve(script).url, Order(method="GET", path="/", is_stream=True))
    times = [reply.first_byte_s or 0.0, *(piece.t_s for piece in reply.pieces)]
    gaps = [later - earlier for earlier, later in itertools.pairwise([0.0, *times])]
    assert [piece.data for piece in reply.pieces] == [b"0\n", b"1\n", b"2\n", b"3\n"]
    # A busy machine can make a gap longer, and the next one shorter, but never the sum of all that went before.
    sums = list(itertools.accumulate(gaps))
    assert all(total >= (number + 1) * gap_s for number, total in enumerate(sums)), sums
    assert (reply.total_s or 0.0) >= times[-1]
