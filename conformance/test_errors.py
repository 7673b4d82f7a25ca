"""Errors: each refusal in the documented form, whatever is wrong, and never a broken server."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import (
    envelope_problems,
    expect_envelope,
    expect_param,
    expect_refusal,
    read_error,
)
from assisters_verify.contract.models import MODELS, UNKNOWN_MODEL, embeddings_model
from assisters_verify.contract.routes import (
    BODY_ROUTES,
    CORE_ROUTES,
    ROUTES,
    Route,
    is_there,
    path_of,
    valid_answer,
)
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe

_DEEP = 20_000
_NESTINGS = {
    "chat_lists": (CHAT, b'{"model": "gpt-4.1-mini", "messages": %s}' % (b"[" * _DEEP + b"]" * _DEEP)),
    "chat_objects": (CHAT, b'{"model": "gpt-4.1-mini", "messages": %s}' % (b'{"a":' * _DEEP + b"1" + b"}" * _DEEP)),
    "chat_open": (CHAT, b"[" * (5 * _DEEP)),
    "embeddings_lists": (EMBEDDINGS, b'{"model": "m", "input": %s}' % (b"[" * _DEEP + b"]" * _DEEP)),
}
_NO_JSON = {
    "empty": b"",
    "word": b"hello",
    "cut_object": b'{"model": "gpt-4.1-mini", "messages": [',
    "single_quotes": b"{'model': 'gpt-4.1-mini'}",
    "trailing_comma": b'{"model": "gpt-4.1-mini",}',
    "two_documents": b"{}{}",
    "form": b"model=gpt-4.1-mini&messages=hello",
    "not_utf8": b'{"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "\xff\xfe\xfa"}]}',
}
_NO_OBJECT = {
    "null": b"null",
    "list": b"[]",
    "list_of_objects": b'[{"model": "gpt-4.1-mini"}]',
    "text": b'"hello"',
    "number": b"42",
    "boolean": b"true",
}
_TRACES = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|^\s+at .+\(.+:\d+:\d+\)|"
    r"goroutine \d+ \[|\bat [\w$.]+\([\w$]+\.java:\d+\)|panicked at|"
    r"(?:/usr|/home|/app|/root|site-packages)/\S+\.(?:py|js|rb|go)",
    re.MULTILINE,
)

each_body_route = pytest.mark.parametrize("route", BODY_ROUTES, ids=lambda route: route.test_id)


_KINDS = ("unknown_model", "no_model", "no_json", "no_object", "wrong_type", "unknown_route", "wrong_verb")


@clause("ERROR-01")
@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
async def test_error_has_the_envelope(probe: Probe, kind: str, path: str) -> None:
    """Each kind of error of each of the main routes has the documented form."""
    answer = await _provoked(probe, kind, path)
    if answer.status in range(200, 400):
        raise NotApplicable(f"answered {answer.status}, which another clause judges")
    expect_envelope(answer)


@clause("ERROR-01")
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
async def test_refusal_of_a_large_body_has_the_envelope(probe: Probe, path: str) -> None:
    """What refuses a megabyte, a gateway perhaps, speaks the API's language too."""
    good = {**await _good_body(probe, path), "model": UNKNOWN_MODEL}  # so that no model reads it
    answer = await probe.post(path, {**good, "padding": "x" * 1_500_000}, label="with 1.5 MB")
    if answer.status in range(200, 400):
        raise NotApplicable(f"answered {answer.status}, which another clause judges")
    expect_envelope(answer)


@clause("ERROR-01", is_last=True)
async def test_every_error_that_was_seen_has_the_envelope(probe: Probe) -> None:
    """Every 4xx and 5xx of the whole run has the documented form."""
    errors = [answer for answer in probe.session.seen if answer.status >= 400 and answer.method != "HEAD"]
    broken = [answer for answer in errors if _is_of_the_api(answer) and any(envelope_problems(answer))]
    if broken:
        probe.evidence.extend(answer.exchange for answer in broken[1:6])
        expect_envelope(broken[0])


