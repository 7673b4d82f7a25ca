"""Shells complete commands, options and the words that options take, and are not kept waiting."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assisters_verify.cli import COMMANDS

SCRIPT = Path(sys.executable).parent / "assisters-verify"


def complete(*words: str) -> list[str]:
    """Return what bash would be offered for the last of these words."""
    line = " ".join(["assisters-verify", *words])
    environ = {**os.environ, "_ASSISTERS_VERIFY_COMPLETE": "bash_complete", "COMP_WORDS": line}
    environ["COMP_CWORD"] = str(len(words))
    called = subprocess.run([SCRIPT], env=environ, capture_output=True, text=True, timeout=60, check=True)
    return [answer.partition(",")[2] for answer in called.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("conf",), ["conformance"]),
        (("conformance", "--area", "emb"), ["embeddings"]),
        (("conformance", "--clause", "legacy-0"), [f"LEGACY-0{n}" for n in range(1, 5)]),
        (("conformance", "--format", "m"), ["markdown"]),
        (("conformance", "--profile", "c"), ["core"]),
        (("conformance", "--stri"), ["--strict"]),
        (("spec", "cov"), ["coverage"]),
    ],
)
def test_a_word_is_completed(words: tuple[str, ...], expected: list[str]) -> None:
    assert complete(*words) == expected


def test_every_command_is_offered() -> None:
    assert [name for name in COMMANDS if name not in complete("")] == []


def test_offering_commands_imports_none_of_them() -> None:
    code = "import sys, click; from assisters_verify.cli import main; main.shell_complete(click.Context(main), '')"
    code += "; sys.exit(any(name in sys.modules for name in ('httpx', 'pydantic', 'yaml', 'rich')))"
    called = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert called.returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_line_gives_a_script(shell: str) -> None:
    environ = {**os.environ, "_ASSISTERS_VERIFY_COMPLETE": f"{shell}_source"}
    called = subprocess.run([SCRIPT], env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert "_ASSISTERS_VERIFY_COMPLETE" in called.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_takes_the_script(tmp_path: Path) -> None:
    environ = {"PATH": f"{SCRIPT.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    line = 'eval "$(_ASSISTERS_VERIFY_COMPLETE=bash_source assisters-verify)"; complete -p assisters-verify'
    called = subprocess.run(
        ["/bin/bash", "-ec", line], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert "_assisters_verify_completion assisters-verify" in called.stdout
