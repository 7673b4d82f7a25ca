"""One generated request as plain data, and what is known about it."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a generated request is meant to be."""

    VALID = "valid"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyCase:
    """A request to send as it stands; the sender adds only the origin and the credential.

    `operation` is "POST /v1/embeddings" as the contract writes it, `path` is percent-encoded and holds the query,
    `headers` never hold a credential. A valid request is one that no conforming server refuses, an invalid one is one
    that every conforming server refuses with 400, for the reason `why`. `param` is the top-level field or the parameter
    at fault, None where it is the whole body; a server may name the place more closely, as `messages[0].role`.
    """

    operation: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    is_valid: bool
    why: str
    param: str | None
