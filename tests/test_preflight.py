"""A target that cannot be checked is told at once, in one line with a remedy; anything that speaks HTTP is checked."""

import re
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from pydantic import SecretStr

from assisters_verify import preflight
from assisters_verify.preflight import Unreachable, look
from assisters_verify.settings import RunSettings, Secrets, Target

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve

API_KEY = "sk-test-7d1e4f9c2a8b30561234"


def settings(url: str, ca_file: Path | None = None) -> RunSettings:
    target = Target.model_validate({"base_url": url, "ca_file": ca_file})
    return RunSettings(target=target, secrets=Secrets(api_key=SecretStr(API_KEY)))


def unreachable(url: str, ca_file: Path | None = None) -> str:
    with pytest.raises(Unreachable) as caught:
        look(settings(url, ca_file))
    return str(caught.value)


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "404 Not Found", "429 Slow", "500 Oops", "302 Found"])
def test_any_answer_will_do_and_the_key_is_not_sent(serve: "Serve", status: str) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(b"<html>", status=status)

    server = serve(script)
    look(settings(server.url))
    (request,) = server.received
    assert (request.target, "authorization" in request.headers, API_KEY.encode() in request.raw) == ("/", False, False)


def test_answer_whose_body_never_ends_will_do(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_TIMEOUT_S", 1.0)

    def script(peer: "Peer") -> None:
        peer.read()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")
        peer.wait_for_end()

    server = serve(script)
    look(settings(server.url))
    assert server.connections == 1


def test_refused_port_is_told(refused_port: int) -> None:
    url = f"http://127.0.0.1:{refused_port}"
    assert unreachable(url) == (f"cannot reach {url}: Connection refused. Is it up, and are host and port right?")


def test_host_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def know_nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", know_nobody)
    assert unreachable("http://nobody.invalid") == (
        "cannot reach http://nobody.invalid: Name or service not known. Is it up, and are host and port right?"
    )


def test_port_that_speaks_no_http_is_told(serve: "Serve") -> None:
    server = serve(lambda peer: peer.send(b"SSH-2.0-OpenSSH_9.6\r\n"))
    message = unreachable(server.url)
    assert message.startswith(f"cannot reach {server.url}: what answers there does not speak HTTP (")
    assert message.endswith("Are scheme and port right?")


def test_port_that_never_answers_is_told_within_15_s(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    assert preflight._TIMEOUT_S < 15
    monkeypatch.setattr(preflight, "_TIMEOUT_S", 0.2)
    server = serve(lambda peer: peer.wait_for_end())
    assert unreachable(server.url) == (
        f"cannot reach {server.url}: no answer within 0.2 s. Is it up, and is the port right?"
    )


def test_certificate_that_is_not_trusted_is_told(serve: "Serve", tmp_path: Path) -> None:
    context = server_context(trustme.CA())
    ca_file = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(ca_file))
    server = serve(lambda peer: peer.wait_for_end(), tls=context)
    for named in (None, ca_file):
        message = unreachable(server.url, named)
        assert "its certificate is not trusted" in message
        assert message.endswith("Name the authority's file with --ca-file.")


def test_https_where_plain_http_is_spoken_is_told(serve: "Serve") -> None:
    server = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
    message = unreachable(server.url.replace("http:", "https:"))
    assert "TLS failed" in message
    assert message.endswith("Is it https, and is the port right?")


def test_plain_http_where_https_is_spoken_is_told(serve: "Serve") -> None:
    server = serve(lambda peer: peer.wait_for_end(), tls=server_context(trustme.CA()))
    message = unreachable(server.url.replace("https:", "http:"))
    assert message.endswith("Are scheme and port right?")


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_name_that_took_long_leaves_the_target_less_time(serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_ALL_S", 0.3)
    server = serve(lambda peer: peer.wait_for_end())
    message = unreachable(server.url)
    found = re.search(r"no answer within (\S+) s\.", message)
    assert found is not None
    assert 0 < float(found[1]) <= 0.3
