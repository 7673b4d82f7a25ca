from collections.abc import Callable

from assisters_verify.evidence import Exchange, Frame
from assisters_verify.reporting.page.exchanges import ExchangeView, Gallery, MessageView
from assisters_verify.reporting.page.ration import Ration

MakeExchange = Callable[..., Exchange]


def _gallery(*exchanges: Exchange, room: int = 100_000) -> Gallery:
    return Gallery({exchange.id: exchange for exchange in exchanges}, Ration(left=room))


def _whole(exchange: Exchange) -> ExchangeView:
    view = _gallery(exchange).show(exchange.id, clause_id="CHAT-01")
    assert view is not None
    return view


def _response(exchange: Exchange) -> MessageView:
    message = _whole(exchange).response
    assert message is not None
    return message


def test_an_exchange_in_a_line_says_what_was_asked_and_answered(make_exchange: MakeExchange) -> None:
    view = _gallery(make_exchange()).mention("x1")
    assert view is not None
    assert (view.line, view.outcome, view.request) == ("POST /v1/chat/completions?a=1&b=%20x", "200 OK", None)


def test_an_exchange_is_whole_only_once(make_exchange: MakeExchange) -> None:
    gallery = _gallery(make_exchange())
    gallery.show("x1", clause_id="CHAT-01")
    again = gallery.show("x1", clause_id="CHAT-02")
    assert again is not None
    assert (again.request, again.shown_under) == (None, "CHAT-01")


def test_an_exchange_that_was_not_kept_is_said_to_be_missing() -> None:
    view = _gallery().show("x99", clause_id="CHAT-01")
    assert view is not None
    assert view.line == "was not kept"


def test_a_full_page_has_lines_and_then_nothing(make_exchange: MakeExchange) -> None:
    gallery = _gallery(make_exchange(), room=500)
    shown = [gallery.show("x1", clause_id="CHAT-01") for _ in range(2)]
    assert [view and view.request for view in shown] == [None, None]
    assert shown[1] is None


def test_json_is_laid_out(make_exchange: MakeExchange) -> None:
    message = _response(make_exchange(text='{"a":1}'))
    assert (message.body, message.note) == ('{\n  "a": 1\n}', "7 bytes, JSON, laid out")


def test_a_cut_body_says_its_length_and_hash(make_exchange: MakeExchange) -> None:
    message = _response(make_exchange(text="x" * 10_000))
    assert (len(message.body), message.note) == (4_000, f"10,000 bytes, cut here, sha256 {'ab' * 32}")


def test_bytes_are_said_to_be_base64(make_exchange: MakeExchange) -> None:
    assert _response(make_exchange(text="AAH/", encoding="base64")).note == "4 bytes, base64"


def test_a_streamed_body_is_shown_as_its_pieces(make_exchange: MakeExchange) -> None:
    frames = tuple(Frame(t_s=n, text=f"data: {n}\n\n") for n in range(50))
    view = _whole(make_exchange(frames=frames))
    assert (view.frames[0], view.frames[-1], view.n_more_frames) == (
        (0, r"data: 0\n\n"),
        (49, r"data: 49\n\n"),
        39,
    )


def test_many_headers_are_counted_not_shown(make_exchange: MakeExchange) -> None:
    message = _response(make_exchange(headers=tuple((f"x-{n}", "y") for n in range(1_000))))
    assert (len(message.headers), message.n_more_headers) == (20, 980)


def test_an_error_on_the_way_is_told(make_exchange: MakeExchange) -> None:
    view = _whole(make_exchange(is_answered=False))
    assert (view.outcome, view.error) == ("no answer", "the connection was closed before a status line came")


def test_events_that_came_at_once_stand_a_line_each(make_exchange: MakeExchange) -> None:
    frames = (Frame(t_s=1.0, text="data: 1\n\ndata: 2\r\n\r\ndata: 3\n\n"),)
    view = _whole(make_exchange(frames=frames))
    assert view.frames == ((1.0, "data: 1\\n\\n\ndata: 2\\r\\n\\r\\n\ndata: 3\\n\\n"),)
