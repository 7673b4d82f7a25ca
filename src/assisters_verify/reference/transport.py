"""What the server offers below HTTP."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportPolicy:
    """Documented: "All data in transit uses TLS 1.3"."""

    oldest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    newest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3


def restrict(context: ssl.SSLContext, policy: TransportPolicy) -> None:
    """Let the context speak only what the policy allows."""
    context.minimum_version = policy.oldest_tls
    context.maximum_version = policy.newest_tls
