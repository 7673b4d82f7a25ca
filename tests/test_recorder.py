"""Evidence holds what was sent and what came, never a secret, and never more than its bounds."""

import base64
import hashlib
import json
import stat
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from assisters_verify.answer import Piece
from assisters_verify.evidence import Exchange
from assisters_verify.recorder import BOUNDS, LATER_BOUNDS, LATER_FROM_BYTES, Recorder, read_exchanges
from assisters_verify.redaction import Redactor
from assisters_verify.wire import Order, Reply

KEY = "sk-test-7d1e4f9c2a8b30561234"
SHORT_KEY = "short-key-0123"
HIDDEN = "{{api_key}}"


def record(path: Path, *, order: Order | None = None, key: str = KEY, **reply: Any) -> Exchange:
    """Record one exchange with an answer of these values, and read it back."""
    recorder = Recorder(path, Redactor([("api_key", key)]))
    pieces = [Piece(t_s=0.1 * number, data=data) for number, data in enumerate(reply.pop("data", []), 1)]
    error = reply.pop("error", None)
    values: dict[str, Any] = {"status": 200, "reason": "OK", "http_version": "HTTP/1.1", "first_byte_s": 0.1, **reply}
    recorder.record(
        recorder.next_id(),
        check="test_chat.py::test_x",
        clause="CHAT-01",
        url=f"http://h/v1/x?key={key}",
        order=order or Order(method="GET", path="/v1/x"),
        reply=Reply(started=time.perf_counter(), pieces=pieces, total_s=0.5, **values),
        error=error,
        attempt=1,
    )
    recorder.close()
    (exchange,) = read_exchanges(path)
    return exchange


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchanges.jsonl"


def test_exchange_is_read_back_as_it_was(path: Path) -> None:
    order = Order(method="POST", path="/v1/x", headers=(("A", "1"), ("A", "2")), body='{"é": 1}'.encode())
    exchange = record(path, order=order, data=[b'{"a": ', b"1}"], headers=[("B", "x"), ("b", "y")])
    assert exchange.request.headers == (("A", "1"), ("A", "2"))
    assert exchange.request.body is not None
    assert (exchange.request.body.text, exchange.request.body.size) == ('{"é": 1}', 9)
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.headers) == (200, (("B", "x"), ("b", "y")))
    assert (exchange.response.body.text, exchange.response.body.size, exchange.response.body.is_cut) == (
        '{"a": 1}',
        8,
        False,
    )
    assert exchange.response.body.sha256 == hashlib.sha256(b'{"a": 1}').hexdigest()
    assert (exchange.id, exchange.first_byte_s, exchange.total_s, exchange.error) == ("x0001", 0.1, 0.5, None)


