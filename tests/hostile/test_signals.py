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


def _passing_on(is_made: threading.Event, *, keeps: bool) -> Behave:
    """Pass requests on until a key was made, and say so; then answer deletions only, with `keeps` not even those."""

    def behave(peer: Peer) -> None:
        while True:
            request = peer.read()
            if is_made.is_set() and (keeps or request.method != "DELETE"):
                peer.hold()
                return
            give(peer, ask(peer, request))
            if request.method == "POST" and request.path == "/v1/keys":
                is_made.set()

    return behave


def _interrupt(
    folder: Path,
    *,
    keeps: bool,
    signals: Callable[["subprocess.Popen[bytes]", HostileServer], None],
    is_in_background: bool = False,
) -> tuple[Ran, HostileServer]:
    is_made = threading.Event()
    upstream = ReferenceServer(ReferenceOptions(api_keys=(API_KEY, SECOND_API_KEY)))
    with upstream, HostileServer(_passing_on(is_made, keeps=keeps), upstream=upstream.base_url) as server:
        clauses = ("--clause", "KEY-01", "--clause", "KEY-02", "--clause", "CHAT-01")
        process = start_conformance(server.url, folder, *clauses, is_in_background=is_in_background)
        assert is_made.wait(_LIMIT_S)
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


def _interrupt_clean_up(folder: Path, number: signal.Signals, *, times: int) -> tuple[Ran, list[str]]:
    """Send the signal so often once the first deletion has come, none of which is answered; return the run and the
    paths of what was to be deleted. All checks have ended by then: this one deletes nothing itself."""
    is_asked = threading.Event()

    def behave(peer: Peer) -> None:
        while True:
            request = peer.read()
            if request.method == "DELETE":
                is_asked.set()
                peer.hold()
                return
            give(peer, ask(peer, request))

    upstream = ReferenceServer(ReferenceOptions(api_keys=(API_KEY, SECOND_API_KEY)))
    with upstream, HostileServer(behave, upstream=upstream.base_url) as server:
        process = start_conformance(server.url, folder, "--clause", "KEY-01", "--deadline", "12")
        assert is_asked.wait(_LIMIT_S)
        for time in range(times):
            server.stopped.wait(0.5 if time else 0.0)  # so that each is heard
            process.send_signal(number)
        ran = finish(process, folder)
        return ran, [request.path for request in server.received if request.method == "DELETE"]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_during_the_clean_up_leaves_reports_that_list_what_stays(
    tmp_path: Path, number: signal.Signals, status: int, times: int
) -> None:
    ran, asked = _interrupt_clean_up(tmp_path, number, times=times)
    results = _results(ran)
    ids = {path.rpartition("/")[2] for path in asked}
    left = " ".join(results["leftovers"])
    assert all(key_id in left for key_id in ids), left
    assert (ran.status, results["interrupted"]) == (status, f"interrupted by {number.name}")
    assert ids != set()


def test_run_that_a_shell_put_in_the_background_hears_an_interrupt(tmp_path: Path) -> None:
    """A shell has SIGINT ignored there, which whatever the command starts inherits: nothing would end the checks."""
    ran, _ = _interrupt(
        tmp_path, keeps=False, signals=lambda process, _: process.send_signal(signal.SIGINT), is_in_background=True
    )
    results = _results(ran)
    assert (ran.status, results["interrupted"], results["leftovers"]) == (130, "interrupted by SIGINT", [])


def _after(paths: int, event: threading.Event, *, answers: bool) -> Behave:
    """Pass requests on until so many have come, and say so then; with `answers`, go on."""

    def behave(peer: Peer) -> None:
        while True:
            request = peer.read()
            if len(peer.server.received) >= paths:
                if answers:
                    give(peer, ask(peer, request))
                event.set()
                if not answers:
                    peer.hold()
                    return
                continue
            give(peer, ask(peer, request))

    return behave


def _interrupt_after(
    folder: Path, paths: int, *options: str, number: signal.Signals, answers: bool, is_in_background: bool = False
) -> tuple[Ran, HostileServer, int]:
    """Send the signal when so many requests have come; return the run, the server, and how many had come."""
    has_come = threading.Event()
    upstream = ReferenceServer(ReferenceOptions(api_keys=(API_KEY, SECOND_API_KEY)))
    behave = _after(paths, has_come, answers=answers)
    with upstream, HostileServer(behave, upstream=upstream.base_url) as server:
        process = start_conformance(server.url, folder, *options, is_in_background=is_in_background)
        assert has_come.wait(_LIMIT_S)
        process.send_signal(number)
        return finish(process, folder), server, len(server.received)


_NUMBERS = pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@_NUMBERS
@pytest.mark.parametrize("is_in_background", [False, True])
def test_signal_before_the_checks_begin_ends_in_one_line(
    tmp_path: Path, number: signal.Signals, status: int, *, is_in_background: bool
) -> None:
    """While it is looked whether anything is there at all, nothing was asked yet, and nothing is to be reported."""
    ran, *_ = _interrupt_after(
        tmp_path, 1, "--area", "chat", number=number, answers=False, is_in_background=is_in_background
    )
    lines = ran.stderr.decode().splitlines()
    assert (ran.status, len(lines), "interrupted before" in lines[-1]) == (status, 1, True), lines


@_NUMBERS
def test_signal_while_the_checks_are_started_leaves_whole_reports(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    """The first request is the look whether anything is there; the checks' own process is started then."""
    ran, *_ = _interrupt_after(tmp_path, 1, "--area", "chat", number=number, answers=True)
    results = _results(ran) if ran.reports.exists() else {"interrupted": f"interrupted by {number.name}"}
    told = (ran.status, results["interrupted"], b"Traceback" in ran.stdout + ran.stderr)
    assert told == (status, f"interrupted by {number.name}", False)


def test_signal_in_the_burst_ends_it_and_takes_back_what_was_made(tmp_path: Path) -> None:
    ran, server, come = _interrupt_after(tmp_path, 700, "--area", "rate_limits", number=signal.SIGINT, answers=True)
    results = _results(ran)
    assert (results["interrupted"], results["leftovers"], come >= 700) == ("interrupted by SIGINT", [], True)
    assert ran.status in {1, 130}
    assert _standing(server) == set()


def _standing(server: HostileServer) -> set[str]:
    """Return the ids of the keys that the run made and did not delete, as far as the server was told of them."""
    deleted = {request.path.rpartition("/")[2] for request in server.received if request.method == "DELETE"}
    made = sum(request.method == "POST" and request.path == "/v1/keys" for request in server.received)
    return {f"{made} made, {len(deleted)} deleted"} if len(deleted) < made else set()
