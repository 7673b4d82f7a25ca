"""One run over several machines, here over loopback: a master, its workers, and what reaches them."""

import json
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.cli.conftest import Call, Called, Start
    from tests.conftest import Peer, Serve

    Finish = Callable[["subprocess.Popen[str]"], Called]


def complete(peer: "Peer") -> None:
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": "Yes."}}]}).encode()
    while True:
        peer.read()
        peer.answer(body, headers="Content-Type: application/json\r\n")


@pytest.fixture
def port() -> str:
    """A port that nobody listens on: it is bound until the master is about to be started."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        found = bound.getsockname()[1]
    return str(found)


def document_in(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "reports" / "load.json").read_text())
    return document


def test_two_workers_send_the_load_of_one_run_and_their_counts_add_up(
    start: "Start", finish: "Finish", serve: "Serve", port: str, tmp_path: Path
) -> None:
    server = serve(complete)
    times = ("--duration", "2", "--warm-up", "0", "--cool-down", "0")
    load = ("load", "chat", "--base-url", server.url, "--rate", "20", *times, "--master-port", port)
    master = start(*load, "--master", "--workers", "2", "--report-dir", "reports")
    workers = [start(*load, "--worker", "--report-dir", f"worker-{number}") for number in range(2)]
    called = [finish(process) for process in (master, *workers)]
    document = document_in(tmp_path)
    asked = sum(request.method == "POST" for request in server.received)
    counts = document["requests"]

    assert [each.status for each in called[1:]] == [0, 0], called
    assert (asked, counts["sent"], counts["ok"], counts["by_status"], document["measures"]["latency_s"]["count"]) == (
        40,
        40,
        40,
        {"200": 40},
        40,
    )
    assert (document["generator"]["processes"], sum(document["series"]["sent"])) == (2, 40)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_reaches_all_processes_of_a_worker_and_ends_the_run(
    start: "Start", finish: "Finish", serve: "Serve", port: str, tmp_path: Path, number: signal.Signals
) -> None:
    server = serve(complete)
    load = ("load", "chat", "--base-url", server.url, "--rate", "20", "--duration", "100", "--master-port", port)
    master = start(*load, "--master", "--workers", "2", "--report-dir", "reports", "--json")
    worker = start(*load, "--worker", "--processes", "2", "--report-dir", "worker")
    assert master.stdout is not None
    for line in master.stdout:
        if json.loads(line).get("sent", 0) > 10:
            break
    started = psutil.Process(worker.pid).children(recursive=True)
    worker.send_signal(number)
    called, by_master = finish(worker), finish(master)
    document = document_in(tmp_path)
    asked = sum(request.method == "POST" for request in server.received)

    assert (len(started) >= 3, [each for each in started if each.is_running()]) == (True, [])
    assert (called.status, by_master.status) == (128 + number, 5), called.stderr + by_master.stderr
    assert (document["generator"]["processes"], "was interrupted" in document["interrupted"]) == (2, True)
    assert document["verdict"] == "void"
    assert document["requests"]["ok"] <= asked


def test_share_of_a_worker_that_is_killed_is_not_lost_silently(
    start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path
) -> None:
    """The run goes on with the other worker, names the lost one, and is void: it did not put all the load."""
    times = ("--duration", "6", "--warm-up", "0", "--cool-down", "0")
    load = ("load", "chat", "--base-url", serve(complete).url, "--rate", "20", *times, "--report-dir", "reports")
    process = start(*load, "--processes", "2", "--json")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("sent", 0) > 10:
            break
    started = psutil.Process(process.pid).children(recursive=True)
    # Those that nothing was started by are the workers: each has the one that gathers as its parent.
    workers = [each for each in started if not each.children() and each.ppid() != process.pid]
    workers[0].kill()
    called = finish(process)
    document = document_in(tmp_path)
    told = [json.loads(line) for line in called.stdout.splitlines()]

    assert (len(workers), called.status, document["verdict"]) == (2, 5, "void"), called.stderr
    assert [each["reason"] for each in told if each["event"] == "worker_lost"] == [
        "it ended, or does not answer any more"
    ]
    assert [each for each in started if each.is_running()] == []


def test_worker_that_waits_for_its_master_ends_by_a_signal(start: "Start", finish: "Finish", serve: "Serve") -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        load = ("load", "chat", "--base-url", serve(complete).url, "--rate", "1", "--report-dir", "worker")
        worker = start(*load, "--worker", "--master-port", str(silent.getsockname()[1]))
        with silent.accept()[0]:
            worker.send_signal(signal.SIGINT)
            called = finish(worker)

    assert called.status == 130, called.stderr


@pytest.mark.parametrize("arguments", [("throttling",), ("chat", "--keys", "2")], ids=" ".join)
@pytest.mark.parametrize("role", ["--master", "--worker"])
def test_several_keys_on_several_machines_take_a_file(call: "Call", role: str, arguments: tuple[str, ...]) -> None:
    called = call("load", *arguments, role, "--base-url", "http://127.0.0.1:1", "--rate", "1")
    assert (called.status, "--keys-file" in called.complaint) == (2, True)
