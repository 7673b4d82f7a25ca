"""Authentication: every route needs a valid key, whole and exactly, as a bearer credential."""

import base64
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.keys import temporary_key
from assisters_verify.contract.models import MODELS
from assisters_verify.contract.refusals import post_in_vain
from assisters_verify.contract.routes import (
    CORE_ROUTES,
    ROUTES,
    Route,
    body_of,
    is_missing,
    is_there,
    key_opens_anything,
    path_of,
    valid_answer,
)
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe

WRONG_KEY = "sk-no-such-key-0a1b2c3d4e5f60718293"
_UNAUTHORIZED = 401

each_core_route = pytest.mark.parametrize("route", CORE_ROUTES, ids=lambda route: route.test_id)
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.test_id)


@clause("AUTH-01")
async def test_valid_key_opens_something(probe: Probe) -> None:
    """The run's own key gets an answer from at least one of the routes that everything else rests on."""
    if await key_opens_anything(probe):
        return
    answers = [await valid_answer(probe, route.path) for route in CORE_ROUTES]
    refused = [answer for answer in answers if answer.status in range(400, 500) and not is_missing(answer)]
    if not refused:
        raise Undecided("no route lets anybody in: " + "; ".join(answer.describe() for answer in answers))
    raise Broken(
        expected="the key to be let in", received=f"{refused[0].describe()} (is it the right key?)", answer=refused[0]
    )


@clause("AUTH-01")
@each_core_route
async def test_valid_key_is_let_in(probe: Probe, route: Route) -> None:
    """The key that opens one route opens the others."""
    answer = await valid_answer(probe, route.path)
    if answer.status in {401, 403} and await key_opens_anything(probe):
        raise Broken(expected="the key to be let in", received=answer.describe(), answer=answer)


@clause("AUTH-02", needs=["AUTH-01"])
@each_route
async def test_request_without_a_key_is_refused(probe: Probe, route: Route) -> None:
    """No Authorization header at all: 401."""
    await _expect_unauthorized(probe, route, key=None, label="without Authorization")


@clause("AUTH-03", needs=["AUTH-01"])
@each_route
async def test_unknown_key_is_refused(probe: Probe, route: Route) -> None:
    """A key that nobody was given: 401."""
    await _expect_unauthorized(probe, route, key=WRONG_KEY, label="with an unknown key")


@clause("AUTH-02", needs=["AUTH-01"])
async def test_deleting_a_key_needs_a_key(probe: Probe) -> None:
    """A key that is there is not deleted by somebody without one."""
    async with AsyncExitStack() as stack:
        try:
            created = await stack.enter_async_context(temporary_key(probe))
        except Undecided as undecided:
            raise NotApplicable(f"no key can be made to try it on: {undecided.reason}") from undecided
        for key in (None, WRONG_KEY):
            answer = await probe.delete(created.path, key=key, label=_named(key))
            expect_refusal(answer, _UNAUTHORIZED, why="no valid key")


@clause("AUTH-02", needs=["AUTH-01"])
@pytest.mark.parametrize("route", CORE_ROUTES[1:], ids=lambda route: route.test_id)
async def test_key_is_asked_for_before_the_body_is_looked_at(probe: Probe, route: Route) -> None:
    """Who has no key learns nothing about the rest of the request: 401 for a bad one too."""
    answer = await probe.post(route.path, {}, key=None, label="without Authorization, with an empty object")
    expect_refusal(answer, _UNAUTHORIZED, why="no key")


@clause("AUTH-02", needs=["AUTH-01"])
@pytest.mark.parametrize("path", ["/v1/keys/", "/v1/data/"])
async def test_deleting_without_a_key_is_refused(probe: Probe, path: str) -> None:
    """DELETE needs a key as every verb does: 401 before it is said whether the id exists."""
    route = Route(method="DELETE", path=path + "no-such-id-4d1f")
    answer = await probe.delete(route.path, key=None, label="without Authorization")
    if answer.status == 404:
        unknown = await probe.delete("/v1/no-such-route/x", key=None, label="without Authorization")
        if unknown.status == 404:
            return
    expect_refusal(answer, _UNAUTHORIZED, why="no key")


