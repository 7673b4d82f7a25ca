"""Transport: TLS 1.3 and nothing older, under a certificate that a careful client trusts."""

import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest

from assisters_verify.checks import clause
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe
from assisters_verify.tls import Ending, Handshake, offer, shake_hands, strict_context

_NEWEST = ssl.TLSVersion.TLSv1_3
_OLD = {
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.0": ssl.TLSVersion.TLSv1,
}


@clause("TLS-01")
@pytest.mark.parametrize("beside", [None, "TLSv1.2"], ids=["alone", "beside_1.2"])
async def test_tls_1_3_is_negotiated(probe: Probe, beside: str | None) -> None:
    """TLS 1.3 is agreed on where it is offered: alone, and before 1.2."""
    found = await _offer(probe, _OLD[beside] if beside else _NEWEST, _NEWEST)
    if found.ending is Ending.AGREED and found.version == "TLSv1.3":
        return
    if found.ending not in {Ending.AGREED, Ending.REFUSED}:
        raise Undecided(f"an offer of TLS 1.3 ended otherwise: {found}")
    raise Broken(expected="TLS 1.3 agreed on", received=str(found), where=_place(probe))


@clause("TLS-02")
@pytest.mark.parametrize("newest", list(_OLD))
async def test_older_tls_is_refused(probe: Probe, newest: str) -> None:
    """An offer of nothing newer than TLS 1.2 comes to no agreement, while the server goes on as before."""
    found = await _offer(probe, _OLD[newest], _OLD[newest])
    if found.ending is Ending.AGREED:
        raise Broken(expected=f"an offer of {newest} to be refused", received=str(found), where=_place(probe))
    if found.ending is Ending.NOT_OFFERED:
        raise NotApplicable(f"the OpenSSL of this machine cannot offer {newest}: {found.detail}")
    if found.ending is not Ending.REFUSED:
        raise Undecided(f"an offer of {newest} was neither taken nor refused: {found}")
    control = await _offer(probe, _NEWEST, _NEWEST)
    if control.ending is not Ending.AGREED:
        raise Undecided(f"{newest} was refused, but so is what should be taken: {control}")


@clause("TLS-03")
async def test_certificate_is_valid_and_trusted(probe: Probe) -> None:
    """A client that verifies certificate and host name agrees to talk."""
    host, port = _address(probe)
    found = await _shake(
        probe, "verifying", lambda: shake_hands(host, port, strict_context(probe.settings.target.ca_file))
    )
    if found.ending is Ending.UNTRUSTED:
        raise Broken(expected=f"a certificate to trust for {host}", received=found.detail, where=_place(probe))
    if found.ending is not Ending.AGREED:
        raise Undecided(f"the handshake ended before the certificate was judged: {found}")


async def _offer(probe: Probe, oldest: ssl.TLSVersion, newest: ssl.TLSVersion) -> Handshake:
    host, port = _address(probe)
    asked = f"{oldest.name} to {newest.name}"
    return await _shake(probe, asked, lambda: offer(host, port, oldest=oldest, newest=newest))


async def _shake(probe: Probe, asked: str, shake: Callable[[], Awaitable[Handshake]]) -> Handshake:
    async def live() -> dict[str, str]:
        found = await shake()
        return {"ending": found.ending, "version": found.version, "detail": found.detail}

    probe.session.recorder.requests += 1
    ended = await probe.outside("handshake", asked, live)
    return Handshake(ending=Ending(ended["ending"]), version=ended["version"], detail=ended["detail"])


def _address(probe: Probe) -> tuple[str, int]:
    parts = urlsplit(probe.session.wire.base_url)
    if parts.scheme != "https":
        raise NotApplicable("the target is http: there is no TLS to negotiate")
    return parts.hostname or "", parts.port or 443


def _place(probe: Probe) -> str:
    host, port = _address(probe)
    return f"TLS handshake with {host}:{port}"
