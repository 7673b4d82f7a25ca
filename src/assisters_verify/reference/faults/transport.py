"""Faults of the transport."""

import ipaddress
import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="transport")
_DAY = timedelta(days=1)


def make_certificate(host: str, *, begins: datetime, ends: datetime) -> bytes:
    """Return a self-signed certificate for the host and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
    builder = builder.add_extension(x509.SubjectAlternativeName([_name_host(host)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(encoding) + secret


def _name_host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _shows(
    host: str | None = None, *, begins_days: int = -1, ends_days: int = 30
) -> Callable[[ssl.SSLContext, ReferenceOptions], None]:
    """Show a certificate that nobody signed, for the host or the server's own, with its days counted from now."""

    def load(context: ssl.SSLContext, options: ReferenceOptions) -> None:
        now = datetime.now(UTC)
        begins, ends = now + begins_days * _DAY, now + ends_days * _DAY
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "certificate.pem"
            path.write_bytes(make_certificate(host or options.host, begins=begins, ends=ends))
            context.load_cert_chain(path)

    return load


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="tls_1_3_is_missing",
        clause="TLS-01",
        title="The server speaks TLS 1.2 and nothing newer.",
        choices={"transport.oldest_tls": ssl.TLSVersion.TLSv1_2, "transport.newest_tls": ssl.TLSVersion.TLSv1_2},
    ),
    _fault(
        name="tls_1_2_is_accepted",
        clause="TLS-02",
        title="The server speaks TLS 1.2 beside 1.3.",
        choices={"transport.oldest_tls": ssl.TLSVersion.TLSv1_2},
    ),
    _fault(
        name="every_tls_version_is_accepted",
        clause="TLS-02",
        title="The server speaks every version that its library knows.",
        choices={"transport.oldest_tls": ssl.TLSVersion.MINIMUM_SUPPORTED},
    ),
    _fault(
        name="certificate_is_self_signed",
        clause="TLS-03",
        title="The certificate names the host, but no authority signed it.",
        choices={"transport.load_certificate": _shows()},
    ),
    _fault(
        name="certificate_is_of_another_host",
        clause="TLS-03",
        title="The certificate names another host.",
        choices={"transport.load_certificate": _shows("other.example")},
    ),
    _fault(
        name="certificate_has_expired",
        clause="TLS-03",
        title="The certificate's last day is past.",
        choices={"transport.load_certificate": _shows(begins_days=-60, ends_days=-30)},
    ),
)
