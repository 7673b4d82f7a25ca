"""Take a base URL as people write it, and keep its origin and prefix."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_EXAMPLE = "Write it like https://api.example.com."
_DEFAULT_PORTS = {"http": 80, "https": 443}
_VERSION = "/v1"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~%!$&'()*+,;=:-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUrl:
    """Where the API is. As text it is the origin and the prefix, without `/v1`: `https://api.example.com`."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    def __str__(self) -> str:
        return self.origin + self.prefix

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the scheme's own, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}")

    @property
    def is_tls(self) -> bool:
        """Whether the scheme is https."""
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether the host names this machine whatever a name server says."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_base_url(text: str) -> BaseUrl:
    """Return the base URL; one that ends in `/v1` is understood.

    Raises ValueError with cause and remedy. It never shows the text, which may hold a password.
    """
    if not text.isascii() or any(character <= " " or character == "\x7f" for character in text):
        raise ValueError(f"holds a space or a character outside ASCII. {_EXAMPLE}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"is not a URL. {_EXAMPLE}") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f"does not begin with http:// or https://. {_EXAMPLE}")
    if "@" in parts.netloc:
        raise ValueError(f"holds a user name or password. Leave it out; the key has a place of its own. {_EXAMPLE}")
    if "?" in text or "#" in text:
        raise ValueError(f"holds a query or a fragment. {_EXAMPLE}")
    if not parts.hostname or not _HOST.fullmatch(parts.hostname) or port == 0:
        raise ValueError(f"names no host, or port 0. {_EXAMPLE}")
    return BaseUrl(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        prefix=_prefix(parts.path.rstrip("/")),
    )


def _prefix(path: str) -> str:
    if path and not path.endswith(_VERSION):
        raise ValueError(
            f"has a path that does not end in /v1. {_EXAMPLE} Where there is a prefix: https://host/prefix/v1."
        )
    if not _PATH.fullmatch(path):
        raise ValueError(f"has a path with empty or dotted parts. {_EXAMPLE}")
    return path.removesuffix(_VERSION)
