"""What a scenario asks for: requests without sockets, keys or hosts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `path` is below the base URL, as in `/v1/embeddings`.

    `tokens` is what the answer may have at most, for the cap on tokens. `follow` gets the answer's body, parsed, and
    returns what the same client asks next, or None.
    """

    kind: str
    path: str
    body: bytes
    method: str = "POST"
    is_stream: bool = False
    tokens: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    follow: "Callable[[Any], Request | None] | None" = None
