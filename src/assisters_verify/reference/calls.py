"""One request on its way through the server."""

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from assisters_verify.reference.problems import ApiError, bad_request

if TYPE_CHECKING:
    from assisters_verify.reference.answers import Reply
    from assisters_verify.reference.behaviour import Behaviour
    from assisters_verify.reference.keys import ApiKey
    from assisters_verify.reference.services import Services


class Call:
    """A request, what the server knows about its sender, and the reply once there is one."""

    __slots__ = ("_receive", "api_key", "arrived_s", "body", "method", "path", "path_params", "reply", "route",
                 "scope", "services")  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, services: "Services") -> None:
        self.scope = scope
        self.services = services
        self.arrived_s = time.monotonic()
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.route = ""
        self.path_params: dict[str, str] = {}
        self.api_key: ApiKey | None = None
        self.body = b""
        self.reply: Reply | None = None
        self._receive = receive

    @property
    def behaviour(self) -> "Behaviour":
        """The choices of this server."""
        return self.services.behaviour

    @property
    def customer(self) -> "ApiKey":
        """The key that signed this call; every handler runs behind authentication."""
        if self.api_key is None:
            # Only a fault that forgets authentication gets here: such a call belongs to nobody.
            return self.services.keys.nobody
        return self.api_key

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """Return the first header of that name; ``name`` is lower case."""
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted), None)

    async def read_body(self) -> None:
        """Collect the body, and refuse one that is too long.

        Raises:
            ApiError: 413, as soon as the bound is passed.
        """
        limit = self.services.options.max_body_bytes
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts, size = [body], len(body)
            while message.get("more_body") and size <= limit:
                message = await self._receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
            body = b"".join(parts)
        if len(body) > limit:
            raise ApiError(413, f"The body is longer than {limit} bytes.", code="body_too_large")
        self.body = body

    async def wait_for_latency(self) -> None:
        """Let the model take its time, counted from the request's arrival."""
        wait_s = self.arrived_s + self.services.options.latency_s - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def wait_for_disconnect(self) -> None:
        """Return once the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object, after the edits of faults and readings.

        Raises:
            ApiError: 400, if it is none.
        """
        value = self.behaviour.errors.parse_body(self.body)
        for edit in self.behaviour.request_edits:
            value = edit(self, value)
        if not isinstance(value, dict):
            raise bad_request("The body must be a JSON object.", code="invalid_json")
        return value


def parse_json(body: bytes) -> Any:
    """Parse a request's body.

    Raises:
        ApiError: 400, for anything that is not JSON in UTF-8 of sane depth.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"The body is not JSON: {error}.", code="invalid_json") from error
