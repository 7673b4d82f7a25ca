"""The reference server as a command: it starts, answers, and stops when it is told to."""

import json
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assisters_verify.reference import DEFAULT_API_KEY

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.cli.conftest import Call, Called, Start

    Finish = Callable[["subprocess.Popen[str]"], Called]

OWN_KEY = "sk-own-0123456789abcdef01"


def status_of(url: str, key: str) -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - as above
            json.load(response)
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_server_answers_until_it_is_told_to_stop(start: "Start", finish: "Finish") -> None:
    process = start("serve", "--port", "0", ASSISTERS_API_KEY=OWN_KEY)
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.split()[2].rstrip(";")
    assert line == f"serving on {url}; the key is yours\n"
    assert [status_of(f"{url}/v1/models", key) for key in (OWN_KEY, DEFAULT_API_KEY)] == [200, 401]
    process.send_signal(signal.SIGTERM)
    called = finish(process)
    assert (called.status, called.stderr) == (0, "")


def test_interrupted_server_stops(start: "Start", finish: "Finish") -> None:
    process = start("serve", "--port", "0", ASSISTERS_API_KEY="")
    assert process.stdout is not None
    assert DEFAULT_API_KEY in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    called = finish(process)
    assert (called.status, called.stderr) == (0, "")


def test_port_that_is_taken_is_told(call: "Call") -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        called = call("serve", "--port", str(port))
    assert (called.status, called.complaint.startswith(f"assisters-verify: cannot serve on 127.0.0.1:{port}: ")) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--fault", "no_such_fault"),
        ("--reading", "no_such_reading"),
        ("--host", "no.such.host.invalid."),
        ("--tls-certificate", "certificate.pem"),
        ("--timing-log", "no/such/folder/log"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_cannot_be_served_is_told_in_one_line(
    call: "Call", monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def know_nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", know_nobody)
    Path("certificate.pem").write_text("no certificate")
    called = call("serve", "--port", "0", *arguments)
    assert (called.status, called.complaint.startswith("assisters-verify: cannot serve on ")) == (2, True)


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_port_that_is_none_is_told(call: "Call", port: str) -> None:
    called = call("serve", "--port", port)
    assert (called.status, called.stderr.splitlines()[-1].startswith("Error: Invalid value for '--port'")) == (2, True)
