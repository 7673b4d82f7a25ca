"""A client's process is bounded in time and in what it says, and leaves nothing behind."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract import sdk_process
from assisters_verify.contract.sdk_process import Ended, run_client
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import ProbeRun


def run(with_probe: "ProbeRun", program: str, *, order: bytes = b"", timeout_s: float = 20.0, **target: Any) -> Ended:
    async def use(probe: Probe) -> Ended:
        return await run_client(probe, [sys.executable, "-c", program], order=order, timeout_s=timeout_s)

    ended: Ended = with_probe("http://127.0.0.1:9", use, **target)
    return ended


def test_program_reads_its_order_and_is_read(with_probe: "ProbeRun") -> None:
    ended = run(with_probe, "import sys; print(sys.stdin.read()[::-1], end=''); sys.exit(3)", order=b"abc")
    assert (ended.status, ended.output) == (3, b"cba")


def test_program_that_does_not_read_its_order_is_no_matter(with_probe: "ProbeRun") -> None:
    assert run(with_probe, "print('x', end='')", order=b"y" * 1_000_000).output == b"x"


def test_program_that_takes_too_long_is_ended(with_probe: "ProbeRun") -> None:
    ended = run(with_probe, "import time; print('x', flush=True); time.sleep(60)", timeout_s=3.0)
    assert (ended.status, ended.output) == (None, b"x\n")


def test_what_a_program_started_is_ended_with_it(with_probe: "ProbeRun", tmp_path: Path) -> None:
    note = tmp_path / "child"
    program = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(note)!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    run(with_probe, program, timeout_s=3.0)
    child = int(note.read_text())
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_program_that_talks_without_end_is_ended(with_probe: "ProbeRun", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk_process, "MOST_BYTES", 100_000)
    ended = run(with_probe, "while True: print('x' * 1000)")
    assert (ended.status, len(ended.output)) == (None, 100_000)


def test_complaints_are_cut_but_no_reason_to_end_it(with_probe: "ProbeRun") -> None:
    ended = run(with_probe, "import sys; sys.stderr.write('x' * 100_000); print('done')")
    assert (ended.status, ended.output, len(ended.errors)) == (0, b"done\n", 2000)


def test_users_environment_stays_outside(with_probe: "ProbeRun", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://other.example")
    ended = run(with_probe, "import os; print(sorted(os.environ))")
    assert b"PROXY" not in ended.output
    assert b"OPENAI" not in ended.output


def test_home_is_an_empty_folder_that_is_gone_afterwards(with_probe: "ProbeRun") -> None:
    ended = run(with_probe, "import os; print(os.path.expanduser('~'), os.getcwd(), os.listdir('.'))")
    home, cwd, listed = ended.output.decode().split(maxsplit=2)
    assert (cwd, listed.strip(), Path(home).exists()) == (home, "[]", False)


def test_certificates_to_trust_are_passed_on(with_probe: "ProbeRun", tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_text("")
    program = "import os; print(os.environ['SSL_CERT_FILE'], os.environ['NODE_EXTRA_CA_CERTS'])"
    ended = run(with_probe, program, ca_file=str(trusted), base_url="http://127.0.0.1:9")
    assert ended.output.decode().split() == [os.fspath(trusted)] * 2
