"""A check's requests: tried again as the documentation says, kept as evidence, and blamed on nobody wrongly."""

import asyncio
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.probing import API_KEY, NOW, THROTTLED, answering, get, statuses

from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.session import Fact

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Script, Serve


# Trying again


def test_429_is_waited_out(serve: "Serve", with_probe: "ProbeRun", tmp_path: Path) -> None:
    answer = with_probe(serve(answering(THROTTLED, THROTTLED, "200 OK", headers=NOW)).url, get)
    assert (answer.status, answer.attempts) == (200, 3)
    assert statuses(tmp_path / "exchanges.jsonl") == [(429, 1), (429, 2), (200, 3)]


def test_429_that_stays_is_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    """It says nothing about the capability that was to be tested."""
    server = serve(answering(THROTTLED, headers="Retry-After: 100\r\n"))
    with pytest.raises(Undecided, match="still refused with 429 after waiting") as caught:
        with_probe(server.url, get)
    assert (len(server.received), caught.value.answer is not None) == (1, True)


def test_429_goes_to_who_asks_for_it(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering(THROTTLED))
    answer = with_probe(server.url, lambda probe: probe.get("/v1/models", is_patient=False))
    assert (answer.status, len(server.received)) == (429, 1)


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Unavailable", "504 Timeout"])
def test_server_error_is_tried_again(serve: "Serve", with_probe: "ProbeRun", status: str) -> None:
    assert with_probe(serve(answering(status, status, status, "200 OK")).url, get).status == 200


def test_server_error_that_stays_is_the_answer_after_three_more_tries(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("500 Oops"))
    answer = with_probe(server.url, get)
    assert (answer.status, answer.attempts, len(server.received)) == (500, 4, 4)


def test_each_try_is_sent_as_the_first_one(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("500 Oops", "200 OK"))
    with_probe(server.url, lambda probe: probe.post("/v1/x", {"a": "é"}, headers=[("Idempotency-Key", "k")]))
    first, second = server.received
    assert (second.raw, first.body) == (first.raw, '{"a": "é"}'.encode())


def test_each_new_try_takes_a_new_connection(serve: "Serve", with_probe: "ProbeRun") -> None:
    """Servers close a kept one without a word after an error of their own."""
    server = serve(answering("500 Oops", "200 OK"))
    with_probe(server.url, get)
    assert server.connections == 2


def test_broken_connection_is_tried_again(serve: "Serve", with_probe: "ProbeRun", tmp_path: Path) -> None:
    numbers = itertools.count()

    def script(peer: "Peer") -> None:
        peer.read()
        if next(numbers) < 2:
            peer.reset()
        peer.answer(b"{}")

    answer = with_probe(serve(script).url, get)
    assert (answer.status, answer.attempts) == (200, 3)
    assert statuses(tmp_path / "exchanges.jsonl") == [(None, 1), (None, 2), (200, 3)]


def breaks_on(path: str) -> "Script":
    """Return a script that answers everything but this path, on which it resets the connection."""

    def script(peer: "Peer") -> None:
        while True:
            if peer.read().target == path:
                peer.reset()
            peer.answer(b"{}", status="404 Not Found")

    return script


