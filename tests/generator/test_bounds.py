"""What a target sends is bounded: each answer, all large ones together, and what is kept of them."""

from typing import TYPE_CHECKING

import pytest
from tests.generator.answering import COMPLETION, END, HEAD, JSON, WORDS, MakeLane, answering
from tests.generator.conftest import KEY

from assisters_verify.measures.evidence import MOST_KEPT_BYTES

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve
    from tests.generator.conftest import DriveRun


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536, id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-More: more\r\n" * 4000, id="head"),
        pytest.param(HEAD + WORDS[0] + b"0\r\n", b"X-More: more\r\n" * 4000, id="trailers"),
        pytest.param(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 2000, id="interim"),
    ],
)
def test_answer_that_never_ends_is_bounded(
    serve: "Serve", drive: "DriveRun", lane: MakeLane, beginning: bytes, more: bytes
) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(beginning)
        while True:
            peer.send(more)

    measures, _ = drive(serve(script).url, lane(), target={"timeout_s": 60.0})

    assert dict(measures.by_status) == {"too_large": 1}


def test_long_stream_in_small_pieces_is_not_too_large(
    serve: "Serve", drive: "DriveRun", lane: MakeLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size of each chunk comes by itself, and all of them together are longer than a head may be."""
    monkeypatch.setattr("assisters_verify.generator.answer.MAX_BODILESS_BYTES", 20)

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(HEAD + WORDS[0])
        for _ in range(10):
            size, _, rest = WORDS[1].partition(b"\n")
            peer.send(size + b"\n")
            peer.pause(0.02)
            peer.send(rest)
        peer.send(END)

    measures, _ = drive(serve(script).url, lane(is_stream=True))

    assert dict(measures.by_status) == {"200": 1}


def test_room_of_large_bodies_is_bounded_and_given_back(
    serve: "Serve", drive: "DriveRun", lane: MakeLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assisters_verify.generator.answer._MOST_LARGE_BYTES", 100_000)
    monkeypatch.setattr("assisters_verify.generator.answer._SMALL_BYTES", 50_000)
    bodies = [COMPLETION + b" " * size for size in (90_000, 110_000, 90_000, 40_000)]

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(bodies.pop(0), headers=JSON)

    measures, _ = drive(serve(script).url, lane([0.0, 0.2, 0.4, 0.6]))

    assert dict(measures.by_status) == {"200": 3, "too_large": 1}


def test_of_a_long_answer_the_beginning_is_kept(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    body = COMPLETION + b" " * (2 * MOST_KEPT_BYTES)

    measures, _ = drive(serve(answering(body)).url, lane())

    (kept,) = measures.samples
    assert (sum(len(text) for _, text in kept.frames), kept.is_cut) == (MOST_KEPT_BYTES, True)


def test_secret_that_the_cut_divides_is_hidden(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    body = b" " * (MOST_KEPT_BYTES - 14) + KEY.encode() + b" " * 100

    measures, _ = drive(serve(answering(body)).url, lane())

    (kept,) = measures.samples
    assert KEY[:14] not in "".join(text for _, text in kept.frames)
