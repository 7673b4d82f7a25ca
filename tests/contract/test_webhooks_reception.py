"""The suite's endpoints answer challenges whatever the parameter is called, and are found again behind a proxy."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assisters_verify.contract.webhooks_reception import (
    Reception,
    echo_another,
    echo_json,
    echo_nothing,
    find_challenge,
    is_reached_from_here,
    open_second,
    reception,
)
from assisters_verify.judgement import LeftOut, Undecided
from assisters_verify.probe import Probe
from assisters_verify.receiver import Request

if TYPE_CHECKING:
    from tests.conftest import ProbeRun

LOCAL = "http://127.0.0.1:9"


def request(target: str, method: str = "GET") -> Request:
    return Request(
        method=method, target=target, headers=(), body=b"", http_version="HTTP/1.1", began_s=0.0, ended_s=0.0
    )


@contextmanager
def free_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        yield taken.getsockname()[1]


async def get(url: str) -> tuple[int, str]:
    async with httpx.AsyncClient() as client:
        response = await client.get(url)
    return response.status_code, response.text


def settled(use: Any) -> Any:
    """Take back what was opened, as a session does."""

    async def whole(probe: Probe) -> Any:
        try:
            return await use(probe)
        finally:
            await probe.session.settle_debts()

    return whole


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("challenge=abc", ("challenge", "abc")),
        ("token=abc", ("token", "abc")),
        ("hub.mode=subscribe&hub.topic=events&hub.challenge=abc&hub.verify_token=def", ("hub.challenge", "abc")),
        ("mode=subscribe&verify_token=abc", ("verify_token", "abc")),
        ("a=1&b=a-long-value", ("b", "a-long-value")),
        ("challengeToken=a%2Bb%20c", ("challengeToken", "a+b c")),
        ("challenge=&token=abc", ("token", "abc")),
        ("abc", None),
        ("", None),
    ],
)
def test_challenge_is_found_in_the_query(query: str, expected: tuple[str, str] | None) -> None:
    assert find_challenge(request(f"/webhooks/verify?{query}")) == expected


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/webhooks/verify?challenge=abc"),
        ("GET", "/webhooks/verify"),
        ("GET", "/verify?challenge=abc"),
        ("GET", "/webhooks/verify/?challenge=abc"),
        ("GET", "/prefix/webhooks/verify?challenge=abc"),
        ("GET", "/hooks/TOKEN/webhooks/verify?challenge=abc"),
    ],
)
def test_what_is_not_documented_is_no_challenge(method: str, target: str) -> None:
    found = Reception()
    target = target.replace("TOKEN", found.new_token())
    assert found.challenge_in(request(target, method)) is None


def test_prefix_of_a_proxy_is_no_matter() -> None:
    assert Reception(is_public=True).challenge_in(request("/prefix/webhooks/verify?challenge=abc")) is not None


def test_token_is_given_back_as_text(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> tuple[int, str]:
        found = await reception(probe)
        return await get(f"{found.base}/webhooks/verify?challenge=a%2Bb")

    assert with_probe(LOCAL, settled(use)) == (200, "a+b")


def test_token_is_given_back_in_other_ways_inside_a_block(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> list[tuple[int, str]]:
        found = await reception(probe)
        answers = []
        for echo in (echo_json, echo_another, echo_nothing):
            with found.answering(echo):
                answers.append(await get(f"{found.base}/webhooks/verify?token=abc"))
        return [*answers, await get(f"{found.base}/webhooks/verify?token=abc")]

    expected = [(200, '{"token": "abc", "challenge": "abc"}'), (200, "000"), (404, "not found"), (200, "abc")]
    assert with_probe(LOCAL, settled(use)) == expected


def test_each_endpoint_has_its_own_visits(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> list[int]:
        found = await reception(probe)
        one, other = found.new_token(), found.new_token()
        async with httpx.AsyncClient() as client:
            await client.post(found.url_of(one), json={})
            await client.put(found.url_of(one), json={})
            await client.post(f"{found.base}/elsewhere", json={})
        return [len(found.visits_at(one)), len(found.visits_at(other))]

    assert with_probe(LOCAL, settled(use)) == [2, 0]


def test_endpoint_fails_as_often_as_it_is_told(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> list[int]:
        found = await reception(probe)
        token = found.new_token()
        found.failures[token] = [500, 410]
        async with httpx.AsyncClient() as client:
            return [(await client.post(found.url_of(token), json={})).status_code for _ in range(3)]

    assert with_probe(LOCAL, settled(use)) == [500, 410, 200]


def test_visit_becomes_evidence_once(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> tuple[list[str], int]:
        found = await reception(probe)
        await get(f"{found.base}/webhooks/verify?token=abc")
        found.cite(probe, *found.challenges())
        found.cite(probe, *found.challenges())
        return probe.evidence, probe.session.recorder.requests

    assert with_probe(LOCAL, settled(use)) == (["x0001", "x0001"], 0)


def test_target_elsewhere_needs_a_public_url(with_probe: "ProbeRun") -> None:
    with pytest.raises(LeftOut, match=r"webhook\.receiver_url"):
        with_probe("https://api.example.com", settled(reception))


def test_public_url_leads_to_the_receiver(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> tuple[str, bool]:
        found = await reception(probe)
        return found.url_of("t"), found.is_public

    webhook = {"receiver_url": "https://hooks.example.com/events/"}
    expected = ("https://hooks.example.com/events/hooks/t", True)
    assert with_probe("https://api.example.com", settled(use), webhook=webhook) == expected


def test_public_url_that_leads_here_is_told_from_one_that_does_not(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> tuple[bool, bool]:
        found = await reception(probe)
        goes_nowhere = await is_reached_from_here(probe, found)
        found.base = f"http://127.0.0.1:{found.receiver.port}"
        return goes_nowhere, await is_reached_from_here(probe, found)

    with free_port() as port:
        pass
    webhook = {"receiver_url": f"http://127.0.0.1:{port}"}
    assert with_probe(LOCAL, settled(use), webhook=webhook) == (False, True)


def test_taken_port_says_what_to_set(with_probe: "ProbeRun") -> None:
    with free_port() as port, pytest.raises(Undecided, match=r"webhook\.listen_port"):
        with_probe(LOCAL, settled(reception), webhook={"listen_port": port})


def test_second_reception_answers_in_its_own_way(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> tuple[bool, int]:
        found = await reception(probe)
        second = await open_second(probe, found, echo_nothing)
        status, _ = await get(f"{second.base}/webhooks/verify?token=abc")
        return second.base != found.base, status

    assert with_probe(LOCAL, settled(use)) == (True, 404)


def test_any_address_is_shown_as_one_that_leads_here(with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> bool:
        found = await reception(probe)
        return found.base == f"http://127.0.0.1:{found.receiver.port}"

    assert with_probe(LOCAL, settled(use), webhook={"listen_host": "0.0.0.0"}) is True
