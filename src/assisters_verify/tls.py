"""Shake hands with a TLS server, offering chosen versions only, and tell how that ended."""

import asyncio
import ssl
import warnings
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_TIMEOUT_S = 10.0
# What OpenSSL says where the peer refused the offer, beside the alerts that it received.
_REFUSALS = ("ALERT", "UNSUPPORTED_PROTOCOL", "WRONG_VERSION_NUMBER", "UNEXPECTED_EOF")
# What it says where it cannot make such an offer at all.
_OWN_LIMITS = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH", "NO_SUITABLE_DIGEST")


class Ending(StrEnum):
    """How a handshake ended."""

    AGREED = "agreed"
    REFUSED = "refused"
    UNTRUSTED = "untrusted"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    NOT_OFFERED = "not offered"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The end of a handshake. `version` is the one agreed on, such as `TLSv1.3`, or empty; `detail` says more."""

    ending: Ending
    version: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.ending, self.version, f"({self.detail})" if self.detail else "") if part)


def permissive_context(oldest: ssl.TLSVersion, newest: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a context that offers these versions with every cipher, and trusts any certificate: it is to find out what
    a server takes, and sends nothing. Raises ssl.SSLError or ValueError where OpenSSL has no such version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    with warnings.catch_warnings():
        # That the old versions are out of date is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = oldest
        context.maximum_version = newest
    return context


def strict_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that verifies certificate and host as a careful client does."""
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


async def offer(
    host: str, port: int, *, oldest: ssl.TLSVersion, newest: ssl.TLSVersion, timeout_s: float = _TIMEOUT_S
) -> Handshake:
    """Offer these versions, trusting any certificate. Never raises OSError."""
    try:
        context = permissive_context(oldest, newest)
    except (ssl.SSLError, ValueError) as error:
        return Handshake(ending=Ending.NOT_OFFERED, detail=str(error))
    return await shake_hands(host, port, context, timeout_s=timeout_s)


async def shake_hands(host: str, port: int, context: ssl.SSLContext, *, timeout_s: float = _TIMEOUT_S) -> Handshake:
    """Connect and shake hands with this context, then leave. Never raises OSError."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        return Handshake(ending=Ending.UNREACHABLE, detail=_words(error))
    try:
        async with asyncio.timeout(timeout_s):
            await writer.start_tls(context, server_hostname=host)
        agreed: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return Handshake(ending=Ending.AGREED, version=agreed.version() or "")
    except TimeoutError:
        return Handshake(ending=Ending.SILENT, detail=f"nothing within {timeout_s:g} s")
    except OSError as error:
        return Handshake(ending=_ending(error), detail=_words(error))
    finally:
        writer.transport.abort()


def _ending(error: OSError) -> Ending:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Ending.UNTRUSTED
    if not isinstance(error, ssl.SSLError):
        return Ending.REFUSED if isinstance(error, ConnectionError) else Ending.UNCLEAR
    said = f"{error.reason} {error}".upper().replace(" ", "_")
    if any(limit in said for limit in _OWN_LIMITS):
        return Ending.NOT_OFFERED
    is_refusal = isinstance(error, ssl.SSLEOFError) or any(word in said for word in _REFUSALS)
    return Ending.REFUSED if is_refusal else Ending.UNCLEAR


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
