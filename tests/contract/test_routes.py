"""A route that is not there is told from one that refuses, and nothing is made to find that out."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.routes import (
    AUDIT,
    BODY_ROUTES,
    CORE_ROUTES,
    ROUTES,
    Route,
    body_of,
    expect_accepted,
    expect_let_in,
    good_body,
    is_missing,
    is_there,
    key_opens_anything,
    path_of,
    require_route,
    valid_answer,
)
from assisters_verify.judgement import Broken, Judgement, NotApplicable, NotThere, Undecided

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, ScriptedServer, Serve

    from assisters_verify.probe import Probe

NAMED = {"chat": "c", "embeddings": "e"}
CHAT = "/v1/chat/completions"


def answering(serve: "Serve", **statuses: str) -> "ScriptedServer":
    """Return a server that gives these statuses, by the last part of the path; 404 to all others."""

    def script(peer: "Peer") -> None:
        while True:
            target = peer.read().target.partition("?")[0]
            peer.answer(b"{}", status=statuses.get(target.rsplit("/", 1)[-1], "404 Not Found"))

    return serve(script)


def answer(status: int, body: bytes = b"{}") -> Answer:
    return Answer(
        exchange="x0001",
        method="GET",
        path="/v1/x",
        status=status,
        headers={},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
    )


def test_routes_are_those_of_the_documentation() -> None:
    assert [str(route) for route in ROUTES] == [
        "GET /v1/models",
        "POST /v1/chat/completions",
        "POST /v1/embeddings",
        "POST /v1/keys",
        "POST /v1/webhooks",
        "GET /v1/audit",
        "GET /v1/metrics",
        "GET /v1/models/{model}/test",
        "POST /v1/models/{model}/test",
    ]
    assert [route.path for route in CORE_ROUTES] == ["/v1/models", CHAT, "/v1/embeddings"]
    assert [str(route) for route in BODY_ROUTES] == [
        "POST /v1/chat/completions",
        "POST /v1/embeddings",
        "POST /v1/keys",
        "POST /v1/webhooks",
    ]
    assert [route.path for route in ROUTES if route.makes_something] == ["/v1/keys", "/v1/webhooks"]
    assert len({route.test_id for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (Route(method="GET", path=AUDIT), "GET-audit"),
        (Route(method="POST", path=CHAT), "POST-chat_completions"),
        (Route(method="POST", path="/v1/models/{model}/test"), "POST-models_model_test"),
    ],
)
def test_route_has_a_short_name(route: Route, expected: str) -> None:
    assert route.test_id == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4.1-mini", "/v1/models/gpt-4.1-mini/test"),
        ("org/model:1@x", "/v1/models/org/model:1@x/test"),
        ("a b?c#d%e", "/v1/models/a%20b%3Fc%23d%25e/test"),
    ],
)
def test_model_stands_in_the_path(with_probe: "ProbeRun", model: str, expected: str) -> None:
    route = Route(method="GET", path="/v1/models/{model}/test")
    found = with_probe("http://127.0.0.1:1", lambda probe: path_of(probe, route), models={"chat": model})
    assert found == expected


def test_path_without_a_model_is_as_it_is(with_probe: "ProbeRun") -> None:
    assert with_probe("http://127.0.0.1:1", lambda probe: path_of(probe, Route(method="GET", path=AUDIT))) == AUDIT


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (CHAT, {"model", "messages", "max_tokens"}),
        ("/v1/embeddings", {"model", "input"}),
        ("/v1/keys", {"name"}),
        ("/v1/webhooks", {"url", "events"}),
    ],
)
def test_each_body_has_what_is_required(with_probe: "ProbeRun", path: str, expected: set[str]) -> None:
    route = Route(method="POST", path=path, takes_body=True)
    assert set(with_probe("http://127.0.0.1:1", lambda probe: body_of(probe, route), models=NAMED)) == expected


def test_route_that_takes_no_body_has_none(with_probe: "ProbeRun") -> None:
    route = Route(method="GET", path="/v1/models")
    assert with_probe("http://127.0.0.1:1", lambda probe: body_of(probe, route), models=NAMED) is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (answer(404), True),
        (answer(405), True),
        (answer(501), True),
        (answer(404, b'{"error": {"code": "model_not_found"}}'), False),
        (answer(200), False),
        (answer(400), False),
        (answer(401), False),
        (answer(403), False),
        (answer(500), False),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
def test_route_is_missing_where_the_answer_says_so(found: Answer, *, expected: bool) -> None:
    assert is_missing(found) is expected


@pytest.mark.parametrize(
    ("status", "expected"), [("400 Bad", True), ("404 No", False), ("405 No", False), ("200 OK", True)]
)
def test_route_is_looked_for_once_with_a_request_that_makes_nothing(
    serve: "Serve", with_probe: "ProbeRun", status: str, *, expected: bool
) -> None:
    route = next(route for route in ROUTES if route.path == "/v1/keys")

    async def use(probe: "Probe") -> list[bool]:
        return [await is_there(probe, route), await is_there(probe, route)]

    server = answering(serve, keys=status)
    assert with_probe(server.url, use, models=NAMED) == [expected] * 2
    assert [(request.method, request.target, request.body) for request in server.received] == [
        ("POST", "/v1/keys", b"{}")
    ]


def test_route_that_takes_no_body_is_looked_for_without_one(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = answering(serve, metrics="200 OK")
    route = Route(method="GET", path="/v1/metrics")
    assert with_probe(server.url, lambda probe: is_there(probe, route)) is True
    assert [(request.method, request.body) for request in server.received] == [("GET", b"")]


def test_valid_request_is_sent_once_in_a_run(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = answering(serve, completions="200 OK")

    async def use(probe: "Probe") -> list[int]:
        return [(await valid_answer(probe, CHAT)).status, (await valid_answer(probe, CHAT)).status]

    assert with_probe(server.url, use, models=NAMED) == [200, 200]
    assert [json.loads(request.body)["model"] for request in server.received] == ["c"]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({"models": "200 OK"}, True),
        ({"embeddings": "201 Created"}, True),
        ({"models": "401 No", "completions": "401 No", "embeddings": "401 No"}, False),
        ({"models": "403 No", "completions": "500 No"}, False),
        ({}, False),
    ],
)
def test_key_opens_something_where_any_core_route_answers(
    serve: "Serve", with_probe: "ProbeRun", statuses: dict[str, str], *, expected: bool
) -> None:
    assert with_probe(answering(serve, **statuses).url, key_opens_anything, models=NAMED) is expected


@pytest.mark.parametrize(
    ("statuses", "kind", "words"),
    [
        ({"completions": "200 OK"}, None, ""),
        ({"completions": "401 No"}, Undecided, "the key is not let in: 401"),
        ({"completions": "403 No"}, Undecided, "the key is not let in: 403"),
        ({"completions": "404 No"}, NotThere, "there is no POST /v1/chat/completions: 404"),
        ({"completions": "405 No", "models": "200 OK"}, NotThere, "there is no POST /v1/chat/completions: 405"),
        (
            {"completions": "400 No", "models": "200 OK"},
            Broken,
            "expected a valid request to be accepted, received 400",
        ),
        ({"completions": "400 No"}, Broken, "expected a valid request to be accepted, received 400"),
        ({"completions": "500 No"}, Broken, "expected a valid request to be accepted, received 500"),
        ({"completions": "202 Later"}, Broken, "expected a valid request to be accepted, received 202"),
    ],
)
def test_refused_valid_request_is_judged_by_its_reason(
    serve: "Serve", with_probe: "ProbeRun", statuses: dict[str, str], kind: type[Judgement] | None, words: str
) -> None:
    server = answering(serve, **statuses)

    async def use(probe: "Probe") -> Any:
        try:
            await expect_accepted(probe, CHAT)
        except Judgement as judgement:
            return type(judgement), judgement.reason
        return None, ""

    found, reason = with_probe(server.url, use, models=NAMED)
    assert (found, reason[: len(words)]) == (kind, words)


@pytest.mark.parametrize("status", [200, 204, 307, 400, 422, 500, 503])
def test_answer_that_is_neither_about_the_key_nor_the_route_is_let_pass(status: int) -> None:
    expect_let_in(answer(status))


def test_good_body_is_that_of_the_route(with_probe: "ProbeRun") -> None:
    found = with_probe("http://127.0.0.1:1", lambda probe: good_body(probe, "/v1/embeddings"), models=NAMED)
    assert found == {"model": "e", "input": "hello"}


@pytest.mark.parametrize(
    ("status", "expected"), [(400, None), (401, Undecided), (404, NotApplicable), (422, None), (500, Undecided)]
)
def test_refusal_is_judged_only_where_the_route_is_there(
    serve: "Serve", with_probe: "ProbeRun", status: int, expected: type[Judgement] | None
) -> None:
    server = answering(serve, completions="404 Not Found" if status == 404 else "500 Internal Server Error")

    async def look(probe: "Probe") -> type[Judgement] | None:
        try:
            await require_route(probe, CHAT, answer(status))
        except Judgement as judgement:
            return type(judgement)
        return None

    assert with_probe(server.url, look, models=NAMED) == expected