ALTERED: dict[str, Callable[[str], str]] = {
    "without_its_last_character": lambda key: key[:-1],
    "first_half": lambda key: key[: max(4, len(key) // 2)],
    "first_eight_characters": lambda key: key[:8],
    "without_its_first_character": lambda key: key[1:],
    "one_character_more": lambda key: key + "x",
    "last_character_changed": lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),
    "twice": lambda key: key + key,
    "other_case": str.swapcase,
    "upper_case": str.upper,
    "lower_case": str.lower,
}


@clause("AUTH-03", needs=["AUTH-01"])
@pytest.mark.parametrize("name", ["constructor", "__proto__"])
async def test_name_that_every_object_has_is_no_key(probe: Probe, name: str) -> None:
    """A table of keys that is an object of JavaScript has more entries than anybody put in."""
    answer = await probe.get(MODELS, key=name, label=f"with the key {name}")
    expect_refusal(answer, _UNAUTHORIZED, why="an unknown key")


@clause("AUTH-04", needs=["AUTH-01"])
@pytest.mark.parametrize("alteration", list(ALTERED))
async def test_altered_key_is_refused(probe: Probe, alteration: str) -> None:
    """The key counts whole and exactly."""
    key = _own_key(probe)
    altered = ALTERED[alteration](key)
    if altered in {key, ""}:
        raise NotApplicable("the key stays the same when it is altered so")
    probe.keep_secret(f"api_key_{alteration}", altered)
    answer = await probe.get(MODELS, key=altered, label=f"with the key, {alteration.replace('_', ' ')}")
    expect_refusal(answer, _UNAUTHORIZED, why="not the key")


@clause("AUTH-04", needs=["AUTH-01"])
@pytest.mark.parametrize("route", CORE_ROUTES[1:], ids=lambda route: route.test_id)
@pytest.mark.parametrize("alteration", ["first_half", "one_character_more", "other_case"])
async def test_altered_key_is_refused_by_posts(probe: Probe, route: Route, alteration: str) -> None:
    """The key counts whole on the routes that cost money, too."""
    key = _own_key(probe)
    altered = ALTERED[alteration](key)
    if altered == key:
        raise NotApplicable("the key stays the same when it is altered so")
    probe.keep_secret(f"api_key_{alteration}", altered)
    label = f"with the key, {alteration.replace('_', ' ')}"
    answer = await probe.post(route.path, await body_of(probe, route), key=altered, label=label)
    expect_refusal(answer, _UNAUTHORIZED, why="not the key")


CREDENTIALS: dict[str, Callable[[str], str]] = {
    "basic_user": lambda key: "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
    "basic_password": lambda key: "Basic " + base64.b64encode(f":{key}".encode()).decode(),
    "basic_raw": lambda key: f"Basic {key}",
    "token": lambda key: f"Token {key}",
    "api_key": lambda key: f"ApiKey {key}",
    "digest": lambda key: f"Digest {key}",
    "no_scheme": lambda key: key,
    "no_space": lambda key: f"Bearer{key}",
    "bearer_alone": lambda _: "Bearer",
    "bearer_null": lambda _: "Bearer null",
    "bearer_undefined": lambda _: "Bearer undefined",
    "bearer_twice": lambda key: f"Bearer Bearer {key}",
    "empty": lambda _: "",
}


@clause("AUTH-05", needs=["AUTH-01"])
@pytest.mark.parametrize("form", list(CREDENTIALS))
async def test_other_credential_is_refused(probe: Probe, form: str) -> None:
    """Only `Bearer KEY` is a credential."""
    header = ("Authorization", CREDENTIALS[form](_own_key(probe)))
    answer = await probe.get(MODELS, key=None, headers=[header], label=f"with Authorization: {form.replace('_', ' ')}")
    expect_refusal(answer, _UNAUTHORIZED, why="no bearer credential")


@clause("AUTH-05", needs=["AUTH-01"])
@pytest.mark.parametrize("form", ["basic_raw", "no_scheme", "bearer_alone", "empty"])
@pytest.mark.parametrize("route", CORE_ROUTES[1:], ids=lambda route: route.test_id)
async def test_other_credential_is_refused_by_posts(probe: Probe, route: Route, form: str) -> None:
    """Only `Bearer KEY` is a credential, on the routes that cost money too."""
    header = ("Authorization", CREDENTIALS[form](_own_key(probe)))
    label = f"with Authorization: {form.replace('_', ' ')}"
    answer = await probe.post(route.path, await body_of(probe, route), key=None, headers=[header], label=label)
    expect_refusal(answer, _UNAUTHORIZED, why="no bearer credential")


@clause("AUTH-06", needs=["AUTH-01"])
@pytest.mark.parametrize("key", [None, WRONG_KEY], ids=["no_key", "unknown_key"])
async def test_stream_without_a_valid_key_is_refused(probe: Probe, key: str | None) -> None:
    """A streaming request is refused with the plain status and body, before any event."""
    body = await chat_body(probe, stream=True)
    answer = await probe.post(CHAT, body, key=key, is_stream=True, label=f"with stream: true, {_named(key)}")
    expect_refusal(answer, _UNAUTHORIZED, why="no valid key")
    if answer.content_type == "text/event-stream":
        raise Broken(expected="a plain JSON body", received="an event stream", answer=answer)
    expect_envelope(answer)


@clause("AUTH-07", needs=["AUTH-01"])
@pytest.mark.parametrize("key", [None, WRONG_KEY], ids=["no_key", "unknown_key"])
@each_route
async def test_refusal_carries_the_envelope(probe: Probe, route: Route, key: str | None) -> None:
    """A 401 is told in the documented form, whoever refuses it first."""
    answer = await _refused(probe, route, key=key)
    if answer.status != _UNAUTHORIZED:
        raise NotApplicable(f"answered {answer.status}, which another clause judges")
    expect_envelope(answer)


@clause("AUTH-07", needs=["AUTH-01"])
@pytest.mark.parametrize("form", ["basic_raw", "bearer_alone", "empty", "no_scheme"])
async def test_refusal_of_another_credential_carries_the_envelope(probe: Probe, form: str) -> None:
    """A 401 for a malformed credential is told in the documented form too."""
    header = ("Authorization", CREDENTIALS[form](_own_key(probe)))
    answer = await probe.get(MODELS, key=None, headers=[header], label=f"with Authorization: {form.replace('_', ' ')}")
    if answer.status != _UNAUTHORIZED:
        raise NotApplicable(f"answered {answer.status}, which another clause judges")
    expect_envelope(answer)


@clause("AUTH-08", needs=["AUTH-01"])
async def test_refusal_names_the_scheme(probe: Probe) -> None:
    """`WWW-Authenticate: Bearer` tells a client what is wanted (RFC 9110 11.6.1)."""
    answer = await _refused(probe, CORE_ROUTES[0], key=None)
    if answer.status == _UNAUTHORIZED and "bearer" not in answer.headers.get("www-authenticate", "").lower():
        received = answer.headers.get("www-authenticate", "no such header")
        raise Broken(expected="`WWW-Authenticate: Bearer`", received=received, answer=answer)


@clause("AUTH-09")
@each_core_route
async def test_refusal_does_not_repeat_the_key(probe: Probe, route: Route) -> None:
    """A refused key is not shown to whoever reads the refusal."""
    answer = await _refused(probe, route, key=WRONG_KEY)
    if WRONG_KEY.encode() in answer.body or any(WRONG_KEY in value for value in answer.headers.values()):
        raise Broken(expected="a refusal without the key", received="the key that was presented", answer=answer)


@clause("AUTH-09", is_last=True)
async def test_no_answer_repeats_the_key(probe: Probe) -> None:
    """Neither bodies nor headers give back the credential that a request carried."""
    for answer in probe.session.seen:
        credential = answer.presented
        if credential is None or len(credential) < 8:
            continue
        if credential.encode() in answer.body or any(credential in value for value in answer.headers.values()):
            raise Broken(expected="an answer without the key", received="the key that was presented", answer=answer)


@clause("AUTH-10", needs=["AUTH-01"])
@pytest.mark.parametrize("header", ["X-API-Key", "Api-Key", "X-Auth-Token"])
async def test_key_in_another_header_is_refused(probe: Probe, header: str) -> None:
    """A key that travels elsewhere ends up in logs that do not know to hide it."""
    answer = await probe.get(MODELS, key=None, headers=[(header, _own_key(probe))], label=f"with the key in {header}")
    expect_refusal(answer, _UNAUTHORIZED, why="no Authorization header")


async def _expect_unauthorized(probe: Probe, route: Route, *, key: str | None, label: str) -> None:
    answer = await _refused(probe, route, key=key, label=label)
    if answer.status in {404, 405, 501} and not await is_there(probe, route):
        raise NotApplicable(f"the target has no {route}")
    expect_refusal(answer, _UNAUTHORIZED, why=_named(key))


async def _refused(probe: Probe, route: Route, *, key: str | None, label: str = "") -> Answer:
    """Return the answer to a request that ought to be refused; one for each route and key is enough for a run."""

    async def ask(asker: Probe) -> Answer:
        body, path = await body_of(asker, route), await path_of(asker, route)
        if route.makes_something:
            return await post_in_vain(asker, path, body, key=key, label=label or _named(key))
        return await asker.send(route.method, path, body, key=key, label=label or _named(key))

    answer: Answer = await probe.fact(f"refusal {route} {key}", ask)
    return answer


def _named(key: str | None) -> str:
    return "without a key" if key is None else "with an unknown key"


def _own_key(probe: Probe) -> str:
    secret = probe.settings.secrets.api_key
    if secret is None:
        raise Undecided("the run has no key")
    return secret.get_secret_value()
