"""Emitting: frames leave at their deadlines, those due at once together."""

import time
from typing import Any

CHAT = "/v1/chat/completions"
COUNT = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Count from 1 to 20"}], "stream": True}


def test_frames_due_at_once_share_a_write(api: Any) -> None:
    assert len(api.post(CHAT, COUNT).pieces) == 1


def test_paced_frames_are_written_apart(make_api: Any) -> None:
    seen = make_api(token_gap_s=0.004).post(CHAT, COUNT)
    assert len(seen.pieces) > 3


def test_no_frame_leaves_before_its_deadline(make_api: Any) -> None:
    api = make_api(token_gap_s=0.004, latency_s=0.02)
    start_s = time.monotonic()
    seen = api.post(CHAT, COUNT)
    assert seen.times_s[-1] - start_s >= 0.02 + 0.004 * 19


def test_long_answer_is_written_in_bounded_pieces(api: Any) -> None:
    """Without a bound a slow reader would let the whole answer pile up in memory."""
    seen = api.chat("Count from 1 to 5000", stream=True)
    assert (max(map(len, seen.pieces)) < 70_000, seen.is_whole) == (True, True)


def test_stream_stops_when_the_client_leaves(make_api: Any) -> None:
    api = make_api(token_gap_s=0.002)
    seen = api.post(CHAT, COUNT, leave_after=3)
    assert (len(seen.pieces) < 6, api.chat("Say only OK").status) == (True, 200)


def test_no_content_has_no_body(make_api: Any) -> None:
    api = make_api(readings=("deletions_are_204",))
    key = api.post("/v1/keys", {"name": "x"}).json["id"]
    seen = api.delete(f"/v1/keys/{key}")
    assert (seen.status, seen.body, "content-length" in seen.headers) == (204, b"", False)
