"""What one reference server is told before it starts."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_API_KEY = "sk-reference-4f9c2a7d1e8b3056"
SECOND_API_KEY = "sk-reference-b7d05e1c93a6f248"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceOptions:
    """The settings of one server; each default makes a conforming server for checks.

    Args:
        seed: Decides every generated id, secret and text.
        api_keys: Keys that work from the start; each belongs to an account of its own.
        limit: Requests a key may send within ``window_s``; ``None`` lifts the limit.
        window_s: Length of the rate limit's window in seconds.
        latency_s: Time from a request's arrival to its answer, or to a stream's first chunk.
        token_gap_s: Time between two chunks of a stream; chunk k is due at ``latency_s + k * token_gap_s``.
        tokens: Exact length of every free text answer, for measurements; ``None`` lets the model decide.
        embedding_dimensions: Length of every vector.
        max_body_bytes: A longer request body is refused.
        log_path: Where the true times of each answer are written, one JSON object a line.
        tls_certificate_file: PEM chain; with it the server speaks TLS 1.3 only.
        tls_key_file: PEM private key that goes with the certificate.
        webhook_loopback_only: Never calls an endpoint outside this machine's loopback.
        webhook_timeout_s: Deadline of each call to a webhook endpoint.
        webhook_retry_delays_s: Pauses before each further attempt at a delivery.
        webhook_ca_file: Certificates trusted for https endpoints, beside the system's.
        faults: Names out of ``FAULTS``: promises this server breaks.
        readings: Names out of ``READINGS``: permitted choices this server makes otherwise.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 0
    api_keys: tuple[str, ...] = (DEFAULT_API_KEY, SECOND_API_KEY)
    limit: int | None = 1000
    window_s: float = 60.0
    latency_s: float = 0.0
    token_gap_s: float = 0.002
    tokens: int | None = None
    embedding_dimensions: int = 256
    max_body_bytes: int = 10_000_000
    log_path: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    webhook_loopback_only: bool = True
    webhook_timeout_s: float = 3.0
    webhook_retry_delays_s: tuple[float, ...] = (0.1, 0.4, 1.6)
    webhook_ca_file: Path | None = None
    faults: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