@clause("ERROR-02", needs=["AUTH-01"])
@each_body_route
@pytest.mark.parametrize("kind", list(_NO_JSON))
async def test_body_that_is_no_json_is_refused(probe: Probe, route: Route, kind: str) -> None:
    """What cannot be parsed is the client's fault: 400."""
    await _expect_bad_body(probe, route, _NO_JSON[kind], kind)


@clause("ERROR-03", needs=["AUTH-01"])
@each_body_route
@pytest.mark.parametrize("kind", list(_NO_OBJECT))
async def test_body_that_is_no_object_is_refused(probe: Probe, route: Route, kind: str) -> None:
    """JSON that is no object is no request: 400."""
    await _expect_bad_body(probe, route, _NO_OBJECT[kind], kind)


_SCALARS: dict[str, Any] = {"number": 5, "boolean": True, "fraction": 0.5}
_SPOILT: dict[str, Callable[[str], str]] = {
    "followed_by_garbage": lambda text: text + " garbage",
    "followed_by_a_brace": lambda text: text + "}",
    "twice": lambda text: text + text,
    "in_single_quotes": lambda text: text.replace('"', "'"),
    "without_quotes": lambda text: text.replace('"model"', "model"),
    "with_a_comment": lambda text: "/* a request */ " + text,
    "with_a_trailing_comma": lambda text: text[:-1] + ",}",
    "with_a_python_word": lambda text: text[:-1] + ', "stream": False}',
}


@clause("ERROR-02", needs=["AUTH-01"])
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
@pytest.mark.parametrize("kind", list(_SPOILT))
async def test_good_request_that_is_spoilt_is_refused(probe: Probe, path: str, kind: str) -> None:
    """A request that is good but for one sign is no JSON: it is refused, not guessed at."""
    content = _SPOILT[kind](json.dumps(await _good_body(probe, path))).encode()
    answer = await probe.post(path, content=content, label=kind.replace("_", " "))
    await _skip_missing(probe, path, answer)
    expect_refusal(answer, 400, why="malformed JSON")


@clause("ERROR-03", needs=["AUTH-01"])
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
@pytest.mark.parametrize("kind", ["in_a_list", "in_a_text"])
async def test_good_request_that_is_wrapped_is_refused(probe: Probe, path: str, kind: str) -> None:
    """A request inside a list or a text is no object."""
    good = await _good_body(probe, path)
    answer = await probe.post(path, [good] if kind == "in_a_list" else json.dumps(good), label=kind.replace("_", " "))
    await _skip_missing(probe, path, answer)
    expect_refusal(answer, 400, why="no object")


@clause("ERROR-16", needs=["AUTH-01"])
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
async def test_word_that_is_no_json_number_is_refused(probe: Probe, word: str) -> None:
    """JSON has no such numbers (RFC 8259, 6)."""
    body = json.dumps({**await chat_body(probe), "temperature": "NUMBER"}).replace('"NUMBER"', word)
    answer = await probe.post(CHAT, content=body.encode(), label=f"with temperature {word}")
    await _skip_missing(probe, CHAT, answer)
    expect_refusal(answer, 400, why="malformed JSON")


_WRONG_MODELS: dict[str, Any] = {
    "null": None,
    "number": 5,
    "boolean": True,
    "list": ["gpt-4.1-mini"],
    "object": {"id": "gpt-4.1-mini"},
}


@clause("ERROR-04", needs=["AUTH-01"])
@pytest.mark.parametrize("kind", list(_WRONG_MODELS))
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
async def test_model_of_the_wrong_type_is_refused(probe: Probe, path: str, kind: str) -> None:
    """A model is named by a text."""
    body = {"messages": [{"role": "user", "content": "hi"}]} if path == CHAT else {"input": "hi"}
    answer = await probe.post(path, {**body, "model": _WRONG_MODELS[kind]}, label=f"with model: {kind}")
    await _skip_missing(probe, path, answer)
    expect_refusal(answer, 400, param="model", why="model of the wrong type")


