"""The shell steps of action.yml do what they say, run as GitHub runs them against the reference server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from assisters_verify.content import content_root
from assisters_verify.reference import ReferenceOptions, ReferenceServer

ACTION: dict[str, Any] = yaml.safe_load((content_root() / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
API_KEY = "sk-test-7d1e4f9c2a8b30561234"
_INSTALL = ["/bin/bash", "-eo", "pipefail", "-c", STEPS[0]["run"]]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass(slots=True, kw_only=True)
class Job:
    """A job that uses the action: its folder, its inputs, and the files that GitHub gives to steps."""

    folder: Path
    inputs: dict[str, str]
    log: str = ""

    def __post_init__(self) -> None:
        self.inputs = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | self.inputs
        for name in ("output", "summary", "path"):
            (self.folder / name).touch()

    def run(self) -> int:
        """Run all steps that have a script; return the job's exit status."""
        failed = 0
        for step in STEPS:
            is_always = "always()" in step.get("if", "")
            if "run" not in step or (failed and not is_always):
                continue
            if "exit-status != ''" in step.get("if", "") and not self.output("exit-status"):
                continue
            failed = self._run(step) or failed
        return failed

    def output(self, name: str) -> str:
        """Return an output of the check's step."""
        lines = (self.folder / "output").read_text().splitlines()
        return next((line.partition("=")[2] for line in lines if line.startswith(f"{name}=")), "")

    def text(self, name: str) -> str:
        """Return what stands in one of the folder's files."""
        return (self.folder / name).read_text(encoding="utf-8")

    def _run(self, step: dict[str, Any]) -> int:
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_PATH": str(self.folder / "path"),
        } | {name: self._value(str(value)) for name, value in step.get("env", {}).items()}
        called = subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.log += called.stdout + called.stderr
        return called.returncode

    def _value(self, text: str) -> str:
        known = {f"inputs.{name}": value for name, value in self.inputs.items()}
        known |= {f"steps.check.outputs.{name}": self.output(name) for name in ("verdict", "exit-status")}
        known["inputs.api-key || env.ASSISTERS_API_KEY"] = self.inputs["api-key"] or API_KEY
        return _EXPRESSION.sub(lambda found: known[found.group(1)], text)


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with ReferenceServer(ReferenceOptions(api_keys=(API_KEY,), faults=("model_names_are_null",))) as server:
        yield server.base_url


def job(folder: Path, target: str, **inputs: str) -> Job:
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return Job(folder=folder, inputs={"base-url": target, "package": "", **given})


def test_a_kept_promise_lets_the_job_go_on(tmp_path: Path, target: str) -> None:
    done = job(tmp_path, target, clauses="MODEL-01 MODEL-11")
    status = done.run()
    assert (status, done.output("verdict"), done.output("exit-status")) == (0, "conformant", "0")


def test_a_broken_promise_stops_the_job_and_is_told_everywhere(tmp_path: Path, target: str) -> None:
    done = job(tmp_path, target, clauses="MODEL-02")
    status = done.run()
    is_annotated = "::error title=MODEL-02%3A fail::" in done.log
    assert (status, is_annotated, "nonconformant" in done.text("summary")) == (1, True, True)


def test_every_report_is_written(tmp_path: Path, target: str) -> None:
    job(tmp_path, target, clauses="MODEL-11", report_dir="my reports").run()
    written = sorted(path.name for path in (tmp_path / "my reports").iterdir())
    assert [name for name in ("ctrf.json", "junit.xml", "report.html", "results.json") if name not in written] == []


def test_wrong_usage_stops_the_job_without_a_verdict(tmp_path: Path, target: str) -> None:
    done = job(tmp_path, target, areas="modles")
    status = done.run()
    assert (status, done.output("verdict"), "the nearest is `models`" in done.log) == (2, "", True)


def test_a_target_that_is_not_there_stops_the_job(tmp_path: Path, refused_port: int) -> None:
    done = job(tmp_path, f"http://127.0.0.1:{refused_port}", clauses="MODEL-11")
    assert (done.run(), done.output("exit-status")) == (3, "3")


def test_no_input_becomes_part_of_a_script() -> None:
    """An expression inside a script lets whoever names a branch run commands."""
    assert [step["name"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_the_key_is_in_the_environment_of_one_step_only() -> None:
    holding = [step["name"] for step in STEPS if "api-key" in str(step)]
    assert holding == ["Check"]


def test_the_key_is_nowhere_in_the_log(tmp_path: Path, target: str) -> None:
    done = job(tmp_path, target, clauses="MODEL-02", api_key=API_KEY)
    done.run()
    assert API_KEY not in done.log + done.text("summary") + done.text("output")


def test_a_package_is_installed_apart(tmp_path: Path) -> None:
    fake = tmp_path / "bin"
    fake.mkdir()
    script = '#!/bin/bash\necho "$@" >> "$HOME/calls"\nmkdir -p "$3/bin" && ln -sf "$0" "$3/bin/python"\n'
    (fake / "python3").write_text(script)
    (fake / "python3").chmod(0o755)
    environ = {"PATH": f"{fake}:/usr/bin:/bin", "HOME": str(tmp_path), "RUNNER_TEMP": str(tmp_path / "temp")}
    environ |= {"GITHUB_PATH": str(tmp_path / "path"), "PACKAGE": "assisters-verify==0.1.0; echo x"}
    subprocess.run(_INSTALL, env=environ, cwd=tmp_path, timeout=60, check=True)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert (calls[1], (tmp_path / "path").read_text()) == (
        "-m pip install --quiet --disable-pip-version-check assisters-verify==0.1.0; echo x",
        f"{tmp_path}/temp/assisters-verify/bin\n",
    )


def test_every_input_is_described_and_used() -> None:
    text = (content_root() / "action.yml").read_text(encoding="utf-8")
    unused = [name for name in ACTION["inputs"] if f"inputs.{name}" not in text]
    undescribed = [name for name, one in ACTION["inputs"].items() if not one.get("description")]
    assert (unused, undescribed) == ([], [])
