"""Each invalid request has one fault that is beyond dispute, and is accepted by all but for that."""

import json
from typing import Any

import pytest

from assisters_verify.properties import refused
from assisters_verify.properties.contract import Contract
from assisters_verify.properties.derive import derive_shape
from assisters_verify.properties.draw import Draw

CHAT = "POST /v1/chat/completions"
BASE: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}


def spoil(spec: dict[str, Any], body: Any, *, has_body: bool = True) -> list[tuple[str | None, Any]]:
    """The field at fault and the body of each request that is made of what was drawn."""
    contract = Contract(spec)
    shape = derive_shape(contract, contract.operation(CHAT), {"model": "m"})
    draw = Draw(has_body=has_body, body=body, query={}, note="", is_random=False)
    found = refused._spoil_body(contract, shape, BASE, draw)
    return [(each.case.param, json.loads(each.case.body or b"")) for each in found]


def test_field_at_fault_is_put_into_an_accepted_request(spec: dict[str, Any]) -> None:
    assert spoil(spec, {"temperature": 7, "model": "unknown", "messages": [], "odd": 1, "max_tokens": 2}) == [
        ("temperature", {**BASE, "temperature": 7})
    ]


def test_missing_field_is_left_out_of_an_accepted_request(spec: dict[str, Any]) -> None:
    assert spoil(spec, {"messages": []}) == [("model", {k: v for k, v in BASE.items() if k != "model"})]


def test_two_faults_make_two_requests(spec: dict[str, Any]) -> None:
    body = {**BASE, "temperature": -5, "stream": "yes"}
    assert spoil(spec, body) == [
        ("temperature", {**BASE, "temperature": -5}),
        ("stream", {**BASE, "stream": "yes"}),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"max_tokens": 0},
        {"max_tokens": 10.0},
        {"temperature": None},
        {"messages": []},
        {"messages": [{"role": "narrator", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        {"tools": [{"type": "web_search"}]},
        {"tools": []},
        {"model": "unknown"},
        {"unknown": 1},
        {"temperature": 10**20},
        {"stream": "\x00"},
        {"stream": "<script>"},
        {"stream": ["a" * 150] * 40},
    ],
)
def test_what_is_left_open_or_may_be_refused_for_another_reason_makes_no_request(
    spec: dict[str, Any], change: dict[str, Any]
) -> None:
    assert spoil(spec, {**BASE, **change}) == []


@pytest.mark.parametrize(("field", "drawn", "sent"), [("max_tokens", 2.6e-42, 1.5), ("temperature", 1.00000001, 2.5)])
def test_fraction_that_rounding_would_hide_is_made_plain(
    spec: dict[str, Any], field: str, drawn: float, sent: float
) -> None:
    assert spoil(spec, {**BASE, field: drawn}) == [(field, {**BASE, field: sent})]


@pytest.mark.parametrize("body", [None, [], "text", 7, True])
def test_body_that_is_no_object_is_at_fault_as_a_whole(spec: dict[str, Any], body: object) -> None:
    assert spoil(spec, body) == [(None, body)]


@pytest.mark.parametrize("body", [b"", b"\x00", b"{}", b"7", b"\xff"])
def test_bytes_that_are_json_or_worse_than_malformed_make_no_request(spec: dict[str, Any], body: bytes) -> None:
    assert spoil(spec, body) == []


def test_missing_body_makes_no_request(spec: dict[str, Any]) -> None:
    assert spoil(spec, None, has_body=False) == []
