"""Measure how much the reference server answers: plain completions and streamed chunks a second, on one core.

Usage: python benchmarks/reference_server.py [--seconds 3] [--connections 32]

The server runs in a process of its own on the first core, the client on the last.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from assisters_verify.reference import DEFAULT_API_KEY, ReferenceOptions, ReferenceServer

TOKENS = 100
PROMPT = [{"role": "user", "content": "Hello"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One kind of traffic."""

    name: str
    path: str
    body: dict[str, object]
    unit: str
    gap_s: float = 0.0


LOADS = (
    Load(name="plain", path="/v1/chat/completions", unit="completions",
         body={"model": "gpt-4.1-mini", "messages": PROMPT}),
    Load(name="embeddings", path="/v1/embeddings", unit="embeddings",
         body={"model": "text-embedding-3-small", "input": "The quick brown fox jumps over the lazy dog."}),
    Load(name="stream", path="/v1/chat/completions", unit="chunks",
         body={"model": "gpt-4.1-mini", "messages": PROMPT, "stream": True}),
    Load(name="paced stream", path="/v1/chat/completions", unit="chunks", gap_s=0.005,
         body={"model": "gpt-4.1-mini", "messages": PROMPT, "stream": True}),
)  # fmt: skip


class Connection(asyncio.Protocol):
    """One kept-alive connection that sends the same request again and again."""

    def __init__(self, request: bytes) -> None:
        self.responses = self.chunks = 0
        self._request = request
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count, and send the next request once the response is whole."""
        self.chunks += data.count(b"data: {")
        self._buffer += data
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        if not gap:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(self._buffer[:300].decode())
        if _is_whole(head, body) and self._transport is not None:
            self.responses += 1
            self._buffer = b""
            self._transport.write(self._request)
        elif b"chunked" in head:
            # Of a long stream the head and the last bytes are enough to know its end.
            self._buffer = head + gap + body[-8:]

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()


def _is_whole(head: bytes, body: bytes) -> bool:
    if b"chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length)


def make_request(load: Load, host: str) -> bytes:
    """Return the bytes of one request."""
    body = json.dumps(load.body).encode()
    head = (
        f"POST {load.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {DEFAULT_API_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def measure(load: Load, base_url: str, *, connections: int, seconds: float) -> tuple[float, float]:
    """Return responses and chunks a second."""
    address = urlsplit(base_url)
    loop = asyncio.get_running_loop()
    request = make_request(load, address.netloc)
    opened = [
        (
            await loop.create_connection(
                lambda: Connection(request), address.hostname or "127.0.0.1", address.port or 80
            )
        )[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds / 4)  # warm-up
    start_s = time.perf_counter()
    before = [(one.responses, one.chunks) for one in opened]
    await asyncio.sleep(seconds)
    took_s = time.perf_counter() - start_s
    responses = sum(one.responses - first for one, (first, _) in zip(opened, before, strict=True))
    chunks = sum(one.chunks - first for one, (_, first) in zip(opened, before, strict=True))
    for one in opened:
        one.close()
    return responses / took_s, chunks / took_s


def serve(gap_s: float) -> None:
    """Run the server until standard input ends."""
    with ReferenceServer(ReferenceOptions(limit=None, token_gap_s=gap_s, tokens=TOKENS)) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


def run(load: Load, *, connections: int, seconds: float, cores: list[int]) -> None:
    """Measure one kind of traffic against a fresh server, and print the figures."""
    command = [sys.executable, __file__, "--serve", str(load.gap_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        os.sched_setaffinity(server.pid, cores[:1])
        base_url = server.stdout.readline().strip()
        responses, chunks = asyncio.run(measure(load, base_url, connections=connections, seconds=seconds))
        server.stdin.close()
    figure = chunks if load.unit == "chunks" else responses
    print(f"{load.name:13} {figure:10,.0f} {load.unit}/s   ({responses:,.0f} responses/s, {connections} connections)")


def main() -> None:
    """Run all loads, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--serve", type=float, metavar="GAP_S", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve)
        return
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    print(f"{len(cores)} cores; a completion has {TOKENS} tokens")
    for load in LOADS:
        run(load, connections=arguments.connections, seconds=arguments.seconds, cores=cores)


if __name__ == "__main__":
    main()
