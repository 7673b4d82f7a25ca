"""Deliveries are read and matched with completions, by their ids or by their number."""

import json
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.webhooks_events import (
    Event,
    expect_event,
    read_event,
    repeated,
    shown_id,
    told_of,
    untold,
)
from assisters_verify.judgement import Broken
from assisters_verify.receiver import Request, Response, Visit

NAMES = ("chat.completion", "model.failed")


def visit(body: Any, *, method: str = "POST", number: int = 0) -> Visit:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(
        method=method, target="/hooks/a", headers=(), body=raw, http_version="HTTP/1.1", began_s=0.0, ended_s=0.0
    )
    return Visit(number=number, request=request, response=Response())


def event(event_id: Any = "chat_1", **fields: Any) -> Visit:
    return visit({"event": "chat.completion", "data": {"id": event_id, "status": "completed"}, **fields})


def completion(shown: str | None) -> Answer:
    body = json.dumps({"choices": [], **({"id": shown} if shown else {})}).encode()
    return Answer(exchange="", method="POST", path="", status=200, headers={}, body=body, first_byte_s=0.0, total_s=0.0)


@pytest.mark.parametrize(
    "delivered",
    [
        event(),
        event(7),
        event(created=1, api_version="v1"),
        visit({"event": "model.failed", "data": {"id": "a", "status": "b"}}),
    ],
)
def test_documented_form_holds(delivered: Visit) -> None:
    expect_event(delivered, NAMES)


@pytest.mark.parametrize(
    "delivered",
    [
        visit(b""),
        visit(b"[object Object]"),
        visit(b"payload=%7B%7D"),
        visit([]),
        visit({"type": "chat.completion", "data": {"id": "a", "status": "b"}}),
        visit({"event": "chat.completed", "data": {"id": "a", "status": "b"}}),
        visit({"event": "chat.completion", "id": "a", "status": "b"}),
        visit({"event": "chat.completion", "data": {"status": "b"}}),
        visit({"event": "chat.completion", "data": {"id": "a"}}),
        visit({"event": "chat.completion", "data": {"id": True, "status": "b"}}),
        visit({"event": "chat.completion", "data": {"id": "", "status": "b"}}),
        visit({"event": "chat.completion", "data": [{"id": "a", "status": "b"}]}),
        visit(b"[" * 100_000),
    ],
)
def test_another_form_is_broken(delivered: Visit) -> None:
    with pytest.raises(Broken):
        expect_event(delivered, NAMES)


def test_event_is_read() -> None:
    assert read_event(event()) == Event(name="chat.completion", id="chat_1", status="completed")


def test_trial_of_the_endpoint_is_no_event_of_the_api() -> None:
    names = ["ping", "webhook.created", "endpoint.verified", "chat.completion"]
    assert [Event(name=name).is_about_the_webhook for name in names] == [True, True, True, False]


def test_shown_id_is_read() -> None:
    assert [shown_id(completion("chat_1")), shown_id(completion(None))] == ["chat_1", None]


def test_told_completions_are_found_by_id() -> None:
    found = told_of([event("a"), event("b")], [completion("b"), completion(None)])
    assert [read_event(one).id for one in found] == ["b"]


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([event("a"), event("b")], 0),
        ([event("a"), event("x"), event("y")], 1),
        ([], 2),
        ([visit({"event": "e", "data": {"id": "a"}}, method="PUT"), event("b")], 1),
    ],
)
def test_untold_completions_are_counted_by_id(visits: list[Visit], expected: int) -> None:
    assert untold(visits, [completion("a"), completion("b")], is_by_id=True) == expected


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([event("x"), event("y")], 0),
        ([event("x"), event("x")], 1),
        ([visit(b"?"), visit(b"?")], 0),
        ([], 2),
    ],
)
def test_untold_completions_are_counted_by_number(visits: list[Visit], expected: int) -> None:
    assert untold(visits, [completion(None), completion(None)], is_by_id=False) == expected


def test_same_event_twice_is_found() -> None:
    visits = [event("a"), event("b"), event("a", attempt=2), visit(b"?"), visit(b"?")]
    assert [[read_event(one).id for one in same] for same in repeated(visits)] == [["a", "a"]]


def test_another_status_is_another_event() -> None:
    started = visit({"event": "chat.completion", "data": {"id": "a", "status": "started"}})
    assert repeated([started, event("a")]) == []
