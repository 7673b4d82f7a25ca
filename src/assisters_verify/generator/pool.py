"""The connections of a process: one key's requests never take another key's connection."""

import socket
import ssl
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from pathlib import Path

from assisters_verify.generator.answer import Room
from assisters_verify.generator.channel import Channel, SecureChannel
from assisters_verify.generator.clock import KernelClock, now_us
from assisters_verify.generator.connection import Connection, problem_of
from assisters_verify.generator.exchange import Exchange
from assisters_verify.measures.ledger import Problem
from assisters_verify.settings.base_url import BaseUrl

_PROBE_S = 3.0

Address = tuple[int, tuple[str, int]]


class Pool:
    """Sends exchanges, and tells `on_end` of each when it is over, whatever became of it.

    `lags_us`, `chunks` and `bytes_received` add up until somebody takes them.
    """

    def __init__(self, base_url: BaseUrl, *, ca_file: Path | None = None) -> None:
        self.lags_us: list[int] = []
        self.chunks = 0
        self.bytes_received = 0
        self.opened = 0
        self.replaced = 0
        self.clock = KernelClock()
        self.room = Room()
        self._host = base_url.host
        self._context = ssl.create_default_context(cafile=ca_file) if base_url.is_tls else None
        self._address = _resolve(base_url)
        self._idle: defaultdict[str, deque[Connection]] = defaultdict(deque)
        self._of_lane: Counter[str] = Counter()
        self._all: set[Connection] = set()

    @property
    def under_way(self) -> int:
        """How many exchanges have no end yet."""
        return sum(connection.exchange is not None for connection in self._all)

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._all)

    def send(self, exchange: Exchange) -> None:
        """Send it over a connection that waits, or over a new one."""
        least, owner = exchange.lane.connections, exchange.owner
        idle = self._idle[owner]
        if not idle or (least and self._of_lane[owner] < least):
            self._send_new(exchange)
        else:
            # Those of a lane of their own take turns; of the others the one that was used last is least likely closed.
            (idle.popleft() if least else idle.pop()).send(exchange)

    def end_late(self, deadline_us: Callable[[Exchange], int]) -> None:
        """End what has taken longer than it may."""
        at_us = now_us()
        for connection in tuple(self._all):
            exchange = connection.exchange
            if exchange is not None and at_us >= deadline_us(exchange):
                connection.drop(Problem.TIMEOUT)

    def close(self) -> None:
        """Close every connection; what is still under way ends as unfinished."""
        for connection in tuple(self._all):
            connection.drop(Problem.UNFINISHED)

    def open_channel(self) -> Channel:
        """Begin to connect. Raises OSError."""
        family, address = self._address
        if self._context is None:
            return Channel(family, address, self.clock)
        return SecureChannel(family, address, self.clock, context=self._context, host=self._host)

    def take_back(self, connection: Connection) -> None:
        """Take a connection that waits for its next request."""
        self._idle[connection.owner].append(connection)

    def forget(self, connection: Connection) -> None:
        """Count with a connection no more."""
        if connection in self._all:
            self._all.discard(connection)
            self._of_lane[connection.owner] -= 1
        if connection in (idle := self._idle[connection.owner]):
            idle.remove(connection)

    def replace(self, exchange: Exchange) -> None:
        """Send it again over a new connection."""
        self.replaced += 1
        self._send_new(exchange)

    def end(self, exchange: Exchange) -> None:
        """Tell of an end."""
        exchange.on_end(exchange)

    def _send_new(self, exchange: Exchange) -> None:
        try:
            connection = Connection(self, exchange.owner)
        except OSError as error:
            exchange.problem, exchange.problem_text = problem_of(error), error.strerror or type(error).__name__
            exchange.end_us = now_us()
            self.end(exchange)
            return
        self.opened += 1
        self._all.add(connection)
        self._of_lane[connection.owner] += 1
        connection.send(exchange)


def _resolve(base_url: BaseUrl) -> Address:
    """Return the first of the host's addresses that answers, or the first. Raises OSError where it has none."""
    found = socket.getaddrinfo(base_url.host, base_url.port, type=socket.SOCK_STREAM)
    addresses = [(family, (str(address[0]), int(address[1]))) for family, _, _, _, address in found]
    for family, address in addresses if len(addresses) > 1 else ():
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_PROBE_S)
            if probe.connect_ex(address) == 0:
                return family, address
    return addresses[0]
