"""A request goes to its own origin only, whatever the target, the machine or a certificate says."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from tests.exchanging import AUTHORIZATION, LENGTH_2, answer_forever, fetch, fetch_all, get

from assisters_verify.wire import NoAnswer, Order

if TYPE_CHECKING:
    from tests.conftest import Peer, Script, ScriptedServer, Serve


# Redirects


def redirecting(location: Callable[["Peer"], str], status: str = "307 Temporary Redirect") -> "Script":
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b"", status=status, headers=f"Location: {location(peer)}\r\n")

    return script


@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
def test_redirect_within_the_origin_is_followed_with_method_and_body(serve: "Serve", status: str) -> None:
    def script(peer: "Peer") -> None:
        while True:
            if peer.read().target == "/a":
                peer.answer(b"", status=status, headers="Location: /b?c=d\r\n")
            else:
                peer.answer(b"{}")

    server = serve(script)
    reply = fetch(server.url, Order(method="POST", path="/a", body=b"[]", headers=(AUTHORIZATION,)))
    assert (reply.status, reply.body) == (200, b"{}")
    assert [(request.method, request.target, request.body) for request in server.received] == [
        ("POST", "/a", b"[]"),
        ("POST", "/b?c=d", b"[]"),
    ]


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other"])
def test_redirect_that_would_change_the_method_is_shown_as_it_is(serve: "Serve", status: str) -> None:
    server = serve(redirecting(lambda _: "/b", status))
    assert (fetch(server.url).status, len(server.received)) == (int(status[:3]), 1)


def test_redirects_in_a_circle_end_after_three(serve: "Serve") -> None:
    server = serve(redirecting(lambda _: "/again"))
    assert (fetch(server.url).status, len(server.received)) == (307, 4)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/v1/models",
        "//127.0.0.1:{port}/v1/models",
        "http://key@127.0.0.1:{port}/",
        "http://localhost:{own}/",
        "http://127.0.0.1:{own}@127.0.0.1:{port}/",
        "https://127.0.0.1:{own}/",
        "/\t/127.0.0.1:{port}/",
        "http:/\\127.0.0.1:{port}/",
        "http://127.0.0.1:{own}\\@127.0.0.1:{port}/",
        "http://127.0.0.1:{own}%40127.0.0.1:{port}/",
    ],
)
def test_redirect_to_another_origin_is_shown_and_not_followed(serve: "Serve", location: str) -> None:
    """Neither the key nor anything else reaches another origin, in whatever way its address is written."""
    other = serve(answer_forever)
    own: ScriptedServer = serve(redirecting(lambda _: location.format(port=other.port, own=own.port)))
    reply = fetch(own.url, Order(method="GET", path="/", headers=(AUTHORIZATION,)))
    assert (reply.status, other.connections) == (307, 0)


@pytest.mark.parametrize(
    "location", ["http://[", "http://127.0.0.1:x/", "", "/é", "/" + "x" * 70_000, "http:///"], ids=range(6)
)
def test_redirect_to_nowhere_is_shown_as_it_is(serve: "Serve", location: str) -> None:
    server = serve(redirecting(lambda _: location))
    assert fetch(server.url).status == 307


def test_cookies_are_not_sent_back(serve: "Serve") -> None:
    """A session that a good request opened must not let the next request in."""

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b"{}", headers="Set-Cookie: session=1; Path=/\r\n")

    server = serve(script)
    fetch_all(server.url, [get(), get(), get("/v1/models")])
    assert [request.headers.get("cookie") for request in server.received] == [None] * 3


# The machine's own settings


def test_proxies_and_netrc_of_the_machine_are_not_used(
    serve: "Serve", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy, server = serve(answer_forever), serve(answer_forever)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv(name.lower(), proxy.url)
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret-of-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(server.url)
    assert (proxy.connections, [request.headers.get("authorization") for request in server.received]) == (0, [None])


# TLS


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def test_certificate_of_a_named_authority_is_trusted(serve: "Serve", authority: trustme.CA, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    server = serve(answer_forever, tls=server_context(authority))
    replies = fetch_all(server.url, [get(), get()], ca_file=ca_file)
    assert ([reply.status for reply in replies], server.connections) == ([200, 200], 1)


def test_certificate_of_nobody_known_gets_no_request(serve: "Serve", authority: trustme.CA, tmp_path: Path) -> None:
    ca_file = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(ca_file))
    server = serve(answer_forever, tls=server_context(authority))
    with pytest.raises(NoAnswer) as caught:
        fetch(server.url, ca_file=ca_file)
    assert (caught.value.kind, "CERTIFICATE_VERIFY_FAILED" in str(caught.value), server.received) == (
        "connect",
        True,
        [],
    )


def test_plain_http_behind_https_is_no_answer(serve: "Serve", tmp_path: Path, authority: trustme.CA) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    server = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n" + LENGTH_2 + b"{}"))
    with pytest.raises(NoAnswer) as caught:
        fetch(server.url.replace("http:", "https:"), ca_file=ca_file)
    assert (caught.value.kind, "SSL" in str(caught.value)) == ("connect", True)


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