@clause("ERROR-04", needs=["AUTH-01"])
@pytest.mark.parametrize(
    ("path", "field"), [(CHAT, "model"), (CHAT, "messages"), (EMBEDDINGS, "model"), (EMBEDDINGS, "input")]
)
@pytest.mark.parametrize("kind", ["missing", "null"])
async def test_required_field_that_is_missing_is_refused(probe: Probe, path: str, field: str, kind: str) -> None:
    """What is required cannot be left out, nor be null."""
    body = {**await _good_body(probe, path), field: None}
    if kind == "missing":
        del body[field]
    answer = await probe.post(path, body, label=f"with {field} {kind}")
    await _skip_missing(probe, path, answer)
    expect_refusal(answer, 400, param=field, why=f"{field} {kind}")


@clause("ERROR-04", needs=["AUTH-01"])
@pytest.mark.parametrize(("path", "field"), [(CHAT, "messages"), (EMBEDDINGS, "input")])
@pytest.mark.parametrize("kind", list(_SCALARS))
async def test_scalar_where_a_list_belongs_is_refused(probe: Probe, path: str, field: str, kind: str) -> None:
    """What cannot be walked through is refused, not walked through."""
    answer = await probe.post(
        path, {**await _good_body(probe, path), field: _SCALARS[kind]}, label=f"with {field}: {kind}"
    )
    await _skip_missing(probe, path, answer)
    expect_refusal(answer, 400, param=field, why=f"{field} of the wrong type")


@clause("ERROR-04", needs=["AUTH-01"])
async def test_integer_beyond_all_machines_is_refused(probe: Probe) -> None:
    """A number that no machine holds is a wrong value, not a fault of the server."""
    body = json.dumps({**await chat_body(probe), "max_tokens": "NUMBER"}).encode().replace(b'"NUMBER"', b"1e999")
    answer = await probe.post(CHAT, content=body, label="with max_tokens 1e999")
    await _skip_missing(probe, CHAT, answer)
    expect_refusal(answer, 400, why="max_tokens beyond all machines")


@clause("ERROR-04", needs=["AUTH-01"])
@pytest.mark.parametrize("kind", ["null_entry", "text_entry", "list_entry", "number_role", "null_role", "object_role"])
async def test_message_of_the_wrong_type_is_refused(probe: Probe, kind: str) -> None:
    """A message is an object, and its role a text."""
    entries: dict[str, Any] = {
        "null_entry": None,
        "text_entry": "hello",
        "list_entry": ["user", "hello"],
        "number_role": {"role": 7, "content": "hello"},
        "null_role": {"role": None, "content": "hello"},
        "object_role": {"role": {"name": "user"}, "content": "hello"},
    }
    answer = await probe.post(CHAT, await chat_body(probe, messages=[entries[kind]]), label=f"with a message: {kind}")
    await _skip_missing(probe, CHAT, answer)
    expect_refusal(answer, 400, param="messages", why="message of the wrong type")


@clause("ERROR-05", needs=["AUTH-01"], is_last=True)
@pytest.mark.parametrize("kind", list(_NESTINGS))
async def test_absurd_nesting_is_refused(probe: Probe, kind: str) -> None:
    """Twenty thousand levels are refused, and do not take the server down."""
    path, body = _NESTINGS[kind]
    before = probe.session.gone
    try:
        answer = await probe.post(path, content=body, label=f"nested {_DEEP} deep")
    except Undecided as undecided:
        if before is None and probe.session.gone is not None:
            raise Broken(
                expected="400", received=f"no answer any more: {probe.session.gone}", where=f"POST {path}"
            ) from undecided
        raise
    await _skip_missing(probe, path, answer)
    expect_refusal(answer, 400, 413, why="absurdly nested")


