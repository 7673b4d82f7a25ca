"""What a server makes where it ought to refuse is hidden and taken back, with the credential that made it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assisters_verify.contract.refusals import post_in_vain
from assisters_verify.contract.routes import KEYS, WEBHOOKS

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

    from assisters_verify.probe import Probe

SECRET = "sk-4f9c2a7d1e8b30561122"
MADE = {"id": "made-1", "key": SECRET, "secret": SECRET}


def make_whatever_comes(peer: "Peer") -> None:
    while True:
        is_made = peer.read().method == "POST"
        peer.answer(json.dumps(MADE).encode() if is_made else b"", status="201 Created" if is_made else "204 Gone")


@pytest.mark.parametrize("path", [KEYS, WEBHOOKS])
@pytest.mark.parametrize("key", [None, "no-such-key-7d1e"])
def test_what_is_made_all_the_same_is_taken_back(
    serve: "Serve", with_probe: "ProbeRun", tmp_path: Path, path: str, key: str | None
) -> None:
    async def use(probe: "Probe") -> tuple[int, tuple[str, ...]]:
        answer = await post_in_vain(probe, path, content=b"[]", key=key)
        return answer.status, await probe.session.settle_debts()

    server = serve(make_whatever_comes)
    assert with_probe(server.url, use) == (201, ())
    made, undone = server.received
    assert (made.body, undone.method, undone.target) == (b"[]", "DELETE", f"{path}/made-1")
    expected = None if key is None else f"Bearer {key}"
    assert [request.headers.get("authorization") for request in (made, undone)] == [expected] * 2
    assert SECRET not in (tmp_path / "exchanges.jsonl").read_text()


def test_other_paths_are_asked_as_ever(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(make_whatever_comes)
    with_probe(server.url, lambda probe: post_in_vain(probe, "/v1/embeddings", {}, key=None))
    assert [(request.method, request.body) for request in server.received] == [("POST", b"{}")]
