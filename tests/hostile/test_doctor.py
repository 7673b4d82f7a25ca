"""The doctor before hostile servers: it ends, acts through nothing that it says, and keeps the secret."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.hostile.framing import FRAMING
from tests.hostile.inspection import faults_of_text
from tests.hostile.secrecy import find_secrets
from tests.hostile.servers import API_KEY, started
from tests.hostile.sockets import HostileServer, Peer

_LIMIT_S = 120.0
_SECRETS = (API_KEY,)
_UNREACHABLE = frozenset({"closes_after_request", "headers_100000", "no_http", "reset_in_headers"})
_ANY = frozenset(
    {
        *(
            "control_bytes_in_headers",
            "echoes_beside_good_answers",
            "endless_stream",
            "gzip_bomb",
            "json_lone_surrogates",
        ),
        *("json_200000_digits", "payloads_everywhere", "payloads_in_models", "status_999"),
        *("redirects_elsewhere_307", "always_429_for_years", "line_of_10_mb", "keys_in_every_text"),
        *("echoes_coded", "echoes_oddly", "echoes_packed"),
    }
)
_NAMES = sorted(_UNREACHABLE | _ANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the doctor said, the target file that it wrote, and whether the key came elsewhere."""

    status: int
    stdout: str
    stderr: str
    target: bytes
    elsewhere: tuple[str, ...] = ()


def _command(url: str, *options: str) -> list[str]:
    script = Path(sys.executable).parent / "assisters-verify"
    return [str(script), "doctor", "--base-url", url, "--write", "target.yaml", *options]


def _environment() -> dict[str, str]:
    return {**os.environ, "ASSISTERS_API_KEY": API_KEY}


def _examine(name: str, folder: Path) -> _Seen:
    folder.mkdir()
    with started(name) as (server, beside):
        ended = subprocess.run(
            _command(server.url, "--timeout", "2"),
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
        elsewhere = tuple(found for request in beside.received for found in find_secrets(request.raw, _SECRETS))
    target = folder / "target.yaml"
    return _Seen(
        status=ended.returncode,
        stdout=ended.stdout.decode("utf-8"),
        stderr=ended.stderr.decode("utf-8"),
        target=target.read_bytes() if target.exists() else b"",
        elsewhere=elsewhere,
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Future[_Seen]"]]:
    """Return what came of each server; several are looked at side by side, since most of it is waiting."""
    folder = tmp_path_factory.mktemp("doctor")
    with ThreadPoolExecutor(3) as pool:
        yield {name: pool.submit(_examine, name, folder / name) for name in _NAMES}


@pytest.mark.parametrize("name", _NAMES)
def test_doctor_says_nothing_that_acts_and_no_secret(seen: dict[str, "Future[_Seen]"], name: str) -> None:
    told = seen[name].result()
    texts = {"standard output": told.stdout, "standard error": told.stderr, "the target file": told.target.decode()}
    faults = [fault for where, text in texts.items() for fault in faults_of_text(where, text)]
    faults += [found for text in texts.values() for found in find_secrets(text.encode(), _SECRETS)]
    assert [*faults, *told.elsewhere] == []


@pytest.mark.parametrize("name", sorted(_UNREACHABLE))
def test_doctor_tells_of_what_speaks_no_http_in_one_line(seen: dict[str, "Future[_Seen]"], name: str) -> None:
    told = seen[name].result()
    assert (told.status, told.stdout, len(told.stderr.splitlines())) == (3, "", 1)


@pytest.mark.parametrize("name", sorted(_ANY))
def test_doctor_ends_as_documented_with_a_target_file_that_can_be_read(
    seen: dict[str, "Future[_Seen]"], name: str
) -> None:
    told = seen[name].result()
    assert (told.status in {0, 1}, isinstance(yaml.safe_load(told.target), dict)) == (True, True), told.stderr


@pytest.mark.parametrize("separator", ["\n", "\r", "\x0b", "\x85", "\u2028", "\u2029"])
def test_model_name_puts_no_setting_into_the_target_file(tmp_path: Path, separator: str) -> None:
    name = f"m{separator}base_url: http://evil.example{separator}"
    models = {"models": [{"id": name, "name": name, "max_tokens": 5, "supports": ["chat"]}]}

    def behave(peer: Peer) -> None:
        while True:
            peer.read()
            peer.answer(json.dumps(models).encode(), headers="Content-Type: application/json\r\n")

    with HostileServer(behave) as server:
        subprocess.run(_command(server.url), cwd=tmp_path, env=_environment(), capture_output=True, check=False)
        target = yaml.safe_load((tmp_path / "target.yaml").read_bytes())
        assert (target["base_url"], target["models"]["chat"]) == (server.url, name)


def test_doctor_ends_at_its_deadline_before_a_server_that_drips(tmp_path: Path) -> None:
    (tmp_path / "slow.yaml").write_text("deadline_s: 2\n")
    with started("drips_body") as (server, _):
        ended = subprocess.run(
            _command(server.url, "--target", "slow.yaml"),
            cwd=tmp_path,
            env=_environment(),
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
    told = re.search(r"trouble +answers +(.+)", ended.stdout.decode())
    assert (ended.returncode, told and told[1]) == (1, "not all of it came within the deadline of 2 s")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_doctor_ends_in_one_line(tmp_path: Path, number: signal.Signals, status: int) -> None:
    with HostileServer(FRAMING["drips_body"]) as server:
        process = subprocess.Popen(
            _command(server.url), cwd=tmp_path, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        while not server.received:
            server.stopped.wait(0.05)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=_LIMIT_S)
    assert (process.returncode, stdout, len(stderr.splitlines())) == (status, b"", 1), stderr
