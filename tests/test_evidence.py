"""Evidence survives being written and read: another program must be able to judge it again."""

import json

import pytest

from assisters_verify.evidence import Body, Exchange, Frame, RecordedRequest, RecordedResponse

REQUEST = RecordedRequest(
    method="POST",
    url="https://h/v1/chat/completions",
    headers=(("Accept", "*/*"), ("X-A", "1"), ("X-A", "2")),
    body=Body(text='{"a": "é"}', size=11, sha256="0" * 64),
)
RESPONSE = RecordedResponse(
    status=200,
    reason="OK",
    http_version="HTTP/1.1",
    headers=(("Content-Type", "text/event-stream"),),
    body=Body(text="3q0=", encoding="base64", size=5000, is_cut=True),
    frames=(Frame(t_s=0.25, text="data: 1\n\n"), Frame(t_s=0.5, text="")),
)
WHOLE = Exchange(
    id="x0001",
    check="test_chat.py::test_answer",
    clause="CHAT-01",
    started_at="2026-01-02T03:04:05+00:00",
    request=REQUEST,
    response=RESPONSE,
    first_byte_s=0.2,
    total_s=0.6,
    attempt=2,
)
BROKEN = Exchange(
    id="x0002",
    check="c",
    clause="CHAT-02",
    started_at="2026-01-02T03:04:05+00:00",
    request=RecordedRequest(method="GET", url="https://h/v1/models", headers=()),
    error="the connection was refused",
)


@pytest.mark.parametrize("exchange", [WHOLE, BROKEN], ids=["whole", "broken"])
def test_exchange_comes_back_from_json(exchange: Exchange) -> None:
    assert Exchange.from_json(json.loads(json.dumps(exchange.to_json()))) == exchange


def test_exchange_that_comes_back_holds_tuples_only() -> None:
    """Evidence is frozen all the way down, so that no report can change what another one sees."""
    assert hash(Exchange.from_json(json.loads(json.dumps(WHOLE.to_json())))) == hash(WHOLE)


def test_json_names_every_field() -> None:
    value = json.loads(json.dumps(WHOLE.to_json()))
    found = (value["request"]["headers"][2], value["response"]["body"], value["response"]["frames"][0])
    body = {"text": "3q0=", "encoding": "base64", "size": 5000, "is_cut": True, "sha256": None}
    assert found == (["X-A", "2"], body, {"t_s": 0.25, "text": "data: 1\n\n"})


def test_exchange_that_did_not_come_through_has_no_times() -> None:
    value = BROKEN.to_json()
    assert [value[name] for name in ("response", "first_byte_s", "total_s", "attempt")] == [None, None, None, 1]


def test_exchange_of_another_form_is_refused() -> None:
    with pytest.raises(TypeError):
        Exchange.from_json({**BROKEN.to_json(), "unknown": 1})
