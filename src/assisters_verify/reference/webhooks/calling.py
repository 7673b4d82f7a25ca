"""Call a subscriber's endpoint, on loopback only unless the options say otherwise."""

import ipaddress
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from assisters_verify.reference.options import ReferenceOptions

# An answer to a challenge or an event is short; more than this is not read.
_ANSWER_BYTES = 65_536


class EndpointClient:
    """Sends requests to endpoints; every failure of theirs is an answer of ``None``."""

    def __init__(self, options: "ReferenceOptions") -> None:
        self._options = options
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str) -> str | None:
        """Return the text of a successful answer."""
        return await self._send(httpx.Request("GET", url))

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        """Tell whether the endpoint took the body."""
        request = httpx.Request("POST", url, content=body, headers={"content-type": "application/json", **headers})
        return await self._send(request) is not None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _send(self, request: httpx.Request) -> str | None:
        if self._options.webhook_loopback_only and not is_loopback(str(request.url)):
            return None
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=self._options.webhook_timeout_s, trust_env=False, verify=self._make_context()
            )
        try:
            response = await self._client.send(request, stream=True)
            try:
                body = await _read_start(response)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError):
            return None
        return body.decode("utf-8", "replace") if response.is_success else None

    def _make_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._options.webhook_ca_file is not None:
            context.load_verify_locations(self._options.webhook_ca_file)
        return context


async def _read_start(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_raw():
        body += part
        if len(body) > _ANSWER_BYTES:
            break
    return body


def is_loopback(url: str) -> bool:
    """Tell whether the URL's host is this machine's loopback."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
