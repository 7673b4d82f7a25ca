"""The bytes of requests: everything but body and length is written once for each key and path."""

from assisters_verify.generator.requests import Request
from assisters_verify.settings.base_url import BaseUrl


class Writer:
    """Writes requests for one target. The keys are nowhere but in the bytes."""

    def __init__(self, base_url: BaseUrl, keys: tuple[str, ...]) -> None:
        self._base_url = base_url
        self._keys = keys
        self._heads: dict[tuple[int, str, str], bytes] = {}

    def write(self, request: Request, key: int) -> bytes:
        """Return the request as it goes over the wire."""
        known = (key, request.method, request.path)
        head = self._heads.get(known)
        if head is None:
            head = self._heads[known] = self._head(request.method, request.path, key)
        body = request.body
        if request.headers:
            head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items()).encode("latin-1")
        if not body:
            return head + b"\r\n"
        return b"%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body)

    def _head(self, method: str, path: str, key: int) -> bytes:
        lines = [
            f"{method} {self._base_url.prefix}{path} HTTP/1.1",
            f"Host: {self._base_url.origin.partition('://')[2]}",
            f"Authorization: Bearer {self._keys[key % len(self._keys)]}",
            "Accept: application/json, text/event-stream",
            # Compressed streams would be another thing to measure.
            "Accept-Encoding: identity",
            "User-Agent: assisters-verify",
        ]
        return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
