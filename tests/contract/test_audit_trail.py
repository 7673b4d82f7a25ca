"""What was just done is found in the log, whichever kind of log it is."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract import audit_trail
from assisters_verify.contract.audit_trail import find_trail
from assisters_verify.judgement import Broken, Judgement, Undecided

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Peer, ProbeRun, Received, Script, Serve

Entry = dict[str, Any]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_trail, "_PAUSES_S", (0.0, 0.0, 0.0))


def target(
    note: "Callable[[Received], Entry | None]", *, lag: int = 0, has_more: bool = False, earlier: int = 0
) -> "Script":
    """Return a script that logs what `note` returns, after `earlier` entries; an entry is shown after `lag` more reads
    of the log."""
    log: list[tuple[int, Entry]] = [(-1, {"method": "GET", "path": "/v1/models"})] * earlier
    reads = 0

    def script(peer: "Peer") -> None:
        nonlocal reads
        while True:
            request = peer.read()
            entry = note(request)
            if entry is not None:
                log.append((reads + lag, entry))
            if request.target.startswith("/v1/audit"):
                reads += 1
                shown = [entry for due, entry in log if due < reads]
                peer.answer(json.dumps({"entries": shown, "has_more": has_more}).encode())
            elif request.target == "/v1/keys":
                peer.answer(b'{"id": "key_0001", "key": "sk-4f9c2a7d1e8b30561122"}', status="201 Created")
            else:
                peer.answer(b'{"id": "chat_0001", "choices": []}')

    return script


def request_log(request: "Received") -> Entry:
    return {"method": request.method, "path": request.target.partition("?")[0]}


def request_log_without_chat(request: "Received") -> Entry | None:
    return None if "chat" in request.target else request_log(request)


def key_log(request: "Received") -> Entry | None:
    found = re.fullmatch(r"/v1/keys/(\w+)", request.target)
    return {"action": "key.deleted", "resource": f"/v1/keys/{found.group(1)}"} if found else None


def nameless_log(request: "Received") -> Entry | None:
    return {"event": "inference"} if "chat" in request.target else None


def nothing(_: "Received") -> None:
    return None


MODELS = {"chat": "m1"}


@pytest.mark.parametrize(
    "script",
    [target(request_log), target(request_log, lag=3), target(key_log), target(nameless_log)],
    ids=["requests", "late", "keys", "nameless"],
)
def test_trail_is_found(serve: "Serve", with_probe: "ProbeRun", script: "Script") -> None:
    assert with_probe(serve(script).url, find_trail, models=MODELS).entries != frozenset()


@pytest.mark.parametrize(
    ("script", "judgement"),
    [
        (target(nothing), Broken),
        (target(request_log_without_chat), Broken),
        (target(request_log, lag=100), Broken),
        (target(nothing, has_more=True), Undecided),
    ],
    ids=["empty", "without chat", "far too late", "on another page"],
)
def test_missing_trail_is_told_of(
    serve: "Serve", with_probe: "ProbeRun", script: "Script", judgement: type[Judgement]
) -> None:
    with pytest.raises(judgement):
        with_probe(serve(script).url, find_trail, models=MODELS)


@pytest.mark.parametrize("earlier", range(6))
def test_log_that_grows_is_no_full_page(serve: "Serve", with_probe: "ProbeRun", earlier: int) -> None:
    """However many entries there are at last, also as many as pages have."""
    script = target(request_log_without_chat, earlier=earlier)
    with pytest.raises(Broken):
        with_probe(serve(script).url, find_trail, models=MODELS)


def test_log_that_stays_as_long_as_a_page_may_be_one(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided):
        with_probe(serve(target(nothing, earlier=50)).url, find_trail, models=MODELS)
