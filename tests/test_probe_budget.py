"""Whatever a check sends counts for the budget and for the limit of its key."""

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from tests.probing import API_KEY, answering, get

from assisters_verify.judgement import Undecided
from assisters_verify.pacing import Pacer
from assisters_verify.probe import Probe
from assisters_verify.recorder import read_exchanges

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve


# The budget


def test_budget_is_never_exceeded_by_requests_that_wait(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))

    async def use(probe: Probe) -> list[Any]:
        return await asyncio.gather(*(get(probe) for _ in range(30)), return_exceptions=True)

    results = with_probe(server.url, use, budget={"max_requests": 5}, concurrency=2)
    refused = [str(result) for result in results if isinstance(result, Undecided)]
    assert (len(server.received), len(refused)) == (5, 25)
    assert set(refused) == {"the budget of 5 requests is spent (--max-requests)"}


def test_retries_count_for_the_budget(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("500 Oops"))
    with pytest.raises(Undecided, match="--max-requests"):
        with_probe(server.url, get, budget={"max_requests": 2})
    assert len(server.received) == 2


def test_raw_bytes_count_for_the_budget(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK", headers="Connection: close\r\n"))

    async def use(probe: Probe) -> None:
        for _ in range(2):
            await probe.send_bytes(b"GET / HTTP/1.1\r\n\r\n", timeout_s=0.1)
        with pytest.raises(Undecided, match="--max-requests"):
            await probe.send_bytes(b"GET / HTTP/1.1\r\n\r\n")

    with_probe(server.url, use, budget={"max_requests": 2})


def test_raw_bytes_and_what_came_for_them_are_evidence(serve: "Serve", with_probe: "ProbeRun", tmp_path: Path) -> None:
    server = serve(answering("418 Odd", headers="Connection: close\r\n"))

    async def use(probe: Probe) -> list[str]:
        await probe.send_bytes(b"NO / HTTP\r\n\r\n", timeout_s=0.2)
        return probe.evidence

    ids = with_probe(server.url, use)
    (exchange,) = read_exchanges(tmp_path / "exchanges.jsonl")
    sent, came = exchange.request.body, exchange.response
    assert sent is not None
    assert came is not None
    assert (ids, sent.text, came.status, came.reason) == ([exchange.id], "NO / HTTP\r\n\r\n", 418, "Odd")


def test_raw_bytes_go_over_tls_where_the_target_speaks_it(
    serve: "Serve", with_probe: "ProbeRun", tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = serve(answering("418 Odd", headers="Connection: close\r\n"), tls=context)

    async def use(probe: Probe) -> bytes:
        return (await probe.send_bytes(b"GET /odd HTTP/1.1\r\n\r\n", timeout_s=1.0)).data

    found = with_probe(server.url, use, ca_file=tmp_path / "ca.pem")
    assert (found[:12], [request.target for request in server.received]) == (b"HTTP/1.1 418", ["/odd"])


def test_redirects_count_for_the_budget(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("307 Temporary Redirect", headers="Location: /v1/models\r\n"))

    async def use(probe: Probe) -> int:
        await get(probe)
        return probe.session.recorder.requests

    assert with_probe(server.url, use) == len(server.received) == 4


def test_request_that_went_out_twice_counts_twice(serve: "Serve", with_probe: "ProbeRun") -> None:
    """A kept connection that breaks is replaced without a word, but not without a count."""

    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(b"{}")
        peer.read()

    server = serve(script)

    async def use(probe: Probe) -> int:
        for _ in range(3):
            await get(probe)
        return probe.session.recorder.requests

    assert with_probe(server.url, use) == len(server.received) == 5


def test_what_was_made_is_taken_back_though_the_budget_is_spent(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))

    async def undo(probe: Probe) -> None:
        await probe.get("/v1/keys/1")
        await probe.delete("/v1/keys/1")

    async def use(probe: Probe) -> tuple[str, ...]:
        probe.owe("a key", lambda: undo(probe))
        for _ in range(3):
            await get(probe)
        with pytest.raises(Undecided, match="--max-requests"):
            await get(probe)
        return await probe.session.settle_debts()

    assert with_probe(server.url, use, budget={"max_requests": 4}) == ()
    assert [request.method for request in server.received] == ["GET", "GET", "GET", "GET", "DELETE"]


@pytest.mark.parametrize("is_patient", [True, False])
def test_request_keeps_within_the_limit_of_its_key_or_is_counted_for_it(
    serve: "Serve", with_probe: "ProbeRun", *, is_patient: bool
) -> None:
    told: list[str] = []

    class Noting(Pacer):
        def take(self) -> bool:
            told.append("taken")
            return True

        def count(self) -> None:
            told.append("counted")

    async def use(probe: Probe) -> None:
        probe.session._pacers[API_KEY] = Noting(requests=1, window_s=1)
        await probe.get("/v1/models", is_patient=is_patient)
        await probe.get("/v1/models", is_patient=is_patient, key=None)
        await probe.get("/v1/models", is_patient=is_patient, key="sk-another-key")

    with_probe(serve(answering("200 OK")).url, use)
    assert told == ["taken" if is_patient else "counted"]
