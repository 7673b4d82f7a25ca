"""Errors: each refusal in the documented form, whatever is wrong, and never a broken server."""

import json
import re
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.audit import LINE_TYPES
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import (
    envelope_problems,
    expect_envelope,
    expect_param,
    expect_refusal,
    read_error,
)
from assisters_verify.contract.models import MODELS, UNKNOWN_MODEL
from assisters_verify.contract.routes import CORE_ROUTES, Route, good_body, valid_answer
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.judgement import Broken, NotApplicable
from assisters_verify.probe import Probe

_TRACES = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|^\s+at .+\(.+:\d+:\d+\)|"
    r"goroutine \d+ \[|\bat [\w$.]+\([\w$]+\.java:\d+\)|panicked at|"
    r"(?:/usr|/home|/app|/root|site-packages)/\S+\.(?:py|js|rb|go)",
    re.MULTILINE,
)


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
    good = {**await good_body(probe, path), "model": UNKNOWN_MODEL}  # so that no model reads it
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


_UNKNOWN_ROUTES = [
    *(("/v1/no-such-route", method) for method in ("GET", "POST", "DELETE")),
    *(("/v1/chat/no-such-route", method) for method in ("GET", "POST")),
    ("/v1/chat", "GET"),
]


@clause("ERROR-06", needs=["AUTH-01"])
@pytest.mark.parametrize(("path", "method"), _UNKNOWN_ROUTES)
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
    answer = await _other_verb(probe, method, path)
    expect_refusal(answer, 404, 405, why="a verb that is not documented")
    expect_envelope(answer)


@clause("ERROR-08", needs=["AUTH-01"])
@pytest.mark.parametrize("route", CORE_ROUTES, ids=lambda route: route.test_id)
async def test_json_answer_says_so(probe: Probe, route: Route) -> None:
    """A good answer says `application/json`."""
    answer = await valid_answer(probe, route.path)
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


_ODD_TEXTS = ("lone_surrogate", "null_character", "long_model")


@clause("ERROR-11", needs=["AUTH-01"])
@pytest.mark.parametrize(
    ("path", "kind"), [*((CHAT, kind) for kind in _ODD_VALUES), *((EMBEDDINGS, kind) for kind in _ODD_TEXTS)]
)
async def test_odd_value_does_not_break_the_server(probe: Probe, path: str, kind: str) -> None:
    """Numbers, texts and names at the edge of JSON are accepted or refused, and break nothing."""
    answer = await probe.post(path, content=_ODD_VALUES[kind], label=kind.replace("_", " "))
    _expect_no_server_error(answer)


@clause("ERROR-12", needs=["AUTH-01"])
@pytest.mark.parametrize(
    ("path", "change", "param"),
    [
        (CHAT, {"temperature": 2}, "temperature"),
        (CHAT, {"max_tokens": -1}, "max_tokens"),
        (CHAT, {"messages": "Hello"}, "messages"),
        (CHAT, {"model": None}, "model"),
        (CHAT, {"model": UNKNOWN_MODEL}, "model"),
        (EMBEDDINGS, {"input": 5}, "input"),
        (EMBEDDINGS, {"model": UNKNOWN_MODEL}, "model"),
    ],
    ids=lambda value: value if isinstance(value, str) else "with",
)
async def test_param_names_the_field_at_fault(probe: Probe, path: str, change: dict[str, Any], param: str) -> None:
    """One field is wrong; if the error names one, it is this."""
    good = await good_body(probe, path)
    answer = await post_once(probe, path, {**good, **change}, label=f"with a wrong {param}")
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


async def _other_verb(probe: Probe, method: str, path: str) -> Answer:
    """Return the answer to a verb that the documentation does not name for a route, sent once in a run."""

    async def ask(asker: Probe) -> Answer:
        body = await chat_body(asker) if path == CHAT and method in {"PUT", "PATCH"} else None
        return await asker.send(method, path, body)

    answer: Answer = await probe.fact(f"other verb {method} {path}", ask)
    return answer


async def _provoke(probe: Probe, kind: str, path: str) -> Answer:
    good = await good_body(probe, path)
    field = "messages" if path == CHAT else "input"
    if kind == "unknown_route":
        return await probe.post(path + "/no-such-route", good)
    if kind == "wrong_verb":
        return await _other_verb(probe, "GET", path)
    contents = {"no_json": b"{", "no_object": b"[]"}
    if kind in contents:
        return await post_once(probe, path, content=contents[kind], label=kind.replace("_", " "))
    bodies: dict[str, Any] = {
        "unknown_model": {**good, "model": UNKNOWN_MODEL},
        "no_model": {name: value for name, value in good.items() if name != "model"},
        "wrong_type": {**good, field: 5},
    }
    return await post_once(probe, path, bodies[kind], label=kind.replace("_", " "))


def _expect_json_type(answer: Answer) -> None:
    if answer.content_type in LINE_TYPES:
        return  # of one line, which is JSON by itself
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
