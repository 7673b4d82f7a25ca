"""The server in a thread: quick to start, at once to stop, several side by side, exact in time."""

import json
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from assisters_verify.reference import ReferenceOptions, ReferenceServer

BODY = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Count from 1 to 500"}], "stream": True}


def client_of(server: ReferenceServer, **options: Any) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    return httpx.Client(base_url=server.base_url, headers=headers, trust_env=False, timeout=10, **options)


def test_servers_run_side_by_side() -> None:
    with ReferenceServer() as one, ReferenceServer() as other, client_of(one) as first, client_of(other) as second:
        statuses = [client.get("/v1/models").status_code for client in (first, second)]
    assert (statuses, one.base_url == other.base_url) == ([200, 200], False)


def test_stop_cuts_open_streams_at_once() -> None:
    server = ReferenceServer(ReferenceOptions(token_gap_s=1.0))
    server.start()
    with client_of(server) as client, client.stream("POST", "/v1/chat/completions", json=BODY) as response:
        next(response.iter_lines())
        start_s = time.perf_counter()
        server.stop()
        took_s = time.perf_counter() - start_s
    assert took_s < 1.0


def test_stopped_server_gives_its_port_back() -> None:
    with ReferenceServer() as server:
        port = int(server.base_url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as listener:
        assert listener.getsockname()[1] == port


def test_taken_port_is_an_error() -> None:
    with ReferenceServer() as server, pytest.raises(OSError, match="in use"):
        ReferenceServer(ReferenceOptions(port=int(server.base_url.rpartition(":")[2]))).start()


def test_unknown_fault_lists_the_nearest() -> None:
    with pytest.raises(ValueError, match="stream_is_buffered"):
        ReferenceServer(ReferenceOptions(faults=("stream_is_bufered",))).start()


def test_log_holds_the_true_times(tmp_path: Path) -> None:
    """Chunk k leaves at latency + k * gap after the arrival, and lateness does not add up."""
    log = tmp_path / "times.jsonl"
    options = ReferenceOptions(latency_s=0.05, token_gap_s=0.01, tokens=20, log_path=log)
    with ReferenceServer(options) as server, client_of(server) as client:
        client.post("/v1/chat/completions", json=BODY, headers={"X-Request-Id": "one"})
    line = json.loads(log.read_text())
    late_s = [sent_s - line["arrived_s"] - 0.05 - 0.01 * k for k, sent_s in enumerate(line["sent_s"][:20])]
    assert (line["request_id"], len(line["sent_s"]), min(late_s) >= 0, min(late_s[10:]) < 0.01) == (
        "one",
        22,
        True,
        True,
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secure(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> ReferenceOptions:
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return ReferenceOptions(tls_certificate_file=folder / "certificate.pem", tls_key_file=folder / "key.pem")


def shake_hands(options: ReferenceOptions, authority: trustme.CA, newest: ssl.TLSVersion) -> str | None:
    """Return the version that was agreed upon."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.maximum_version = newest
    with ReferenceServer(options) as server:
        address = ("127.0.0.1", int(server.base_url.rpartition(":")[2]))
        with (
            socket.create_connection(address) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped,
        ):
            return wrapped.version()


def test_tls_1_3_is_negotiated(secure: ReferenceOptions, authority: trustme.CA) -> None:
    assert shake_hands(secure, authority, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def test_tls_1_2_is_refused(secure: ReferenceOptions, authority: trustme.CA) -> None:
    with pytest.raises(ssl.SSLError):
        shake_hands(secure, authority, ssl.TLSVersion.TLSv1_2)


@pytest.mark.parametrize(
    ("fault", "newest", "version"),
    [
        ("tls_1_3_is_missing", ssl.TLSVersion.TLSv1_3, "TLSv1.2"),
        ("tls_1_2_is_accepted", ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
        ("every_tls_version_is_accepted", ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
    ],
)
def test_tls_faults_speak_older_versions(
    secure: ReferenceOptions, authority: trustme.CA, fault: str, newest: ssl.TLSVersion, version: str
) -> None:
    options = ReferenceOptions(
        tls_certificate_file=secure.tls_certificate_file, tls_key_file=secure.tls_key_file, faults=(fault,)
    )
    assert shake_hands(options, authority, newest) == version


@pytest.mark.parametrize(
    "fault", ["certificate_is_self_signed", "certificate_is_of_another_host", "certificate_has_expired"]
)
def test_certificate_faults_are_not_trusted(secure: ReferenceOptions, authority: trustme.CA, fault: str) -> None:
    options = ReferenceOptions(
        tls_certificate_file=secure.tls_certificate_file, tls_key_file=secure.tls_key_file, faults=(fault,)
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(options, authority, ssl.TLSVersion.TLSv1_3)


def test_header_spelling_counts_for_its_fault() -> None:
    """Only a real connection shows it: ASGI lowers the names of headers."""
    with ReferenceServer(ReferenceOptions(faults=("idempotency_header_needs_its_spelling",))) as server:
        ids = {
            spelling: [_complete(server, spelling) for _ in range(2)]
            for spelling in ("Idempotency-Key", "IDEMPOTENCY-KEY")
        }
    assert [one == other for one, other in ids.values()] == [True, False]


def _complete(server: ReferenceServer, spelling: str) -> str:
    body = json.dumps({**BODY, "stream": False, "max_tokens": 1})
    host, port = server.base_url.removeprefix("http://").split(":")
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.api_key}\r\n"
        f"{spelling}: {spelling.lower()}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall((head + body).encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["id"])