def test_file_is_for_its_owner_only(path: Path) -> None:
    record(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_answer_without_a_head_is_none(path: Path) -> None:
    exchange = record(path, first_byte_s=None, error="the connection was refused")
    assert (exchange.response, exchange.error) == (None, "the connection was refused")


FORMS = {
    "plain": KEY,
    "percent": quote(KEY, safe="").replace("-", "%2D"),
    "base64": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "url_safe_base64": base64.urlsafe_b64encode(b"\xff\xfe" + KEY.encode()).decode(),
    "json": json.dumps(KEY).replace("s", "\\u0073"),
    "hex": KEY.encode().hex(),
    "first_half": KEY[:14],
    "last_half": KEY[-14:],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("place", ["url", "header", "body", "error", "reason", "answer_header", "answer_body", "frame"])
def test_secret_is_in_no_part_of_an_exchange(path: Path, form: str, place: str) -> None:
    data = form.encode()
    order = Order(
        method="POST",
        path="/v1/x",
        headers=(("X-A", form),) if place == "header" else (),
        body=data if place == "body" else None,
        is_stream=place == "frame",
    )
    record(
        path,
        order=order,
        data=[data] if place in {"answer_body", "frame"} else [],
        headers=[("X-B", form)] if place == "answer_header" else [],
        reason=form if place == "reason" else "OK",
        error=form if place == "error" else None,
    )
    text = path.read_text()
    assert [shown for shown in (form, KEY) if shown in text] == []


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Proxy-Authorization", "Cookie", "X-Api-Key"])
def test_headers_that_carry_credentials_are_hidden_whatever_they_hold(path: Path, name: str) -> None:
    exchange = record(path, order=Order(method="GET", path="/", headers=((name, "Bearer something-unknown"),)))
    assert exchange.request.headers == ((name, "Bearer {{hidden}}"),)


def test_secret_over_several_frames_is_in_neither_body_nor_frames(path: Path) -> None:
    pieces = [KEY[start : start + 7].encode() for start in range(0, len(KEY), 7)]
    exchange = record(path, order=Order(method="GET", path="/", is_stream=True), data=pieces)
    assert exchange.response is not None
    assert (exchange.response.body.text, "".join(frame.text for frame in exchange.response.frames)) == (HIDDEN, HIDDEN)


def test_secret_that_a_model_says_in_pieces_is_in_neither_body_nor_frames(path: Path) -> None:
    """Each event holds a few characters of it, between the same JSON again and again."""
    parts = [KEY[start : start + 4] for start in range(0, len(KEY), 4)]
    events = [f'data: {{"choices":[{{"delta":{{"content":"{part}"}}}}]}}\n\n'.encode() for part in parts]
    exchange = record(path, order=Order(method="GET", path="/", is_stream=True), data=events)
    assert exchange.response is not None
    shown = [exchange.response.body.text, *(frame.text for frame in exchange.response.frames)]
    assert [part for part in parts[1:-1] for text in shown if f'"{part}"' in text] == []


def test_frames_keep_their_times_and_their_number(path: Path) -> None:
    exchange = record(path, order=Order(method="GET", path="/", is_stream=True), data=[b"data: 1\n\n", b"data: 2\n\n"])
    assert exchange.response is not None
    assert [(frame.t_s, frame.text) for frame in exchange.response.frames] == [
        (0.1, "data: 1\n\n"),
        (0.2, "data: 2\n\n"),
    ]


def test_plain_answer_has_no_frames(path: Path) -> None:
    response = record(path, data=[b"{", b"}"]).response
    assert response is not None
    assert (response.frames, response.body.text) == ((), "{}")


def test_body_is_cut_and_its_size_kept(path: Path) -> None:
    response = record(path, data=[b"x" * 50_000, b"y" * 50_000]).response
    assert response is not None
    body = response.body
    assert (len(body.text), body.size, body.is_cut) == (BOUNDS.body_bytes, 100_000, True)
    assert body.sha256 == hashlib.sha256(body.text.encode()).hexdigest()


@pytest.mark.parametrize("shift", range(1, len(SHORT_KEY)))
def test_secret_across_the_cut_leaves_no_half(path: Path, shift: int) -> None:
    data = b"." * (BOUNDS.body_bytes - shift) + SHORT_KEY.encode() + b"." * 100
    response = record(path, data=[data], key=SHORT_KEY).response
    assert response is not None
    assert (response.body.text.strip("."), response.body.size, response.body.is_cut) == ("", len(data), True)


def test_secret_across_the_last_frame_that_is_kept_leaves_no_half(path: Path) -> None:
    data = [b"." * (BOUNDS.body_bytes - 9) + SHORT_KEY[:9].encode(), SHORT_KEY[9:].encode()]
    response = record(path, order=Order(method="GET", path="/", is_stream=True), data=data, key=SHORT_KEY).response
    assert response is not None
    assert SHORT_KEY[:9] not in "".join(frame.text for frame in response.frames)


def test_header_is_cut_and_leaves_no_half_of_a_secret(path: Path) -> None:
    response = record(path, headers=[("X-A", "." * 4_090 + SHORT_KEY)], key=SHORT_KEY).response
    assert response is not None
    ((_, value),) = response.headers
    assert (len(value), value.strip(".")) == (4_096, HIDDEN[:6])


def test_stream_of_very_many_frames_is_bounded(path: Path) -> None:
    exchange = record(path, order=Order(method="GET", path="/", is_stream=True), data=[b"x"] * 10_000)
    assert exchange.response is not None
    assert (len(exchange.response.frames), exchange.response.body.size) == (2_000, 10_000)


def test_headers_without_number_are_bounded(path: Path) -> None:
    response = record(path, headers=[("X", "y" * 10_000)] * 1_000).response
    assert response is not None
    assert (len(response.headers), max(len(value) for _, value in response.headers)) == (100, 4_096)


def test_body_that_is_no_text_is_kept_in_base64(path: Path) -> None:
    response = record(path, data=[b"\xff\x00\x01"]).response
    assert response is not None
    assert (response.body.encoding, base64.b64decode(response.body.text)) == ("base64", b"\xff\x00\x01")


def test_secret_in_a_body_that_is_no_text_is_hidden(path: Path) -> None:
    response = record(path, data=[b"\xff" + KEY.encode()]).response
    assert response is not None
    assert base64.b64decode(response.body.text) == b"\xff" + HIDDEN.encode()


def test_last_line_that_was_cut_off_is_left_out(path: Path) -> None:
    """The process that writes may be killed in the middle of a line."""
    record(path)
    whole = path.read_text()
    path.write_text(whole + whole.replace("x0001", "x0002")[:-20])
    assert [exchange.id for exchange in read_exchanges(path)] == ["x0001"]


@pytest.mark.parametrize("tail", [b"\xc3", b'{"id": "x0002"', b"\x00" * 100, b"\n\n"])
def test_rest_of_a_torn_line_costs_no_whole_one(path: Path, tail: bytes) -> None:
    record(path)
    path.write_bytes(path.read_bytes() + tail)
    assert len(read_exchanges(path)) == 1


def test_exchanges_come_in_the_order_of_their_ids(path: Path) -> None:
    record(path)
    line = path.read_text()
    ids = ["x10000", "x0002", "x9999", "x0010"]
    path.write_text("".join(line.replace("x0001", each) for each in ids))
    assert [exchange.id for exchange in read_exchanges(path)] == ["x0002", "x0010", "x9999", "x10000"]


def test_exchange_that_the_end_of_the_run_breaks_off_is_not_kept(path: Path) -> None:
    recorder = Recorder(path, Redactor([]))
    recorder.close()
    recorder.record(
        recorder.next_id(),
        check="",
        clause="",
        url="http://h/v1/x",
        order=Order(method="GET", path="/v1/x"),
        reply=Reply(started=time.perf_counter()),
        error="cancelled",
        attempt=1,
    )
    assert list(read_exchanges(path)) == []


def test_costs_are_counted(path: Path) -> None:
    recorder = Recorder(path, Redactor())
    recorder.count(
        Order(method="POST", path="/", body=b"12345"), Reply(started=0.0, wire_bytes=7, pieces=[Piece(t_s=0, data=b"")])
    )
    recorder.close()
    assert (recorder.bytes_sent, recorder.bytes_received) == (5, 7)


def test_all_exchanges_of_a_run_together_are_bounded(path: Path) -> None:
    """A target that fills each of thousands of answers makes no report that nobody can open."""
    recorder = Recorder(path, Redactor([("api_key", KEY)]))
    order = Order(method="GET", path="/v1/x", is_stream=True)
    headers = [(f"X-{number}", "a" * 1_000) for number in range(90)]
    for _ in range(400):
        pieces = [Piece(t_s=0.1, data=b"b" * 60_000), Piece(t_s=0.2, data=b"b" * 4_000)]
        reply = Reply(started=time.perf_counter(), status=200, headers=headers, pieces=pieces, first_byte_s=0.1)
        recorder.record(
            recorder.next_id(), check="a", clause="b", url="u", order=order, reply=reply, error=None, attempt=1
        )
    recorder.close()
    last = read_exchanges(path)[-1].response
    assert last is not None
    assert (last.body.size, last.body.is_cut, len(last.body.text)) == (64_000, True, LATER_BOUNDS.body_bytes)
    assert path.stat().st_size < 1.5 * LATER_FROM_BYTES


@pytest.mark.parametrize("shift", range(0, len(SHORT_KEY), 3))
def test_secret_across_a_later_cut_leaves_no_half(path: Path, shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assisters_verify.recorder.LATER_FROM_BYTES", 0)
    data = b"." * (LATER_BOUNDS.body_bytes - shift) + SHORT_KEY.encode() + b"." * 100
    exchange = record(path, key=SHORT_KEY, data=[data])
    assert exchange.response is not None
    assert SHORT_KEY[:3] not in exchange.response.body.text.replace(HIDDEN, "")
