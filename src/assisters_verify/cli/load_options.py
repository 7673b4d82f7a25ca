"""The options of `assisters-verify load`, and how it hands over to `load calibrate`."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_EPILOG = """\b
Examples:
  assisters-verify load --list
  assisters-verify load streaming
  assisters-verify load streaming --base-url http://localhost:8080 --users 20 --duration 60
  assisters-verify load mixed --base-url http://localhost:8080 --rate 15 --arrival poisson --profile release
  assisters-verify load throttling --target target.yaml --plan
  assisters-verify load chat --base-url https://api.example.com --allow-load api.example.com
  assisters-verify load chat --replay yesterday.jsonl --report-dir build/load
  assisters-verify load calibrate

\b
Two machines: on the first
  assisters-verify load streaming --base-url URL --rate 200 --master --workers 2
and on each of two others, with the same scenario, target and load
  assisters-verify load streaming --base-url URL --rate 200 --worker --master-host FIRST

\b
Exit status: 0 all thresholds and promises held; 1 at least one did not, or was left undecided;
2 wrong usage or configuration; 3 the target cannot be reached or speaks no HTTP; 4 the suite itself
failed; 5 void: the generator, not the target, was the limit; 130, 143 ended by a signal, with none of these."""

_file = click.Path(path_type=Path, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)
_HIDDEN_WORD = "calibrate"


class LoadCommand(click.Command):
    """`load SCENARIO`, and `load calibrate` with options of its own."""

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **{"epilog": _EPILOG, **values})

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of this command, or that of `calibrate`."""
        if args and args[0] == _HIDDEN_WORD:
            calibrate = importlib.import_module("assisters_verify.cli.load_calibrate").command
            assert isinstance(calibrate, click.Command)
            return calibrate.make_context(f"{info_name} {_HIDDEN_WORD}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("scenario", required=False),
    click.option("--list", "is_list", is_flag=True, help="List scenarios and profiles."),
    click.option("--base-url", metavar="URL", help="Origin of the API. Without it the embedded server gets the load."),
    click.option("--target", "target_file", type=_file, metavar="FILE", help="Target file (YAML)."),
    click.option(
        "--profile", metavar="NAME|FILE", help="Load and thresholds: smoke, release, soak, or a file.  [default: smoke]"
    ),
    click.option("--users", type=int, metavar="N", help="Closed loop: this many users, each waiting for its answer."),
    click.option(
        "--rate", "rate_per_s", type=float, metavar="R", help="Open loop: this many requests are due each second."
    ),
    click.option(
        "--arrival", type=click.Choice(["constant", "poisson"]), help="When they are due.  [default: constant]"
    ),
    click.option("--duration", "duration_s", type=float, metavar="S", help="Length of the measured part."),
    click.option("--warm-up", "warm_up_s", type=float, metavar="S", help="Before it: sent, not in the figures."),
    click.option("--cool-down", "cool_down_s", type=float, metavar="S", help="After it: sent, not in the figures."),
    click.option("--drain", "drain_s", type=float, metavar="S", help="How long answers under way are waited for."),
    click.option("--replay", type=_file, metavar="FILE", help="Send these requests at their times (JSON lines)."),
    click.option("--keys", type=int, metavar="N", help="Spread the load over N API keys, made for the run."),
    click.option("--keys-file", type=_file, metavar="FILE", help="Keys that are there, one a line, instead."),
    click.option("--report-dir", type=_folder, metavar="DIR", help="[default: assisters-verify-load-report]"),
    click.option("--processes", type=int, metavar="N", help="Generator processes on this machine.  [default: 1]"),
    click.option("--master", "is_master", is_flag=True, help="Let workers on other machines make the load."),
    click.option("--worker", "is_worker", is_flag=True, help="Make load for a master; the same options as there."),
    click.option("--workers", type=int, metavar="N", help="With --master: how many to wait for.  [default: 1]"),
    click.option("--master-host", metavar="HOST", help="With --worker: where the master is.  [default: 127.0.0.1]"),
    click.option("--master-port", type=int, metavar="N", help="Port of the master.  [default: 5557]"),
    click.option("--max-requests", type=int, metavar="N", help="Stop at this many requests.  [default: 1000000]"),
    click.option("--max-tokens", type=int, metavar="N", help="Stop at this many tokens.  [default: 20000000]"),
    click.option(
        "--max-rate", "max_rate_per_s", type=float, metavar="R", help="Never send more a second.  [default: 10000]"
    ),
    click.option("--timeout", "timeout_s", type=float, metavar="S", help="Deadline of one request.  [default: 60]"),
    click.option("--deadline", "deadline_s", type=float, metavar="S", help="Deadline of the whole run."),
    click.option("--seed", type=int, metavar="N", help="Seed of all that is drawn.  [default: 0]"),
    click.option("--web", is_flag=True, default=None, help="Open Locust's own page on this machine meanwhile."),
    click.option("--web-port", type=int, metavar="N", help="Its port.  [default: 8089]"),
    click.option("--prometheus-port", type=int, metavar="N", help="Live figures in Prometheus text; 0: a free port."),
    click.option(
        "--allow-load", multiple=True, metavar="HOST", help="Allow load on this host, which is not this machine."
    ),
    click.option("--allow-plain-http", is_flag=True, default=None, help="Allow the key unencrypted off this machine."),
    click.option("--ca-file", type=_file, metavar="FILE", help="Certificates (PEM) to trust instead of the system's."),
    click.option("--plan", is_flag=True, default=None, help="Say what would be sent and spent, and send nothing."),
    click.option("--quiet", "is_quiet", is_flag=True, help="Say nothing but the verdict, in one line."),
    click.option("--json", "is_json", is_flag=True, help="Events on standard output, one JSON object a line."),
)


def load_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Put the options on a command, in the order of the help."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
