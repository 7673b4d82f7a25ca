"""The command line: each subcommand in a file of its own, loaded only when it is called."""

import importlib
import io
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

from assisters_verify import __version__

# 128 and the number of SIGINT: `conformance_run` has the others, but takes its time to be imported.
_INTERRUPTED = 130

COMMANDS: dict[str, str] = {
    "conformance": "Check that a server keeps the documentation's promises.",
    "doctor": "Look at a target before a run: reach, key, models, areas, latency.",
    "load": "Put load on a server, and tell whether it holds.",
    "serve": "Run the reference server.",
    "report": "Draw reports again from a result.",
    "spec": "List what is promised, and what is checked.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are needed, so that help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command that was named. Ctrl-C ends any of them as shells know it, and not as if it had judged."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.stderr.write("assisters-verify: interrupted.\n")
            sys.exit(_INTERRUPTED)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"assisters_verify.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing them: a shell asks at each key."""
        named = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)


_EPILOG = """\b
Examples:
  assisters-verify conformance                                     try it on the embedded server
  assisters-verify doctor --base-url https://api.example.com       look first what is there
  assisters-verify conformance --base-url https://api.example.com  check yours (key in ASSISTERS_API_KEY)

Each command's --help has more."""


@click.command(
    cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="assisters-verify")
def main() -> None:
    """Tell whether a server keeps the promises of the Assisters API, and how it behaves under load."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal may know fewer characters than a target's answers hold.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
