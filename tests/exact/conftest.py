"""Exact servers in threads of the tests' own process."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from assisters_verify.exact import ExactOptions
from assisters_verify.exact.server import ExactServer

PROMPT = [{"role": "user", "content": "Hello"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        texts = [block.removeprefix(b"data: ") for block in self.body.split(b"\n\n") if block]
        return [json.loads(text) for text in texts if text != b"[DONE]"]

    @property
    def contents(self) -> list[str]:
        deltas = [event["choices"][0]["delta"] for event in self.events if event["choices"]]
        return [delta["content"] for delta in deltas if delta.get("content")]


class Running:
    """A server that runs, and a client with one kept-alive connection to it."""

    def __init__(self, server: ExactServer) -> None:
        self.server = server
        self._thread = threading.Thread(target=server.run)
        self._thread.start()
        self.client = http.client.HTTPConnection(server.base_url.removeprefix("http://"), timeout=20)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Received:
        headers = {"Authorization": "Bearer made-up"} | headers
        self.client.request(method, path, body if isinstance(body, bytes) else json.dumps(body), headers)
        response = self.client.getresponse()
        return Received(status=response.status, headers=dict(response.getheaders()), body=response.read())

    def chat(self, **fields: object) -> Received:
        return self.ask("POST", "/v1/chat/completions", {"model": "some-model", "messages": PROMPT, **fields})

    def log(self) -> Any:
        return self.ask("GET", "/exact/log?rows=1").json

    def close(self) -> None:
        self.client.close()
        self.server.stop()
        self._thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """Start a server with these options, by default with hardly any waiting."""
    running: list[Running] = []

    def start(**options: Any) -> Running:
        settings: dict[str, Any] = {"first_token_s": 0.002, "gap_s": 0.001, "tokens": 5}
        running.append(Running(ExactServer(ExactOptions(**settings | options))))
        return running[-1]

    yield start
    for server in running:
        server.close()
