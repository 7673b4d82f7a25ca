"""TLS handshakes: what is agreed on, refused, distrusted, or met with silence."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from assisters_verify.tls import Ending, Handshake, offer, shake_hands, strict_context

V1_0, V1_1, V1_2, V1_3 = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(
    authority: trustme.CA, *, oldest: ssl.TLSVersion = V1_3, newest: ssl.TLSVersion = V1_3, host: str = "127.0.0.1"
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = oldest, newest
    authority.issue_cert(host).configure_cert(context)
    return context


@asynccontextmanager
async def listening(
    tls: ssl.SSLContext | None, on_connect: Callable[[asyncio.StreamWriter], None] | None = None
) -> AsyncIterator[int]:
    connected: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer)
        if on_connect is not None:
            on_connect(writer)

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # failed handshakes are the point
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for writer in connected:
            writer.transport.abort()


def offered(context: ssl.SSLContext, oldest: ssl.TLSVersion, newest: ssl.TLSVersion) -> Handshake:
    async def run() -> Handshake:
        async with listening(context) as port:
            return await offer("127.0.0.1", port, oldest=oldest, newest=newest)

    return asyncio.run(run())


def test_agrees_on_the_newest_version_that_both_have(authority: trustme.CA) -> None:
    found = offered(server_context(authority, oldest=V1_2), V1_2, V1_3)
    assert (found.ending, found.version) == (Ending.AGREED, "TLSv1.3")


@pytest.mark.parametrize("newest", [V1_2, V1_1, V1_0])
def test_older_offers_are_refused_by_a_server_of_1_3(authority: trustme.CA, newest: ssl.TLSVersion) -> None:
    assert offered(server_context(authority), newest, newest).ending == Ending.REFUSED


@pytest.mark.parametrize(("newest", "version"), [(V1_2, "TLSv1.2"), (V1_1, "TLSv1.1"), (V1_0, "TLSv1")])
def test_older_offers_are_taken_by_a_server_of_old(authority: trustme.CA, newest: ssl.TLSVersion, version: str) -> None:
    found = offered(server_context(authority, oldest=V1_0), newest, newest)
    assert (found.ending, found.version) == (Ending.AGREED, version)


def test_offer_of_1_3_is_refused_by_a_server_of_1_2(authority: trustme.CA) -> None:
    assert offered(server_context(authority, oldest=V1_2, newest=V1_2), V1_3, V1_3).ending == Ending.REFUSED


def verified(authority: trustme.CA, trusted: trustme.CA, folder: Path, host: str = "127.0.0.1") -> Handshake:
    ca_file = folder / "ca.pem"
    trusted.cert_pem.write_to_path(str(ca_file))

    async def run() -> Handshake:
        async with listening(server_context(authority, host=host)) as port:
            return await shake_hands("127.0.0.1", port, strict_context(ca_file))

    return asyncio.run(run())


def test_certificate_of_the_named_authority_is_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    assert verified(authority, authority, tmp_path).ending == Ending.AGREED


def test_certificate_of_another_authority_is_untrusted(authority: trustme.CA, tmp_path: Path) -> None:
    assert verified(authority, trustme.CA(), tmp_path).ending == Ending.UNTRUSTED


def test_certificate_of_another_host_is_untrusted(authority: trustme.CA, tmp_path: Path) -> None:
    assert verified(authority, authority, tmp_path, host="example.com").ending == Ending.UNTRUSTED


def test_server_that_says_nothing_is_silent() -> None:
    async def run() -> Handshake:
        async with listening(None) as port:
            return await offer("127.0.0.1", port, oldest=V1_3, newest=V1_3, timeout_s=0.2)

    assert asyncio.run(run()).ending == Ending.SILENT


def test_server_that_hangs_up_refuses() -> None:
    async def run() -> Handshake:
        async with listening(None, lambda writer: writer.transport.abort()) as port:
            return await offer("127.0.0.1", port, oldest=V1_2, newest=V1_2)

    assert asyncio.run(run()).ending == Ending.REFUSED


def test_port_that_nobody_listens_on_is_unreachable() -> None:
    async def run() -> Handshake:
        async with listening(None) as port:
            pass
        return await offer("127.0.0.1", port, oldest=V1_3, newest=V1_3)

    assert asyncio.run(run()).ending == Ending.UNREACHABLE
