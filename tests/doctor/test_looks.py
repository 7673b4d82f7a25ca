"""Each look says what is so, and what to do where something stands in the way."""

import asyncio
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.doctor.findings import Finding, Mark
from assisters_verify.doctor.looks import (
    look_at_clock,
    look_at_latency,
    look_at_limits,
    look_at_receiver,
    look_at_tls,
)
from assisters_verify.settings import Webhook, parse_base_url

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve

NOW = datetime(2026, 11, 22, 20, 0, 0, tzinfo=UTC)


def brief(finding: Finding) -> tuple[Mark, str]:
    return finding.mark, finding.text


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sun, 22 Nov 2026 20:00:00 GMT", (Mark.WELL, "as this machine's")),
        ("Sun, 22 Nov 2026 19:59:58 GMT", (Mark.WELL, "as this machine's")),
        ("Sun, 22 Nov 2026 20:00:30 GMT", (Mark.NOTE, "30 s ahead of this machine's")),
        ("Sun, 22 Nov 2026 19:55:00 GMT", (Mark.TROUBLE, "300 s behind this machine's")),
        ("Sun, 22 Nov 2026 20:00:00 -0000", (Mark.WELL, "as this machine's")),
        ("soon", (Mark.NOTE, "the `Date` header is no date")),
        (None, (Mark.NOTE, "the target tells no time (no `Date` header)")),
    ],
)
def test_clocks_are_compared(date: str | None, expected: tuple[Mark, str]) -> None:
    assert brief(look_at_clock(date, now=NOW)) == expected


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ({"a": [0.01, 0.03, 0.02], "b": [1.5]}, (Mark.WELL, "a 20 ms (median of 3, 10 ms to 30 ms); b 1500 ms")),
        ({"a": [6.0]}, (Mark.NOTE, "a 6000 ms")),
        ({"a": []}, (Mark.NOTE, "nothing was answered")),
    ],
)
def test_latency_is_told_by_what_was_asked(samples: dict[str, list[float]], expected: tuple[Mark, str]) -> None:
    assert brief(look_at_latency(samples)) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-ratelimit-limit": "1000", "date": "x"}, (Mark.WELL, "x-ratelimit-limit: 1000")),
        ({"ratelimit-policy": '"a";q=1', "retry-after": "3"}, (Mark.WELL, 'ratelimit-policy: "a";q=1; retry-after: 3')),
        ({"date": "x"}, (Mark.NOTE, "no header tells of one")),
    ],
)
def test_announced_limits_are_told(headers: dict[str, str], expected: tuple[Mark, str]) -> None:
    assert brief(look_at_limits(headers)) == expected


@pytest.mark.parametrize(
    ("url", "expected"), [("http://127.0.0.1:1", Mark.NOTE), ("http://api.example.com", Mark.TROUBLE)]
)
def test_plain_http_is_told_and_off_this_machine_it_is_trouble(url: str, expected: Mark) -> None:
    assert asyncio.run(look_at_tls(parse_base_url(url), None)).mark is expected


def test_tls_that_fails_is_trouble(refused_port: int) -> None:
    finding = asyncio.run(look_at_tls(parse_base_url(f"https://127.0.0.1:{refused_port}"), None))
    assert (finding.mark, finding.text.startswith("unreachable")) == (Mark.TROUBLE, True)


def look_for(**webhook: Any) -> Finding:
    base_url = parse_base_url("https://api.example.com")
    return asyncio.run(look_at_receiver(Webhook(**webhook), base_url))


def test_without_an_address_only_a_target_on_this_machine_reaches_it() -> None:
    local = asyncio.run(look_at_receiver(Webhook(), parse_base_url("http://127.0.0.1:1")))
    assert (local.mark, look_for().mark) == (Mark.WELL, Mark.NOTE)


def test_an_address_that_leads_here_is_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = look_for(receiver_url=f"http://127.0.0.1:{port}/events", listen_port=port)
    assert brief(found) == (Mark.WELL, f"http://127.0.0.1:{port}/events leads here (as seen from this machine)")


def test_an_address_that_leads_elsewhere_is_trouble(serve: "Serve") -> None:
    def answer(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b"elsewhere")

    url = serve(answer).url
    found = look_for(receiver_url=f"{url}/events")
    assert (found.mark, found.text) == (Mark.TROUBLE, f"{url}/events answers 200, but does not lead here")


def test_a_port_that_is_taken_is_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = look_for(receiver_url=f"http://127.0.0.1:{port}/events", listen_port=port)
    assert (found.mark, found.text.startswith(f"cannot listen on 127.0.0.1:{port}: ")) == (Mark.TROUBLE, True)


def test_an_address_that_nobody_answers_is_trouble(refused_port: int) -> None:
    found = look_for(receiver_url=f"http://127.0.0.1:{refused_port}/events")
    assert (found.mark, "cannot be reached from here" in found.text) == (Mark.TROUBLE, True)
