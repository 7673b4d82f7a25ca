"""What a scenario asks for: requests without sockets, keys or hosts."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Request(NamedTuple):
    """One request. `path` is below the base URL, as in `/v1/embeddings`. A tuple, since thousands a second are made.

    `tokens` is what the answer may have at most, for the cap on tokens. `follow` gets the answer's body, parsed, and
    returns what the same client asks next, or None.
    """

    kind: str
    path: str
    body: bytes
    method: str = "POST"
    is_stream: bool = False
    tokens: int = 0
    headers: Mapping[str, str] = NO_HEADERS
    follow: "Callable[[Any], Request | None] | None" = None
