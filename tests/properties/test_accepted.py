"""Only bodies that every conforming server accepts are called valid."""

from typing import Any

import pytest

from assisters_verify.properties import accepted
from assisters_verify.properties.contract import Contract
from assisters_verify.properties.derive import derive_shape
from assisters_verify.properties.draw import Draw

CHAT = "POST /v1/chat/completions"
GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What schemathesis would have drawn."""
    bodies: list[Any] = []

    def draw(*_: object, **__: object) -> list[Draw]:
        return [Draw(has_body=True, body=body, query={}, note="offered", is_random=False) for body in bodies]

    monkeypatch.setattr(accepted, "draw_requests", draw)
    return bodies


def keep(spec: dict[str, Any]) -> list[Any]:
    contract = Contract(spec)
    shape = derive_shape(contract, contract.operation(CHAT), {"model": "m"})
    return [each.body for each in accepted.draw_accepted(contract, shape, seed=0, examples=0)]


def test_plain_request_is_kept(spec: dict[str, Any], offered: list[Any]) -> None:
    offered.append(GOOD)
    assert keep(spec) == [GOOD]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "another"},
        {"max_tokens": 5.0},
        {"max_tokens": 0},
        {"max_tokens": 100_000},
        {"temperature": None},
        {"stream": True},
        {"messages": []},
        {"messages": [{"role": "narrator", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": "a\u0000b"}]},
        {"messages": [{"role": "user", "content": " "}]},
        {"messages": [{"role": "system", "content": "Hello"}]},
        {"tools": [{"type": "web_search"}]},
        {"reasoning": True},
        {"unknown": 1},
    ],
)
def test_request_that_a_server_may_refuse_is_left_out(
    spec: dict[str, Any], offered: list[Any], change: dict[str, Any]
) -> None:
    offered.extend([GOOD, {**GOOD, **change}])
    assert keep(spec) == [GOOD]


@pytest.mark.parametrize("body", [None, [], "text", 7, b"{}"])
def test_what_is_no_object_is_left_out(spec: dict[str, Any], offered: list[Any], body: object) -> None:
    offered.extend([GOOD, body])
    assert keep(spec) == [GOOD]


def test_nothing_accepted_is_said(spec: dict[str, Any], offered: list[Any]) -> None:
    """Else nothing would be sent, and nothing could fail."""
    offered.append({})
    with pytest.raises(ValueError, match="no request to POST /v1/chat/completions is accepted"):
        keep(spec)