def test_broken_connection_is_broken_where_the_target_lives(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(breaks_on("/v1/models"))
    with pytest.raises(Broken, match=r"expected an HTTP answer, received .* \(GET /v1/models\)$"):
        with_probe(server.url, get)
    assert [request.target for request in server.received] == ["/v1/models"] * 3 + ["/"]


def test_silence_is_broken_where_the_target_lives(serve: "Serve", with_probe: "ProbeRun") -> None:
    """A deadline that passed once is not waited for again."""

    def script(peer: "Peer") -> None:
        while True:
            if peer.read().target == "/v1/models":
                peer.wait_for_end()
            peer.answer(b"{}")

    server = serve(script)
    with pytest.raises(Broken, match=r"nothing whole within 0\.2 s"):
        with_probe(server.url, get, timeout_s=0.2)
    assert [request.target for request in server.received] == ["/v1/models", "/"]


def test_refused_connection_is_undecided(with_probe: "ProbeRun", refused_port: int, tmp_path: Path) -> None:
    with pytest.raises(Undecided, match="the target is gone"):
        with_probe(f"http://127.0.0.1:{refused_port}", get)
    assert len(statuses(tmp_path / "exchanges.jsonl")) == 4


def test_target_that_breaks_everything_off_is_gone(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(lambda peer: peer.reset())
    with pytest.raises(Undecided, match="the target is gone"):
        with_probe(server.url, get)


def test_nobody_asks_a_target_that_is_gone_again_and_again(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(lambda peer: peer.reset())

    async def use(probe: Probe) -> None:
        for _ in range(20):
            with pytest.raises(Undecided):
                await get(probe)

    with_probe(server.url, use)
    assert server.connections <= 8


def test_target_that_comes_back_is_asked_again(
    serve: "Serve", with_probe: "ProbeRun", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assisters_verify.session._LOOK_AGAIN_S", 0.0)
    first = serve(answering("200 OK"))

    async def use(probe: Probe) -> list[int]:
        before = (await get(probe)).status
        await asyncio.to_thread(first.stop)
        with pytest.raises(Undecided):
            await get(probe)
        second = serve(answering("200 OK"), port=first.port)
        assert second.port == first.port
        return [before, (await get(probe)).status]

    assert with_probe(first.url, use) == [200, 200]


def test_body_that_ends_early_is_an_answer(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")

    answer = with_probe(serve(script).url, get)
    assert (answer.status, answer.body, bool(answer.broken_off)) == (200, b"{}", True)


# The key


def test_key_is_in_the_authorization_header_alone(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))
    with_probe(server.url, lambda probe: probe.post("/v1/chat/completions", {"model": "m"}))
    (request,) = server.received
    assert request.headers["authorization"] == f"Bearer {API_KEY}"
    assert request.raw.count(API_KEY.encode()) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_request_without_a_key_carries_none(serve: "Serve", with_probe: "ProbeRun", method: str) -> None:
    server = serve(answering("200 OK"))
    with_probe(server.url, lambda probe: probe.send(method, "/v1/keys", key=None))
    assert "authorization" not in server.received[0].headers


def test_look_at_whether_the_target_lives_carries_no_key(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))
    with_probe(server.url, lambda probe: probe.session.look_alive())
    assert API_KEY.encode() not in server.received[0].raw


def test_redirect_to_another_origin_never_gets_the_key(serve: "Serve", with_probe: "ProbeRun") -> None:
    other = serve(answering("200 OK"))
    server = serve(answering("307 Temporary Redirect", headers=f"Location: {other.url}/v1/models\r\n"))
    assert (with_probe(server.url, get).status, other.connections) == (307, 0)


def echo(peer: "Peer") -> None:
    """Answer with everything that came, in headers and body."""
    while True:
        request = peer.read()
        key = request.headers.get("authorization", "")
        peer.answer(request.raw + key.swapcase().encode(), headers=f"X-Key: {key}\r\nSet-Cookie: k={key[7:]}\r\n")


def test_keys_are_never_in_the_evidence(serve: "Serve", with_probe: "ProbeRun", tmp_path: Path) -> None:
    """Neither the run's own, nor a wrong one that was made of it and told to be kept secret."""
    wrong = API_KEY.swapcase()

    async def use(probe: Probe) -> None:
        probe.keep_secret("wrong_key", wrong)
        await probe.get(f"/v1/models?key={API_KEY}")
        await probe.get("/v1/models", key=wrong)
        await probe.post("/v1/x", {"key": API_KEY}, key=wrong)

    with_probe(serve(echo).url, use)
    evidence = (tmp_path / "exchanges.jsonl").read_text()
    assert [secret for secret in (API_KEY, wrong, API_KEY[:13], wrong[:13], API_KEY[-12:]) if secret in evidence] == []


# Facts


def test_fact_is_found_out_once_and_is_evidence_of_all_who_ask(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))

    async def use(probe: Probe) -> tuple[list[Any], list[list[str]]]:
        probes = [Probe(probe.session, check=f"c{number}", clause="CHAT-01") for number in range(5)]

        async def find(finder: Probe) -> int:
            return (await get(finder)).status

        values = await asyncio.gather(*(each.fact("models", find) for each in probes))
        return values, [each.evidence for each in probes]

    values, evidence = with_probe(server.url, use)
    assert (values, evidence, len(server.received)) == ([200] * 5, [["x0001"]] * 5, 1)


def test_what_a_fact_raises_is_raised_for_all_who_ask(serve: "Serve", with_probe: "ProbeRun") -> None:
    async def find(_: Probe) -> None:
        raise Undecided("nobody knows")

    async def use(probe: Probe) -> list[Any]:
        return await asyncio.gather(*(probe.fact("x", find) for _ in range(3)), return_exceptions=True)

    assert [str(result) for result in with_probe(serve(echo).url, use)] == ["nobody knows"] * 3


def test_fact_survives_the_check_that_asked_first(serve: "Serve", with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> int:
        may_go_on = asyncio.Event()

        async def find(_: Probe) -> int:
            await may_go_on.wait()
            return 7

        first = asyncio.create_task(probe.fact("x", find))
        second = asyncio.create_task(probe.fact("x", find))
        await asyncio.sleep(0)
        first.cancel()
        may_go_on.set()
        return int(await second)

    assert with_probe(serve(echo).url, use) == 7


def test_facts_that_are_still_being_found_out_can_be_ended(serve: "Serve", with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> bool:
        async def never() -> Fact:
            await asyncio.Event().wait()
            raise AssertionError

        task = probe.session.fact("x", never)
        await asyncio.sleep(0)
        await probe.session.end_facts()
        return task.cancelled()

    assert with_probe(serve(echo).url, use) is True


# What is sent and what comes


def test_answer_tells_what_came(serve: "Serve", with_probe: "ProbeRun") -> None:
    headers = "X-A: 1\r\nx-a: 2\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
    answer = with_probe(serve(answering("201 Created", headers=headers)).url, get)
    assert (answer.status, answer.headers["x-a"], answer.content_type, answer.where, answer.is_success) == (
        201,
        "1, 2",
        "application/json",
        "GET /v1/models",
        True,
    )
    assert (answer.presented, 0 <= answer.first_byte_s <= answer.total_s, answer.pieces) == (API_KEY, True, ())


def test_answer_tells_what_was_sent(serve: "Serve", with_probe: "ProbeRun") -> None:
    answer = with_probe(serve(answering("200 OK")).url, lambda probe: probe.post("/v1/x", {"a": 1}, label="with an a"))
    assert (answer.sent, answer.sent_headers["content-type"], answer.where) == (
        b'{"a": 1}',
        "application/json",
        "POST /v1/x with an a",
    )


def test_request_without_a_body_says_nothing_of_its_kind(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))
    answer = with_probe(server.url, get)
    assert ("content-type" in server.received[0].headers, answer.sent) == (False, b"")


def test_presented_key_is_not_in_the_text_of_an_answer(serve: "Serve", with_probe: "ProbeRun") -> None:
    assert API_KEY not in repr(with_probe(serve(answering("200 OK")).url, get))


@pytest.mark.parametrize("body", [{"a": "\ud800"}, {"a": "x" * 500_000}, [], "", 0, None])
def test_any_json_can_be_sent(serve: "Serve", with_probe: "ProbeRun", body: Any) -> None:
    assert with_probe(serve(answering("200 OK")).url, lambda probe: probe.post("/v1/x", body)).status == 200


def test_content_is_sent_as_it_is(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering("200 OK"))
    with_probe(
        server.url,
        lambda probe: probe.post("/v1/x", content=b"\x00{", headers=[("content-type", "text/plain")]),
    )
    (request,) = server.received
    assert (request.body, request.raw.lower().count(b"content-type")) == (b"\x00{", 1)
