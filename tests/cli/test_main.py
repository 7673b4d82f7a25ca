"""The command's own face: help at once, no command unknown without a word, two ways to start it."""

import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import pytest

from assisters_verify import __version__
from assisters_verify.cli import COMMANDS, main

if TYPE_CHECKING:
    from tests.cli.conftest import Call


def test_module_can_be_run() -> None:
    called = subprocess.run(
        [sys.executable, "-m", "assisters_verify", "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (called.returncode, called.stdout) == (0, f"assisters-verify, version {__version__}\n")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(call: "Call", option: str) -> None:
    called = call(option)
    assert (called.status, [name for name in COMMANDS if name not in called.stdout]) == (0, [])


def test_help_imports_no_command() -> None:
    """Help comes at once."""
    code = "import sys; from assisters_verify.cli import main; main(['--help'], standalone_mode=False)"
    code += "; sys.exit(any(name in sys.modules for name in ('httpx', 'pydantic', 'uvicorn', 'rich', 'jinja2')))"
    called = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert called.returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(call: "Call", name: str) -> None:
    called = call(name, "--help")
    assert (called.status, called.stdout.startswith(f"Usage: assisters-verify {name}")) == (0, True)


@pytest.mark.parametrize("name", ["conformance", "doctor", "load", "serve", "spec"])
def test_the_help_of_a_command_imports_nothing_that_it_does(name: str) -> None:
    """Help comes at once."""
    code = f"import sys; from assisters_verify.cli import main; main([{name!r}, '--help'], standalone_mode=False)"
    code += "; sys.exit(any(name in sys.modules for name in ('httpx', 'pydantic', 'uvicorn', 'rich', 'jinja2')))"
    called = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert called.returncode == 0


def helps() -> Iterator[tuple[str, str]]:
    """Yield each command that does something, with its help."""
    waiting: list[tuple[str, click.Command]] = [("assisters-verify", main)]
    while waiting:
        path, command = waiting.pop()
        context = click.Context(command, info_name=path, terminal_width=100)
        if isinstance(command, click.Group):
            names = command.list_commands(context)
            waiting += [(f"{path} {name}", inner) for name in names if (inner := command.get_command(context, name))]
        else:
            yield path, command.get_help(context)


def test_every_command_shows_an_example() -> None:
    assert [path for path, text in helps() if f"\n    {path}" not in text] == []


def test_no_help_shows_a_mark_of_its_markup() -> None:
    """A raw docstring makes two letters of the mark that keeps lines apart."""
    whole = main.get_help(click.Context(main, info_name="assisters-verify"))
    assert [path for path, text in [*helps(), ("assisters-verify", whole)] if "\\b" in text] == []


def test_unknown_command_is_told(call: "Call") -> None:
    called = call("conform")
    assert (called.status, "No such command 'conform'" in called.stderr) == (2, True)


def test_no_option_takes_a_key() -> None:
    """A key on the command line is in the shell's history and in everybody's list of processes."""
    context = click.Context(main)
    parameters: list[click.Parameter] = []
    for name in COMMANDS:
        found = main.get_command(context, name) if isinstance(main, click.Group) else None
        assert found is not None
        parameters += found.params
    about_keys = [parameter for parameter in parameters if any("key" in name for name in parameter.opts)]
    # How many keys, and in which file they stand, is no secret.
    harmless = (click.Path, click.types.IntParamType, click.IntRange)
    assert [parameter.name for parameter in about_keys if not isinstance(parameter.type, harmless)] == []
