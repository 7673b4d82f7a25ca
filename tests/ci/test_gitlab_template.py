"""The script of ci/gitlab.yml does what it says, run as GitLab runs it against the reference server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from assisters_verify.content import content_root
from assisters_verify.reference import ReferenceOptions, ReferenceServer

JOB: dict[str, Any] = yaml.safe_load((content_root() / "ci" / "gitlab.yml").read_text(encoding="utf-8"))[
    ".assisters-verify"
]
API_KEY = "sk-test-7d1e4f9c2a8b30561234"


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with ReferenceServer(ReferenceOptions(api_keys=(API_KEY,), faults=("model_names_are_null",))) as server:
        yield server.base_url


def run(folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {"PATH": path, "HOME": str(folder), "ASSISTERS_API_KEY": API_KEY, **JOB["variables"], "PACKAGE": ""}
    # GitLab runs both lists in one shell, and stops at the first command that fails.
    script = "\n".join([*JOB["before_script"], *JOB["script"]])
    return subprocess.run(
        ["/bin/sh", "-ec", script],
        cwd=folder,
        env=environ | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_broken_promise_fails_the_job_and_stands_in_the_junit_report(tmp_path: Path, target: str) -> None:
    called = run(tmp_path, BASE_URL=target, AREAS="models")
    report = ET.parse(tmp_path / "conformance-report" / "junit.xml")  # noqa: S314 - our own document
    failed = [case.get("name", "")[:8] for case in report.iter("testcase") if case.find("failure") is not None]
    assert (called.returncode, failed) == (1, ["MODEL-02"])


def test_wrong_usage_fails_the_job_with_its_own_status(tmp_path: Path, target: str) -> None:
    assert run(tmp_path, BASE_URL=target, AREAS="modles").returncode == 2


def test_the_target_file_is_used(tmp_path: Path) -> None:
    called = run(tmp_path, TARGET_FILE="no.yaml")
    assert (called.returncode, "cannot read no.yaml" in called.stderr) == (2, True)


def test_the_artefacts_are_what_is_written(tmp_path: Path, target: str) -> None:
    run(tmp_path, BASE_URL=target, AREAS="models")
    named = JOB["artifacts"]["reports"]["junit"].replace("$REPORT_DIR", JOB["variables"]["REPORT_DIR"])
    assert ((tmp_path / named).is_file(), JOB["artifacts"]["when"]) == (True, "always")


def test_no_key_stands_in_the_template() -> None:
    assert [name for name in JOB["variables"] if "KEY" in name] == []
