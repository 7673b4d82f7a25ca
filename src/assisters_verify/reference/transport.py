"""What the server offers below the application: TLS versions, its certificate, and how header names are read."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assisters_verify.reference.options import ReferenceOptions


class OneSpelling(HttpToolsProtocol):
    """Reads Idempotency-Key in that spelling alone: ASGI itself no longer knows how a name was spelt."""

    _NAME = b"Idempotency-Key"

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        is_other_spelling = name != self._NAME and name.lower() == self._NAME.lower()
        super().on_header(b"x-unknown" if is_other_spelling else name, value)


def load_certificate(context: ssl.SSLContext, options: ReferenceOptions) -> None:
    """Let the context show the certificate of the options."""
    if options.tls_certificate_file is not None:
        context.load_cert_chain(options.tls_certificate_file, options.tls_key_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportPolicy:
    """Documented: "All data in transit uses TLS 1.3"."""

    oldest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    newest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    load_certificate: Callable[[ssl.SSLContext, ReferenceOptions], None] = load_certificate
    http_protocol: type[HttpToolsProtocol] = HttpToolsProtocol


def make_context(options: ReferenceOptions, policy: TransportPolicy) -> ssl.SSLContext:
    """Return a context that speaks only what the policy allows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if policy.oldest_tls < ssl.TLSVersion.TLSv1_2:
        # OpenSSL 3 keeps the old versions behind its lowest security level.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = policy.oldest_tls
    context.maximum_version = policy.newest_tls
    policy.load_certificate(context, options)
    return context
