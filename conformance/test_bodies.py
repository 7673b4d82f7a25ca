"""Bodies: what is no JSON, no object, or holds the wrong types is refused, however deep or odd it is."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.refusals import post_in_vain
from assisters_verify.contract.routes import KEYS, WEBHOOKS, good_body, require_route
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.judgement import Broken, Undecided
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
# One parser serves all routes, or each handler has one of its own: on the cheap routes the likeliest faults will do.
_LIKELIEST = ("empty", "word", "cut_object", "not_utf8", "null", "list", "text")


def _on_each_route(kinds: dict[str, bytes]) -> list[Any]:
    """Return the parameters `path` and `kind`: all kinds for the routes that cost money, the likeliest for others."""
    routes = {
        CHAT: "POST-chat_completions",
        EMBEDDINGS: "POST-embeddings",
        KEYS: "POST-keys",
        WEBHOOKS: "POST-webhooks",
    }
    return [
        pytest.param(path, kind, id=f"{kind}-{name}")
        for path, name in routes.items()
        for kind in kinds
        if path in {CHAT, EMBEDDINGS} or kind in _LIKELIEST
    ]


@clause("ERROR-02", needs=["AUTH-01"])
@pytest.mark.parametrize(("path", "kind"), _on_each_route(_NO_JSON))
async def test_body_that_is_no_json_is_refused(probe: Probe, path: str, kind: str) -> None:
    """What cannot be parsed is the client's fault: 400."""
    await _expect_bad_body(probe, path, _NO_JSON[kind], kind)


@clause("ERROR-03", needs=["AUTH-01"])
@pytest.mark.parametrize(("path", "kind"), _on_each_route(_NO_OBJECT))
async def test_body_that_is_no_object_is_refused(probe: Probe, path: str, kind: str) -> None:
    """JSON that is no object is no request: 400."""
    await _expect_bad_body(probe, path, _NO_OBJECT[kind], kind)


_SPOILT_BY_MANY = ("followed_by_garbage", "twice", "in_single_quotes", "with_a_python_word")
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
@pytest.mark.parametrize(
    ("kind", "path"), [*((kind, CHAT) for kind in _SPOILT), *((kind, EMBEDDINGS) for kind in _SPOILT_BY_MANY)]
)
async def test_good_request_that_is_spoilt_is_refused(probe: Probe, path: str, kind: str) -> None:
    """A request that is good but for one sign is no JSON: it is refused, not guessed at."""
    content = _SPOILT[kind](json.dumps(await good_body(probe, path))).encode()
    answer = await probe.post(path, content=content, label=kind.replace("_", " "))
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, why="malformed JSON")


@clause("ERROR-03", needs=["AUTH-01"])
@pytest.mark.parametrize("path", [CHAT, EMBEDDINGS])
@pytest.mark.parametrize("kind", ["in_a_list", "in_a_text"])
async def test_good_request_that_is_wrapped_is_refused(probe: Probe, path: str, kind: str) -> None:
    """A request inside a list or a text is no object."""
    good = await good_body(probe, path)
    answer = await probe.post(path, [good] if kind == "in_a_list" else json.dumps(good), label=kind.replace("_", " "))
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, why="no object")


@clause("ERROR-16", needs=["AUTH-01"])
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
async def test_word_that_is_no_json_number_is_refused(probe: Probe, word: str) -> None:
    """JSON has no such numbers (RFC 8259, 6)."""
    body = json.dumps({**await chat_body(probe), "temperature": "NUMBER"}).replace('"NUMBER"', word)
    answer = await post_once(probe, CHAT, content=body.encode(), label=f"with temperature {word}")
    await require_route(probe, CHAT, answer)
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
    body = {**await good_body(probe, path), "model": _WRONG_MODELS[kind]}
    answer = await post_once(probe, path, body, label=f"with model: {kind}")
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, param="model", why="model of the wrong type")


@clause("ERROR-04", needs=["AUTH-01"])
@pytest.mark.parametrize(
    ("path", "field"), [(CHAT, "model"), (CHAT, "messages"), (EMBEDDINGS, "model"), (EMBEDDINGS, "input")]
)
@pytest.mark.parametrize("kind", ["missing", "null"])
async def test_required_field_that_is_missing_is_refused(probe: Probe, path: str, field: str, kind: str) -> None:
    """What is required cannot be left out, nor be null."""
    body = {**await good_body(probe, path), field: None}
    if kind == "missing":
        del body[field]
    answer = await post_once(probe, path, body, label=f"with {field} {kind}")
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, param=field, why=f"{field} {kind}")


@clause("ERROR-04", needs=["AUTH-01"])
@pytest.mark.parametrize(("path", "field"), [(CHAT, "messages"), (EMBEDDINGS, "input")])
@pytest.mark.parametrize("kind", list(_SCALARS))
async def test_scalar_where_a_list_belongs_is_refused(probe: Probe, path: str, field: str, kind: str) -> None:
    """What cannot be walked through is refused, not walked through."""
    body = {**await good_body(probe, path), field: _SCALARS[kind]}
    answer = await post_once(probe, path, body, label=f"with {field}: {kind}")
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, param=field, why=f"{field} of the wrong type")


@clause("ERROR-04", needs=["AUTH-01"])
async def test_integer_beyond_all_machines_is_refused(probe: Probe) -> None:
    """A number that no machine holds is a wrong value, not a fault of the server."""
    body = json.dumps({**await chat_body(probe), "max_tokens": "NUMBER"}).encode().replace(b'"NUMBER"', b"1e999")
    answer = await post_once(probe, CHAT, content=body, label="with max_tokens 1e999")
    await require_route(probe, CHAT, answer)
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
    body = await chat_body(probe, messages=[entries[kind]])
    answer = await post_once(probe, CHAT, body, label=f"with a message: {kind}")
    await require_route(probe, CHAT, answer)
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
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, 413, why="absurdly nested")


async def _expect_bad_body(probe: Probe, path: str, body: bytes, kind: str) -> None:
    label = f"with a body: {kind.replace('_', ' ')}"
    answer = await post_once(probe, path, content=body, label=label, post=post_in_vain)
    await require_route(probe, path, answer)
    expect_refusal(answer, 400, why="a bad body")
