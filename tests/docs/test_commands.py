"""Every command that the documentation shows is there, with every option that it is shown with."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from assisters_verify.cli import main
from assisters_verify.content import content_root

ROOT = content_root()
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference")]
_FENCE = re.compile(r"^```(?:sh|bash|console|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_START = re.compile(r"(?:^|[\s/])assisters-verify (?=[a-z-])")


def shown_in(path: Path) -> Iterator[list[str]]:
    for fence in _FENCE.findall(path.read_text(encoding="utf-8")):
        for line in fence.replace("\\\n", " ").splitlines():
            for part in line.split("|"):
                found = _START.search(part)
                if found is not None and not part.lstrip().startswith("#"):
                    yield shlex.split(part[found.end() :], comments=True)


def wrong_with(words: list[str]) -> str:
    """Return what is unknown in a command line, or nothing."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        if inner is None:
            return words[0]
        command, words = inner, words[1:]
    if words[:1] == ["calibrate"]:
        return ""
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    known |= set(command.get_help_option_names(context)) | {"--help"}
    return " ".join(word for word in words if word.startswith("--") and word.partition("=")[0] not in known)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shown_command_can_be_given(path: Path) -> None:
    wrong = {" ".join(words): wrong_with(words) for words in shown_in(path)}
    assert {line: problem for line, problem in wrong.items() if problem} == {}


def test_commands_are_found_in_the_pages() -> None:
    assert sum(1 for path in PAGES for _ in shown_in(path)) > 30


def test_an_unknown_option_is_found() -> None:
    assert wrong_with(["conformance", "--base-url", "x", "--no-such"]) == "--no-such"
