"""A reference application to talk to without sockets."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from starlette.types import Message

from assisters_verify.reference import DEFAULT_API_KEY, ReferenceOptions, create_app

CHAT = "/v1/chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a client sees of an answer; ``pieces`` are the writes it came in, ``times_s`` when."""

    status: int
    headers: dict[str, str]
    pieces: list[bytes] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    is_whole: bool = True

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The JSON of a stream's events, and ``[DONE]``."""
        data = [part.removeprefix("data: ") for part in self.body.decode().split("\n\n") if part]
        return [part if part == "[DONE]" else json.loads(part) for part in data]

    @property
    def text(self) -> str:
        """The text of a completion, whole or streamed."""
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            choices = [choice for event in self.events if event != "[DONE]" for choice in event["choices"]]
            return "".join(choice["delta"].get("content") or "" for choice in choices)
        return str(self.json["choices"][0]["message"]["content"])


class Api:
    """One application, and requests to it."""

    def __init__(self, options: ReferenceOptions) -> None:
        self._runner = asyncio.Runner()
        self.app = create_app(options)

    def close(self) -> None:
        self._runner.run(self._shut_down())
        self._runner.close()

    async def _shut_down(self) -> None:
        messages: list[Message] = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

        async def receive() -> Message:
            return messages.pop()

        async def send(_message: Message) -> None:
            pass

        await self.app({"type": "lifespan"}, receive, send)

    def run(self, work: Any) -> Any:
        return self._runner.run(work)

    def get(self, path: str, **options: Any) -> Seen:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Seen:
        return self.request("POST", path, body=body, **options)

    def delete(self, path: str, **options: Any) -> Seen:
        return self.request("DELETE", path, **options)

    def chat(self, prompt: str = "Hello", **fields: Any) -> Seen:
        return self.post(CHAT, chat_body(prompt, **fields))

    def request(self, method: str, path: str, **options: Any) -> Seen:
        return self._runner.run(self.send(method, path, **options))

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        raw: bytes | None = None,
        key: str | None = DEFAULT_API_KEY,
        headers: dict[str, str] | None = None,
        leave_after: int | None = None,
        deadline_s: float = 20.0,
    ) -> Seen:
        """Send one request; ``leave_after`` so many pieces the client is gone, ``deadline_s`` later it gives up."""
        sent = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        if key is not None:
            sent.append((b"authorization", f"Bearer {key}".encode()))
        route, _, query = path.partition("?")
        scope = {"type": "http", "method": method, "path": route, "raw_path": route.encode(), "headers": sent,
                 "query_string": query.encode(), "http_version": "1.1", "scheme": "http"}  # fmt: skip
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
        left = asyncio.Event()
        got: list[Message] = []
        times_s: list[float] = []

        async def receive() -> Message:
            if waiting:
                return waiting.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def take(message: Message) -> None:
            if not left.is_set():
                got.append(message)
                times_s.append(time.monotonic())
            if leave_after is not None and len(got) > leave_after:
                left.set()
                await asyncio.sleep(0)

        is_broken = False
        try:
            async with asyncio.timeout(deadline_s):
                await self.app(scope, receive, take)
        except (ConnectionAbortedError, TimeoutError):
            is_broken = True
        return replace(_see(got, is_broken=is_broken), times_s=times_s[1:])


def _see(got: list[Message], *, is_broken: bool) -> Seen:
    if not got:
        return Seen(status=0, headers={}, is_whole=False)
    headers = {name.decode(): value.decode() for name, value in got[0]["headers"]}
    pieces = [message["body"] for message in got[1:] if message.get("body")]
    is_whole = not is_broken and not got[-1].get("more_body") and got[-1]["type"] == "http.response.body"
    return Seen(status=got[0]["status"], headers=headers, pieces=pieces, is_whole=is_whole)


def chat_body(prompt: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": prompt}], **fields}


MakeApi = Callable[..., Api]


@pytest.fixture
def make_api() -> Iterator[MakeApi]:
    """Make applications that are closed after the test."""
    made: list[Api] = []

    def make(**options: Any) -> Api:
        made.append(Api(replace(ReferenceOptions(token_gap_s=0.0), **options)))
        return made[-1]

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """A conforming application."""
    return make_api()


@dataclass(slots=True)
class Endpoint:
    """A webhook endpoint on loopback: what it was sent, and how it answers."""

    url: str
    gives_token_back: bool = True
    statuses: list[int] = field(default_factory=list)
    challenges: list[str] = field(default_factory=list)
    events: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, count: int, deadline_s: float = 5.0) -> None:
        """Wait for so many deliveries."""
        async with asyncio.timeout(deadline_s):
            while len(self.events) < count:
                self.arrived.clear()
                await self.arrived.wait()


@asynccontextmanager
async def listen(**options: Any) -> AsyncIterator[Endpoint]:
    """Run a webhook endpoint."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        method, target, _ = first.split(" ")
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        answer, status = b"", 200
        if method == "GET" and target.startswith("/webhooks/verify"):
            endpoint.challenges.append(target)
            answer = target.rpartition("=")[2].encode() if endpoint.gives_token_back else b"no"
        else:
            status = endpoint.statuses.pop(0) if endpoint.statuses else 200
            endpoint.events.append(({":method": method, ":path": target, **headers}, body))
            endpoint.arrived.set()
        writer.write(
            b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (status, len(answer)) + answer
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    endpoint = Endpoint(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/events", **options)
    try:
        yield endpoint
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def open_endpoint() -> Callable[..., Any]:
    """Give tests the webhook endpoint, since they cannot import from here."""
    return listen
