"""Servers that answer with one status after the other, and what was kept of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from assisters_verify.answer import Answer
from assisters_verify.probe import Probe
from assisters_verify.recorder import read_exchanges

if TYPE_CHECKING:
    from tests.conftest import Peer, Script

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
THROTTLED = "429 Too Many Requests"
NOW = "Retry-After: 0\r\n"


def answering(*statuses: str, headers: str = "") -> "Script":
    """Return a script that answers with these statuses, over all connections, and with the last one from then on."""
    left = iter(statuses)
    last = [statuses[-1]]

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b"{}", status=next(left, last[0]), headers=headers)

    return script


def statuses(exchanges: Path) -> list[tuple[int | None, int]]:
    """Return status and attempt of each exchange that was kept."""
    return [(each.response.status if each.response else None, each.attempt) for each in read_exchanges(exchanges)]


async def get(probe: Probe) -> Answer:
    return await probe.get("/v1/models")
