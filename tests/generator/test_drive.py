"""Whatever a server does, a request ends as what became of it, and nothing hangs."""

import json
import ssl
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import gevent
import pytest
import trustme
from tests.generator.answering import (
    COMPLETION,
    END,
    ENVELOPE,
    HEAD,
    JSON,
    LAST_CHUNK,
    WORDS,
    MakeLane,
    answering,
    chunk,
    event,
    saying,
)

from assisters_verify.generator.clock import now_us
from assisters_verify.generator.drive import Drive
from assisters_verify.generator.lanes import ClosedLoop, Lane
from assisters_verify.generator.requests import Request
from assisters_verify.measures.ledger import NEVER, Problem
from assisters_verify.settings.load import LoadSettings

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve
    from tests.generator.conftest import DriveRun


def test_plain_answer_is_timed_and_counted(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    measures, rows = drive(serve(answering()).url, lane([0.0, 0.01]))
    group = measures.kinds["chat"]

    assert (dict(group.by_status), group.counters["ok"], group.counters["tokens"]) == ({"200": 2}, 2, 6)
    assert all(0 <= row.due_us <= row.sent_us <= row.first_byte_us <= row.end_us for row in rows)


def test_request_says_what_it_should(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    server = serve(answering())
    drive(server.url, lane())
    received = server.received[0]
    headers = {name: received.headers[name] for name in ("authorization", "accept-encoding", "content-type", "host")}

    assert (received.method, received.target, received.body, headers) == (
        "POST",
        "/v1/chat/completions",
        b'{"model": "m", "number": 0}',
        {
            "authorization": "Bearer sk-test-51c0ffee51c0ffee",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "host": f"127.0.0.1:{server.port}",
        },
    )


def test_connection_is_kept_and_used_again(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    server = serve(answering())
    drive(server.url, lane([0.0, 0.05, 0.1]))

    assert (len(server.received), server.connections) == (3, 1)


def test_stream_has_first_content_and_gaps(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(HEAD + chunk(event({"role": "assistant", "content": ""})))
        for word in WORDS:
            peer.pause(0.02)
            peer.send(word)
        peer.send(END)

    measures, rows = drive(serve(script).url, lane(is_stream=True))
    histograms, row = measures.histograms, rows[0]
    gap_s = histograms["gap_s"].quantile_s(0.0)

    assert (row.chunks, row.problem, histograms["gap_s"].count) == (3, Problem.NONE, 2)
    assert row.first_content_us - row.first_byte_us >= 19_000
    assert (gap_s or 0.0) >= 0.015


def test_contents_that_were_received_at_once_have_no_gap(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    measures, _ = drive(serve(saying(HEAD + b"".join(WORDS) + END)).url, lane(is_stream=True))
    gaps = measures.histograms["gap_s"]

    assert (gaps.count, gaps.sum_us) == (2, 0)


@pytest.mark.parametrize(
    ("pieces", "is_stream", "word"),
    [
        ((HEAD + WORDS[0],), True, "cut"),
        ((HEAD + WORDS[0] + LAST_CHUNK,), True, "200"),
        ((HEAD + END,), True, "broken_stream"),
        ((HEAD + WORDS[0] + chunk(b"data: {garbled\n\n") + END,), True, "broken_stream"),
        ((HEAD + WORDS[0] + chunk(b'data: {"error": {"message": "x"}}\n\n') + END,), True, "broken_stream"),
        ((HEAD + WORDS[0] + b"zz\r\n",), True, "not_http"),
        ((b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + event({"content": "a"}),), True, "200"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}",), True, "broken_stream"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}",), False, "cut"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<html/>  ",), False, "broken_body"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}trailing",), False, "not_http"),
        ((b"HTTP/1.1 200 OK\r\n\r\n", COMPLETION), False, "200"),
        ((b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",), False, "200"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), False, "not_http"),
        ((b"HTTP/1.1 200",), False, "cut"),
        ((), False, "reset"),
        ((b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",), False, "503"),
        ((b"HTTP/1.1 204 None\r\n\r\n",), False, "broken_body"),
        ((b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",), False, "302"),
    ],
)
def test_answer_is_told_as_what_it_is(
    serve: "Serve", drive: "DriveRun", lane: MakeLane, pieces: tuple[bytes, ...], *, is_stream: bool, word: str
) -> None:
    measures, _ = drive(serve(saying(*pieces)).url, lane(is_stream=is_stream))

    assert dict(measures.by_status) == {word: 1}


def test_failures_never_enter_the_figures(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    measures, _ = drive(serve(saying(HEAD + WORDS[0] + WORDS[1])).url, lane(is_stream=True))

    assert {name: each.count for name, each in measures.whole().histograms.items() if each.count} == {}
    assert measures.counters["failed"] == 1


def test_silent_server_is_given_up(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.wait_for_end()

    measures, _ = drive(serve(script).url, lane(), target={"timeout_s": 0.3})

    assert dict(measures.by_status) == {"timeout": 1}


def test_trickle_is_given_up_too(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(HEAD)
        while True:
            peer.pause(0.05)
            peer.send(WORDS[0])

    measures, rows = drive(serve(script).url, lane(is_stream=True), target={"timeout_s": 0.4})

    assert (dict(measures.by_status), rows[0].chunks > 0) == ({"timeout": 1}, True)


def test_unreachable_target_is_told(refused_port: int, drive: "DriveRun", lane: MakeLane) -> None:
    measures, rows = drive(f"http://127.0.0.1:{refused_port}", lane())

    assert (dict(measures.by_status), rows[0].sent_us) == ({"unreachable": 1}, NEVER)


def test_stale_connection_is_replaced_once_in_silence(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    """The server closes a kept connection just when the next request arrives."""

    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(COMPLETION, headers=JSON)
        peer.wait_for_bytes()
        peer.reset()

    server = serve(script)
    measures, _ = drive(server.url, lane([0.0, 0.1]))

    assert (dict(measures.by_status), server.connections) == ({"200": 2}, 2)


def test_connection_that_the_server_ends_is_not_used_again(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(COMPLETION, headers=JSON + "Connection: close\r\n")

    server = serve(script)
    measures, _ = drive(server.url, lane([0.0, 0.05, 0.1]))

    assert (dict(measures.by_status), server.connections) == ({"200": 3}, 3)


def test_early_answer_to_a_large_request_counts(serve: "Serve", drive: "DriveRun") -> None:
    def script(peer: "Peer") -> None:
        peer.answer(ENVELOPE, status="400 Bad Request", headers=JSON + "Connection: close\r\n")
        peer.wait_for_end()

    def large(_random: Random, _number: int) -> Request:
        return Request(kind="chat", path="/v1/chat/completions", body=b" " * 8_000_000)

    measures, _ = drive(
        serve(script).url,
        Lane(name="large", kind="chat", request=large, arrivals=ClosedLoop(users=1, pause_s=60)),
        users=1,
        duration_s=1.0,
        drain_s=5.0,
    )

    assert dict(measures.by_status) == {"400": 1}


@pytest.mark.parametrize(("cap", "reason"), [({"max_requests": 3}, "max_requests"), ({"max_tokens": 15}, "max_tokens")])
def test_cap_stops_the_run(serve: "Serve", drive: "DriveRun", lane: MakeLane, cap: dict[str, int], reason: str) -> None:
    server = serve(answering())
    measures, _ = drive(server.url, lane([0.0, 0.02, 0.04, 0.06, 0.08], tokens=10), **cap)

    assert len(server.received) <= 3
    assert sum(health.figures["capped"] for health in measures.health.values()) == 1, reason


def test_rate_is_capped_in_a_closed_loop_too(serve: "Serve", drive: "DriveRun") -> None:
    def plain(_random: Random, number: int) -> Request:
        return Request(kind="chat", path="/v1/chat/completions", body=b"%d" % number)

    users = Lane(name="users", kind="chat", request=plain, arrivals=ClosedLoop(users=4))
    measures, _ = drive(serve(answering()).url, users, users=4, duration_s=1.0, max_rate_per_s=20.0)

    # A quarter of a second's requests may come in a bunch.
    assert 15 <= measures.counters["sent"] <= 26


def test_warm_up_is_sent_and_left_out(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    server = serve(answering())
    measures, rows = drive(server.url, lane([0.0, 0.05, 0.3]), warm_up_s=0.2)

    assert (len(server.received), len(rows), measures.counters["sent"]) == (3, 3, 1)


def test_what_is_under_way_at_the_end_is_waited_for(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.pause(0.5)
        peer.answer(COMPLETION, headers=JSON)

    measures, _ = drive(serve(script).url, lane(), duration_s=0.2)

    assert dict(measures.by_status) == {"200": 1}


def test_what_outlasts_the_drain_is_unfinished(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.wait_for_end()

    measures, _ = drive(serve(script).url, lane(), duration_s=0.2, drain_s=0.2)

    assert dict(measures.by_status) == {"unfinished": 1}


def test_run_that_is_stopped_sends_nothing_more_and_waits_for_the_rest(serve: "Serve") -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.pause(0.02)
            peer.answer(COMPLETION, headers=JSON)

    def plain(_random: Random, _number: int) -> Request:
        return Request(kind="chat", path="/v1/chat/completions", body=b"{}")

    users = Lane(name="users", kind="chat", request=plain, arrivals=ClosedLoop(users=3, spread_s=0.0))
    target = {"base_url": serve(script).url}
    settings = LoadSettings.model_validate({"scenario": "x", "target": target, "users": 3, "duration_s": 60.0})
    whole = Drive([users], settings, ("sk-test-51c0ffee51c0ffee",), started_us=now_us())
    gevent.spawn_later(0.3, whole.stop, "interrupted")
    whole.run()
    measures, _ = whole.take_last()

    assert (whole.reason, set(measures.by_status), whole.under_way) == ("interrupted", {"200"}, 0)


def test_open_loop_counts_from_the_moment_that_was_due(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    """A server that takes one request at a time holds up the second: its wait is part of its latency."""

    def script(peer: "Peer") -> None:
        peer.read()
        peer.pause(0.3)
        peer.answer(COMPLETION, headers=JSON + "Connection: close\r\n")

    measures, rows = drive(serve(script, is_serial=True).url, lane([0.0, 0.01]))
    latency_s = measures.histograms["latency_s"].quantile_s(1.0)

    assert (rows[1].due_us, latency_s is not None and latency_s >= 0.55) == (10_000, True)


def test_secret_that_nobody_asked_for_is_in_no_evidence(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    measures, _ = drive(serve(answering(b'{"choices": [], "key": "ask_2ebc896de9b6be75fe72"}')).url, lane())
    text = json.dumps(measures.to_wire())

    assert ("2ebc896d" in text, "{{shown_secret_0}}" in text) == (False, True)


def test_secrets_are_in_no_evidence(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    body = b'{"choices": [], "echo": "sk-test-51c0ffee51c0ffee"}'
    measures, _ = drive(serve(answering(body)).url, lane())
    text = json.dumps(measures.to_wire())

    assert ("51c0ffee" in text, "{{key_0}}" in text, len(measures.samples), len(measures.slowest)) == (
        False,
        True,
        1,
        1,
    )


def tls_pair(tmp_path: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return context, tmp_path / "ca.pem"


def test_stream_over_tls_is_read_with_the_kernels_times(
    serve: "Serve", drive: "DriveRun", lane: MakeLane, tmp_path: Path
) -> None:
    context, ca_file = tls_pair(tmp_path)
    server = serve(saying(HEAD, *WORDS, END), tls=context)
    measures, rows = drive(server.url, lane(is_stream=True), target={"ca_file": ca_file})

    assert (dict(measures.by_status), rows[0].chunks) == ({"200": 1}, 3)


@pytest.mark.parametrize("host", ["127.0.0.1", "other.example"])
def test_certificate_that_is_not_trusted_or_not_the_hosts_is_refused(
    serve: "Serve", drive: "DriveRun", lane: MakeLane, tmp_path: Path, host: str
) -> None:
    context, ca_file = tls_pair(tmp_path, host)
    trusted = {} if host == "127.0.0.1" else {"target": {"ca_file": ca_file}}
    server = serve(answering(), tls=context)
    measures, _ = drive(server.url, lane(), **trusted)

    assert (dict(measures.by_status), server.received) == ({"tls": 1}, [])


def test_plain_server_behind_https_is_a_tls_problem(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    server = serve(lambda peer: peer.send(b"HTTP/1.1 400\r\n"))
    measures, _ = drive(server.url.replace("http:", "https:"), lane())

    assert dict(measures.by_status) == {"tls": 1}
