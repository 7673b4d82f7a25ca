"""Measure how exact the exact server is: its own log against its timetable, and against the kernel's receive times.

Usage: python benchmarks/exactness.py [--streams 400] [--gap 0.01] [--seconds 10]

The server runs on the last core, the client on the first. The client does nothing but read, and takes from the kernel
when each packet came in; on loopback that is within the server's own send. So the difference between the two clocks'
stories is the time between the server's note and the packet's departure.
"""

import argparse
import os
import random
import select
import socket
import statistics
import struct
import time
from bisect import bisect
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from assisters_verify.exact import ExactOptions, ExactProcess

SO_TIMESTAMPNS = 35
STAMP = struct.Struct("@qq")
REQUEST_BODY = b'{"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'
REQUEST = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: exact\r\nAuthorization: Bearer key\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(REQUEST_BODY), REQUEST_BODY)
)


class Stream:
    """One connection that asks for a stream, again and again, and keeps when its packets came in."""

    def __init__(self, address: tuple[str, int], expected: int) -> None:
        self.sock = socket.create_connection(address)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.expected = expected
        self.stamps_ns: list[int] = []
        self.done: list[list[int]] = []

    def ask(self) -> None:
        """Send the request."""
        self.stamps_ns = []
        self.sock.send(REQUEST)

    def read(self) -> bool:
        """Note one packet; returns whether the stream is over."""
        data, extras, _, _ = self.sock.recvmsg(65_536, 64)
        seconds, nanoseconds = STAMP.unpack(extras[0][2])
        self.stamps_ns.append(seconds * 1_000_000_000 + nanoseconds)
        if data.endswith(b"0\r\n\r\n"):
            self.done.append(self.stamps_ns)
            return True
        return False


def run(base_url: str, *, streams: int, tokens: int, seconds: float) -> list[list[int]]:
    """Return the kernel's receive times of each whole stream."""
    url = urlsplit(base_url)
    epoll = select.epoll()
    every: dict[int, Stream] = {}
    for _ in range(streams):
        stream = Stream((url.hostname or "", url.port or 0), tokens)
        every[stream.sock.fileno()] = stream
        epoll.register(stream.sock.fileno(), select.EPOLLIN)
    for stream in random.sample(list(every.values()), streams):
        stream.ask()
        time.sleep(tokens * 0.01 / streams)  # spread, as clients that do not know of each other are
    end_s = time.monotonic() + seconds
    running = streams
    while running:
        for fd, _ in epoll.poll():
            if every[fd].read():
                if time.monotonic() < end_s:
                    every[fd].ask()
                else:
                    running -= 1
    return [stamps for stream in every.values() for stamps in stream.done]


def describe(name: str, values_us: list[float]) -> None:
    """Print the percentiles of one measure."""
    ordered = sorted(values_us)
    quantiles = {share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.9, 0.99, 0.999)}
    text = "  ".join(f"p{share * 100:g} {value / 1000:8.3f}" for share, value in quantiles.items())
    print(f"{name:42} {text}  max {ordered[-1] / 1000:8.3f} ms   ({len(ordered)})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=400)
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--realtime", action="store_true", help="put both before all other work of the machine (root)")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    options = ExactOptions(gap_s=arguments.gap)
    print(f"load average {os.getloadavg()[0]:.1f}")
    with ExactProcess(options, core=cores[-1]) as server:
        os.sched_setaffinity(0, {cores[0]})
        if arguments.realtime:
            for pid in (0, server.pid):
                os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(10))
        began = time.monotonic()
        stamps = run(server.base_url, streams=arguments.streams, tokens=options.tokens, seconds=arguments.seconds)
        lasted = time.monotonic() - began
        log = server.read_log(with_rows=True)
    report(log, stamps, lasted)


def report(log: dict[str, Any], stamps: list[list[int]], lasted: float) -> None:
    """Print how the log, the timetable and the kernel agree."""
    print(f"{log['contents'] / lasted:.0f} chunks/s, server {log['cpu_s'] / log['contents'] * 1e6:.1f} us CPU a chunk")
    timer = log["timer_error_s"]
    print(
        f"{'write after its moment':42} p50 {timer['p50'] * 1e3:.3f}  p99 {timer['p99'] * 1e3:.3f}"
        f"  max {timer['max'] * 1e3:.3f} ms"
    )
    rows = sorted((row[0] + row[-1][0] / 1e6, row[0], row[-1]) for row in log["rows"] if row[2])
    # Packets that were read together have one time only; a stream's packets are those of the write just before.
    single = [stream for stream in stamps if len(stream) == len(rows[0][-1])]
    pairs = [(rows[bisect(rows, (stream[0] / 1e9,)) - 1][1:], stream) for stream in single]
    print(f"{len(pairs)} of {len(rows)} streams were read one packet at a time")
    if not pairs:
        return
    depart = [
        stamp / 1e3 - (row[0] * 1e6 + write)
        for row, stream in pairs
        for write, stamp in zip(row[-1], stream, strict=True)
    ]
    describe("packet received after the log's write time", depart)
    gaps = [
        (later - earlier) / 1e3 - (writes[index + 1] - writes[index])
        for (_, writes), stream in pairs
        for index, (earlier, later) in enumerate(pairwise(stream))
    ]
    describe("gap by the kernel less gap by the log", [abs(gap) for gap in gaps])
    print(f"median of the signed difference {statistics.median(gaps):.1f} us")


if __name__ == "__main__":
    main()
