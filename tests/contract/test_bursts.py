"""Content that was spread over the answer's time is told from content that came in one burst."""

import json

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.bursts import burst_s, end_s, is_live
from assisters_verify.contract.streams import Stream, read_stream


def stream_of(*times_s: float) -> Stream:
    """Return a stream with a word at each of these times."""
    event = b"data: " + json.dumps({"choices": [{"delta": {"content": "word "}}]}).encode() + b"\n\n"
    answer = Answer(
        exchange="x0001",
        method="POST",
        path="/v1/chat/completions",
        status=200,
        headers={"content-type": "text/event-stream"},
        body=event * len(times_s),
        first_byte_s=0.05,
        total_s=1.5,
        pieces=tuple(Piece(t_s=t_s, data=event) for t_s in times_s),
    )
    return read_stream(answer)


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        ([0.1, 0.3, 0.5, 0.7, 0.9], True),
        ([0.5, 0.99, 0.99, 1.0, 1.0], False),
        ([0.99, 0.995, 1.0], False),
        ([1.0], False),
        ([], False),
        ([0.1, 0.2, *([1.0] * 6)], True),
        ([0.1, *([1.0] * 6)], False),
    ],
)
def test_live_content_is_told_from_a_burst(times_s: list[float], *, expected: bool) -> None:
    assert is_live(stream_of(*times_s)) is expected


def test_stream_ends_with_its_last_content() -> None:
    assert (end_s(stream_of(0.2, 1.0)), end_s(stream_of())) == (1.0, 1.5)


def test_burst_at_the_end_begins_in_the_last_tenth() -> None:
    assert burst_s(stream_of(0.2, 1.0)) == pytest.approx(0.9)
