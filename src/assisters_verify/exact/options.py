"""What an exact server is told before it starts."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Coding(StrEnum):
    """How the end of a stream is told."""

    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactOptions:
    """The timing of one server. Every time counts from the moment at which the kernel had the request.

    Args:
        first_token_s: Time to a stream's first content.
        gap_s: Time between two contents of a stream; 0 sends a whole stream in one write.
        tokens: Words of an answer, one chunk each; a request's `max_tokens` can make them fewer.
        latency_s: Time to an answer that is no stream.
        early_head: A stream's head and a chunk without content leave at once, as many servers do it.
        stall_s: The server does nothing at all for so long at the end of each period; 0 never.
        stall_every_s: Length of a period, counted from the first request.
        coding: How the end of a stream is told.
        vector_length: Numbers in an embedding.
        certificate_file: PEM chain; with it the server speaks TLS 1.3 only.
        key_file: PEM private key that goes with the certificate.
        max_logged: Writes that the log of truth keeps; it says how many it had to leave out.
        log_file: Where the log of truth is written at the end, rows included.
    """

    host: str = "127.0.0.1"
    port: int = 0
    first_token_s: float = 0.05
    gap_s: float = 0.01
    tokens: int = 50
    latency_s: float = 0.0
    early_head: bool = False
    stall_s: float = 0.0
    stall_every_s: float = 10.0
    coding: Coding = Coding.CHUNKED
    vector_length: int = 16
    certificate_file: Path | None = None
    key_file: Path | None = None
    max_logged: int = 20_000_000
    log_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be kept to.

        Raises:
            ValueError: A time is negative, or a stall fills its period.
        """
        if min(self.first_token_s, self.gap_s, self.latency_s, self.stall_s) < 0 or self.tokens < 1:
            raise ValueError("times must not be negative, and an answer has at least one token")
        if self.stall_s and self.stall_s >= self.stall_every_s:
            raise ValueError(f"a stall of {self.stall_s} s does not fit into a period of {self.stall_every_s} s")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("a certificate and its key are given together")