@clause("ERROR-06", needs=["AUTH-01"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/no-such-route", "/v1/chat/no-such-route", "/v1/chat"])
async def test_unknown_route_is_not_found(probe: Probe, method: str, path: str) -> None:
    """A route that the API does not have: 404, told as every error is."""
    answer = await probe.send(method, path, {} if method == "POST" else None)
    expect_refusal(answer, 404, why="unknown route")
    expect_envelope(answer)


_OTHER_VERBS = [
    ("GET", CHAT), ("PUT", CHAT), ("DELETE", CHAT), ("PATCH", CHAT),
    ("GET", EMBEDDINGS), ("PUT", EMBEDDINGS), ("DELETE", EMBEDDINGS),
    ("POST", MODELS), ("DELETE", MODELS), ("PUT", MODELS),
]  # fmt: skip


@clause("ERROR-07", needs=["AUTH-01"])
@pytest.mark.parametrize(("method", "path"), _OTHER_VERBS)
async def test_other_verb_is_refused(probe: Probe, method: str, path: str) -> None:
    """A verb that the documentation does not name for a route: 404 or 405, told as every error is."""
    body = await chat_body(probe) if path == CHAT and method in {"PUT", "PATCH"} else None
    answer = await probe.send(method, path, body)
    expect_refusal(answer, 404, 405, why="a verb that is not documented")
    expect_envelope(answer)


@clause("ERROR-08", needs=["AUTH-01"])
@pytest.mark.parametrize("route", CORE_ROUTES, ids=lambda route: route.test_id)
async def test_json_answer_says_so(probe: Probe, route: Route) -> None:
    """A good answer says `application/json`."""
    answer = await (probe.get(MODELS) if route.path == MODELS else _good(probe, route.path))
    if answer.is_success:
        _expect_json_type(answer)


@clause("ERROR-08")
async def test_json_error_says_so(probe: Probe) -> None:
    """An error of any kind says `application/json`."""
    for answer in await _provoked_all(probe):
        _expect_json_type(answer)


@clause("ERROR-08", is_last=True)
async def test_every_json_answer_that_was_seen_says_so(probe: Probe) -> None:
    """Every JSON body of the whole run, good or bad, says `application/json`."""
    for answer in probe.session.seen:
        if _is_of_the_api(answer) and not answer.pieces and answer.body.lstrip()[:1] in {b"{", b"["}:
            _expect_json_type(answer)


@clause("ERROR-09", is_last=True)
async def test_no_error_shows_the_inside(probe: Probe) -> None:
    """No error of the whole run shows a stack trace or a path of the server."""
    for answer in [*await _provoked_all(probe), *probe.session.seen]:
        found = _TRACES.search(answer.text) if answer.status >= 400 else None
        if found:
            raise Broken(expected="a message for users", received=f"{found.group()[:120]!r}", answer=answer)


@clause("ERROR-10", is_last=True)
async def test_no_success_carries_an_error(probe: Probe) -> None:
    """No answer of the whole run says 2xx and holds an error envelope."""
    for answer in [*await _provoked_all(probe), *probe.session.seen]:
        if answer.is_success and not answer.pieces and read_error(answer):
            raise Broken(expected="a 4xx or 5xx status for an error", received=answer.describe(), answer=answer)


_ODD_REQUESTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "null_byte_in_path": ("GET", "/v1/models/%00", {}),
    "broken_percent_in_path": ("GET", "/v1/models/%ff%fe/test", {}),
    "dots_in_path": ("GET", "/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd", {}),
    "long_path": ("GET", "/v1/" + "x" * 3000, {}),
    "odd_query": ("GET", MODELS + "?limit=-1&limit=x&%00=%ff&a[]=1", {}),
    "quotes_in_path": ("GET", "/v1/models/%27%22%3B--/test", {}),
    "odd_accept": ("GET", MODELS, {"Accept": "application/xml;q=x"}),
    "odd_content_type": ("GET", MODELS, {"Content-Type": "multipart/form-data; boundary="}),
    "long_header": ("GET", MODELS, {"X-Long": "x" * 3000}),
    "odd_range": ("GET", MODELS, {"Range": "bytes=9-1"}),
    "odd_language": ("GET", MODELS, {"Accept-Language": "*;q=-1, \u00e9"}),
}


@clause("ERROR-11", needs=["AUTH-01"])
@pytest.mark.parametrize("kind", list(_ODD_REQUESTS))
async def test_odd_request_does_not_break_the_server(probe: Probe, kind: str) -> None:
    """Whatever a request holds, the fault is never the server's."""
    method, path, headers = _ODD_REQUESTS[kind]
    answer = await probe.send(method, path, headers=[*headers.items()], label=kind.replace("_", " "))
    _expect_no_server_error(answer)


_ODD_VALUES: dict[str, bytes] = {
    "long_number": b'{"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}], "temperature": %s}'
    % (b"9" * 6000),
    "lone_surrogate": b'{"model": "gpt-4.1-mini\\ud800", "messages": [{"role": "user", "content": "\\udfff"}]}',
    "null_character": b'{"model": "gpt\\u0000", "messages": [{"role": "user", "content": "hi"}]}',
    "empty_key": b'{"": {"": [null]}, "model": "", "messages": []}',
    "repeated_key": b'{"model": 5, "model": null, "messages": null}',
    "long_model": b'{"model": "%s", "messages": [{"role": "user", "content": "hi"}]}' % (b"m" * 20_000),
}


@clause("ERROR-11", needs=["AUTH-01"])
@pytest.mark.parametrize("kind", list(_ODD_VALUES))
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
async def test_odd_value_does_not_break_the_server(probe: Probe, path: str, kind: str) -> None:
    """Numbers, texts and names at the edge of JSON are accepted or refused, and break nothing."""
    answer = await probe.post(path, content=_ODD_VALUES[kind], label=kind.replace("_", " "))
    _expect_no_server_error(answer)


@clause("ERROR-12", needs=["AUTH-01"])
@pytest.mark.parametrize(
    ("path", "change", "param"),
    [
        (CHAT, {"temperature": 7}, "temperature"),
        (CHAT, {"max_tokens": -5}, "max_tokens"),
        (CHAT, {"messages": "hello"}, "messages"),
        (CHAT, {"model": None}, "model"),
        (CHAT, {"model": UNKNOWN_MODEL}, "model"),
        (EMBEDDINGS, {"input": 5}, "input"),
        (EMBEDDINGS, {"model": UNKNOWN_MODEL}, "model"),
    ],
    ids=lambda value: value if isinstance(value, str) else "with",
)
async def test_param_names_the_field_at_fault(probe: Probe, path: str, change: dict[str, Any], param: str) -> None:
    """One field is wrong; if the error names one, it is this."""
    good = await _good_body(probe, path)
    answer = await probe.post(path, {**good, **change}, label=f"with a wrong {param}")
    error = read_error(answer)
    if error is None:
        raise NotApplicable(f"answered {answer.status} without an envelope, which another clause judges")
    expect_param(answer, error.get("param"), param)


@clause("ERROR-13", needs=["AUTH-01", "CHAT-01"])
async def test_server_goes_on_after_refused_requests(probe: Probe) -> None:
    """A good request right after a bad one is answered as before.

    Each good one is sent once, since a second try would come after a good one; a single one may fail by chance.
    """
    for body in (b"{", b"[]", b'{"model": 5}'):
        failed = []
        for _ in range(3):
            await probe.post(CHAT, content=body, is_patient=False, label="with a bad body")
            answer = await probe.post(CHAT, await chat_body(probe), is_patient=False, label="right after a bad body")
            if answer.status < 500:
                break
            failed.append(answer)
        else:
            received = f"{len(failed)} times {failed[-1].describe()}"
            raise Broken(expected="an answer as before", received=received, answer=failed[-1])


_NO_HTTP: dict[str, bytes] = {
    "words": b"hello\r\n\r\n",
    "binary": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "bad_length": b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    "bad_chunk": b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad_header": b"GET /v1/models HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n",
    "unfinished": b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Le",
}


@clause("ERROR-13", needs=["AUTH-01"], is_last=True)
@pytest.mark.parametrize("kind", list(_NO_HTTP))
async def test_server_goes_on_after_what_is_no_http(probe: Probe, kind: str) -> None:
    """Bytes that are no request do not take the server away from everybody else."""
    await probe.send_bytes(_NO_HTTP[kind], timeout_s=1.0)
    answer = await probe.get(MODELS, label=f"after {kind.replace('_', ' ')}")
    _expect_no_server_error(answer)


async def _provoked(probe: Probe, kind: str, path: str) -> Answer:
    """Return the answer to a request with this fault, sent once in a run."""
    answer: Answer = await probe.fact(f"provoked {kind} {path}", lambda asker: _provoke(asker, kind, path))
    return answer


async def _provoked_all(probe: Probe) -> list[Answer]:
    return [await _provoked(probe, kind, path) for path in (CHAT, EMBEDDINGS) for kind in _KINDS]


async def _provoke(probe: Probe, kind: str, path: str) -> Answer:
    good = await _good_body(probe, path)
    field = "messages" if path == CHAT else "input"
    if kind == "unknown_route":
        return await probe.post(path + "/no-such-route", good)
    if kind == "wrong_verb":
        return await probe.get(path)
    contents = {"no_json": b"{", "no_object": b"[]"}
    if kind in contents:
        return await probe.post(path, content=contents[kind], label=kind.replace("_", " "))
    bodies: dict[str, Any] = {
        "unknown_model": {**good, "model": UNKNOWN_MODEL},
        "no_model": {name: value for name, value in good.items() if name != "model"},
        "wrong_type": {**good, field: 5},
    }
    return await probe.post(path, bodies[kind], label=kind.replace("_", " "))


async def _expect_bad_body(probe: Probe, route: Route, body: bytes, kind: str) -> None:
    path = await path_of(probe, route)
    answer = await probe.send(route.method, path, content=body, label=f"with a body: {kind.replace('_', ' ')}")
    await _skip_missing(probe, route.path, answer)
    expect_refusal(answer, 400, why="a bad body")


async def _skip_missing(probe: Probe, path: str, answer: Answer) -> None:
    """Raise NotApplicable where the route is not there, and Undecided where it answers no valid request either."""
    if answer.status in {401, 403}:
        raise Undecided(f"the key is not let in: {answer.describe()}", answer=answer)
    route = next(route for route in ROUTES if route.path == path)
    if answer.status in {404, 405, 501} and not await is_there(probe, route):
        raise NotApplicable(f"the target has no {route}")
    if answer.status >= 500 and route in CORE_ROUTES and (await valid_answer(probe, path)).status >= 500:
        raise Undecided(f"{route} answers valid requests so, too: {answer.describe()}", answer=answer)


async def _good_body(probe: Probe, path: str) -> dict[str, Any]:
    return await chat_body(probe) if path == CHAT else {"model": await embeddings_model(probe), "input": "hi"}


async def _good(probe: Probe, path: str) -> Answer:
    return await probe.post(path, await _good_body(probe, path))


def _expect_json_type(answer: Answer) -> None:
    try:
        json.loads(answer.text)
    except (ValueError, RecursionError):
        return
    if answer.content_type != "application/json":
        received = f"{answer.headers.get('content-type', 'no Content-Type')!r} for {answer.describe()}"
        raise Broken(expected="Content-Type `application/json`", received=received, answer=answer)


def _expect_no_server_error(answer: Answer) -> None:
    if answer.status >= 500 and answer.status != 501:
        raise Broken(expected="anything below 500", received=answer.describe(), answer=answer)


def _is_of_the_api(answer: Answer) -> bool:
    return answer.path.startswith("/v1/")
