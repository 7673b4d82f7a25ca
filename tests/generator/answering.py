"""Answers and scripts for the servers that a drive asks."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assisters_verify.generator.lanes import Lane

if TYPE_CHECKING:
    from tests.conftest import Peer

MakeLane = Callable[..., Lane]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
COMPLETION = b'{"choices": [{"message": {"role": "assistant", "content": "one two three"}}]}'
ENVELOPE = b'{"error": {"type": "rate_limit_error", "message": "Slow down.", "param": null, "code": null}}'
JSON = "Content-Type: application/json\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def event(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


WORDS = [chunk(event({"content": word})) for word in ("a", " b", " c")]
END = chunk(event({}, "stop")) + chunk(b"data: [DONE]\n\n") + LAST_CHUNK


def answering(body: bytes = COMPLETION, **options: str) -> "Callable[[Peer], None]":
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(body, **{"headers": JSON, **options})

    return script


def saying(*pieces: bytes) -> "Callable[[Peer], None]":
    """Answer one request with these bytes, then close."""

    def script(peer: "Peer") -> None:
        peer.read()
        for piece in pieces:
            peer.send(piece)

    return script
