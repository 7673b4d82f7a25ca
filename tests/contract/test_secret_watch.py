"""Secrets in an answer are hidden before it is evidence, however it comes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.secret_watch import watch_for_secrets
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

SECRET = "9f86d081884c7d659a2feaa0c55ad015"


def secrets_of(document: Any) -> list[str]:
    return [document["secret"]] if isinstance(document, dict) and "secret" in document else []


async def ask(probe: Probe) -> bytes:
    answer = await probe.post("/v1/keys", {}, leave_after=watch_for_secrets(probe, "created_key", secrets_of))
    return answer.body


@pytest.mark.parametrize("size", [1000, 20, 7])
def test_secret_is_hidden_in_whatever_pieces_it_comes(
    serve: "Serve", with_probe: "ProbeRun", tmp_path: Path, size: int
) -> None:
    body = b'{"secret": "%s"}' % SECRET.encode()

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        peer.send(b"0\r\n\r\n")

    received = with_probe(serve(script).url, ask)
    kept = (tmp_path / "exchanges.jsonl").read_text()
    assert (received, SECRET in kept) == (body, False)


@pytest.mark.parametrize("body", ['{"secret": "%s", "deep": %s}', '{"a": 1, "secret" : "%s", "cut%s'])
def test_secret_of_what_cannot_be_read_is_hidden(
    serve: "Serve", with_probe: "ProbeRun", tmp_path: Path, body: str
) -> None:
    sent = (body % (SECRET, "[" * 50_000)).encode()

    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(sent)

    assert with_probe(serve(script).url, ask) == sent
    assert SECRET not in (tmp_path / "exchanges.jsonl").read_text()


def test_secret_of_a_second_try_is_hidden(serve: "Serve", with_probe: "ProbeRun", tmp_path: Path) -> None:
    answers = iter([(b'{"error": "no', "500 Internal Server Error"), (b'{"secret": "%s"}' % SECRET.encode(), "200 OK")])

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            body, status = next(answers)
            peer.answer(body, status=status)

    with_probe(serve(script).url, ask)
    assert SECRET not in (tmp_path / "exchanges.jsonl").read_text()
