import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assisters_verify.evidence import Body, Exchange, Frame, RecordedRequest, RecordedResponse
from assisters_verify.reporting.har import as_uri, draw_har, read_har

Results = dict[str, Any]
MakeExchange = Callable[..., Exchange]

_SUITE: Results = {"suite": {"name": "assisters-verify", "version": "0.1.0"}}
_SCHEMA = json.loads((Path(__file__).parent / "har-1.2.schema.json").read_text(encoding="utf-8"))

# Lone surrogates and NUL included: a target can send them as JSON escapes.
_TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
_HEADERS = st.lists(st.tuples(_TEXTS, _TEXTS), max_size=3).map(tuple)
_SECONDS = st.none() | st.floats(min_value=0, max_value=1e6)
_BODIES = st.builds(
    Body,
    text=_TEXTS,
    encoding=st.sampled_from(["utf-8", "base64"]),
    size=st.integers(min_value=0),
    is_cut=st.booleans(),
    sha256=st.none() | _TEXTS,
)
_EXCHANGES = st.builds(
    Exchange,
    id=_TEXTS,
    check=_TEXTS,
    clause=_TEXTS,
    started_at=st.just("2026-11-22T20:00:00.123+00:00"),
    request=st.builds(RecordedRequest, method=_TEXTS, url=_TEXTS, headers=_HEADERS, body=st.none() | _BODIES),
    response=st.none()
    | st.builds(
        RecordedResponse,
        status=st.integers(min_value=0, max_value=999),
        reason=_TEXTS,
        http_version=_TEXTS,
        headers=_HEADERS,
        body=_BODIES,
        frames=st.lists(st.builds(Frame, t_s=st.floats(0, 1e6), text=_TEXTS), max_size=3).map(tuple),
    ),
    first_byte_s=_SECONDS,
    total_s=_SECONDS,
    error=st.none() | _TEXTS,
    attempt=st.integers(min_value=1),
)


def _complaints(har: bytes) -> list[str]:
    validator = Draft202012Validator(_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(har))]


def _entry(exchange: Exchange) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(draw_har(_SUITE, [exchange]))["log"]["entries"][0]
    return entry


def test_what_was_written_is_har(exchanges: list[Exchange]) -> None:
    assert _complaints(draw_har(_SUITE, exchanges)) == []


def test_no_exchange_at_all_is_har() -> None:
    assert _complaints(draw_har(_SUITE, [])) == []


def test_the_same_exchanges_come_back(tmp_path: Path, exchanges: list[Exchange]) -> None:
    (tmp_path / "evidence.har").write_bytes(draw_har(_SUITE, exchanges))
    assert read_har(tmp_path / "evidence.har") == exchanges


@given(exchange=_EXCHANGES)
def test_any_exchange_comes_back(tmp_path_factory: pytest.TempPathFactory, exchange: Exchange) -> None:
    path = tmp_path_factory.getbasetemp() / "evidence.har"
    path.write_bytes(draw_har(_SUITE, [exchange]))
    assert read_har(path) == [exchange]


def test_times_are_milliseconds(make_exchange: MakeExchange) -> None:
    entry = _entry(make_exchange())
    assert (entry["time"], entry["timings"]) == (2123.457, {"send": 0, "wait": 100.0, "receive": 2023.457})


def test_what_never_came_has_status_0_and_its_error(make_exchange: MakeExchange) -> None:
    entry = _entry(make_exchange(is_answered=False))
    assert (entry["response"]["status"], entry["_error"]) == (0, "the connection was closed before a status line came")


def test_bytes_are_base64(make_exchange: MakeExchange) -> None:
    content = _entry(make_exchange(text="AAH/", encoding="base64"))["response"]["content"]
    assert (content["encoding"], content["text"]) == ("base64", "AAH/")


def test_repeated_headers_stay_in_order(make_exchange: MakeExchange) -> None:
    headers = _entry(make_exchange())["response"]["headers"]
    assert [header["value"] for header in headers if header["name"] == "x-twice"] == ["1", "2"]


def test_an_address_that_breaks_the_rules_is_coded_and_kept(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    url = "http://[::1]:80/v1/{{key}}?a[]=%&b= ü"
    drawn = draw_har(_SUITE, [replace(exchange, request=replace(exchange.request, url=url))])
    request = json.loads(drawn)["log"]["entries"][0]["request"]
    assert (_complaints(drawn), request["_url"]) == ([], url)


def test_an_address_that_keeps_the_rules_is_left_alone() -> None:
    url = "http://[::1]:80/v1/models?a=%20&b=c+d#e"
    assert as_uri(url) == url


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"log": {}}', '{"log": {"entries": [{}]}}', '{"log": {"entries": [{"request": 1}]}}', "[" * 100_000],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "evidence.har").write_text(content)
    with pytest.raises(ValueError, match=r"evidence\.har is no evidence that assisters-verify wrote"):
        read_har(tmp_path / "evidence.har")
