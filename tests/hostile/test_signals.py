"""An interrupted run takes back what it made, and tells what it could not; a second signal ends it at once."""

import json
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.hostile.behind import ask, give
from tests.hostile.harness import Ran, finish, start_conformance
from tests.hostile.servers import API_KEY, SECOND_API_KEY
from tests.hostile.sockets import Behave, HostileServer, Peer

from assisters_verify.reference import ReferenceOptions, ReferenceServer

if TYPE_CHECKING:
    import subprocess

_LIMIT_S = 120.0


def _passing_on(is_asked: threading.Event, *, keeps: bool) -> Behave:
    """Pass requests on, say when a key was made, and never answer a chat; with `keeps`, never a deletion either."""

    def behave(peer: Peer) -> None:
        while True:
            request = peer.read()
            if "chat" in request.path or (keeps and request.method == "DELETE"):
                peer.hold()
                return
            give(peer, ask(peer, request))
            if request.method == "POST" and request.path == "/v1/keys":
                is_asked.set()

    return behave


def _interrupt(
    folder: Path, *, keeps: bool, signals: Callable[["subprocess.Popen[bytes]", HostileServer], None]
) -> tuple[Ran, HostileServer]:
    is_asked = threading.Event()
    upstream = ReferenceServer(ReferenceOptions(api_keys=(API_KEY, SECOND_API_KEY)))
    with upstream, HostileServer(_passing_on(is_asked, keeps=keeps), upstream=upstream.base_url) as server:
        process = start_conformance(
            server.url, folder, "--clause", "KEY-01", "--clause", "KEY-02", "--clause", "CHAT-01"
        )
        is_asked.wait(_LIMIT_S)
        signals(process, server)
        return finish(process, folder), server


def _results(ran: Ran) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((ran.reports / "results.json").read_bytes())
    return results


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_takes_back_what_it_made(tmp_path: Path, number: signal.Signals, status: int) -> None:
    ran, server = _interrupt(tmp_path, keeps=False, signals=lambda process, _: process.send_signal(number))
    made = sum(request.method == "POST" and request.path == "/v1/keys" for request in server.received)
    deleted = {request.path for request in server.received if request.method == "DELETE"}
    results = _results(ran)
    found = (ran.status, results["interrupted"], results["leftovers"], len(deleted) >= min(made, 1))
    assert found == (status, f"interrupted by {number.name}", [], True)


def test_second_signal_ends_at_once_and_what_is_left_is_listed_by_id(tmp_path: Path) -> None:
    def twice(process: "subprocess.Popen[bytes]", server: HostileServer) -> None:
        process.send_signal(signal.SIGINT)
        while not any(request.method == "DELETE" for request in server.received):
            server.stopped.wait(0.05)
        process.send_signal(signal.SIGINT)

    ran, _ = _interrupt(tmp_path, keeps=True, signals=twice)
    left = " ".join(_results(ran)["leftovers"])
    assert (ran.status, bool(re.search(r"the key '.+', id '.+': the run was ended", left))) == (130, True), left
