"""`assisters-verify conformance`: check a target and write the reports."""

from pathlib import Path
from typing import Any

import click

from assisters_verify.cli.choosing import format_option
from assisters_verify.cli.completing import complete_areas, complete_clauses

_EPILOG = """\b
Examples:
  assisters-verify conformance
  assisters-verify conformance --base-url http://localhost:8080 --profile core
  assisters-verify conformance --base-url https://api.example.com --area chat --area streaming
  assisters-verify conformance --target target.yaml --strict --report-dir build/conformance
  assisters-verify conformance --area chat --format junit,ctrf --quiet
  assisters-verify conformance --extra-checks our-checks
  assisters-verify conformance --replay assisters-verify-report
  assisters-verify conformance --json | jq 'select(.event == "check_ended" and .verdict == "fail")'

\b
Exit status: 0 no must is broken; 1 at least one is; 2 wrong usage or configuration;
3 the target cannot be reached, speaks no HTTP, or all that was asked for rests on something broken;
4 the suite itself failed."""

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=_EPILOG)
@click.option(
    "--base-url", metavar="URL", help="Origin of the API. Without it the embedded reference server is checked."
)
@click.option(
    "--target", "target_file", type=_file, metavar="FILE", help="Target file (YAML) with what the vendor tells."
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Judge the recorded run in this --report-dir again, without a target; nothing is sent.",
)
@click.option("--profile", type=click.Choice(["core", "full"]), help="How much is checked.  [default: full]")
@click.option(
    "--area",
    "areas",
    multiple=True,
    metavar="AREA",
    shell_complete=complete_areas,
    help="Check this area only; may be repeated.",
)
@click.option(
    "--clause",
    "clauses",
    multiple=True,
    metavar="ID",
    shell_complete=complete_clauses,
    help="Check this clause only; may be repeated.",
)
@click.option(
    "--extra-checks",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder with checks of your own, and the clauses.yaml that they prove (docs/extending.md).",
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the reports are written.  [default: assisters-verify-report]",
)
@click.option("--ca-file", type=_file, metavar="FILE", help="Certificates (PEM) to trust instead of the system's.")
@click.option(
    "--known-failures",
    type=_file,
    metavar="FILE",
    help="Failures that are known (YAML); stale and expired entries give exit status 1.",
)
@click.option("--strict", is_flag=True, default=None, help="Warnings and undecided musts give exit status 1 too.")
@click.option("--plan", is_flag=True, default=None, help="Say what would be checked and sent, and send nothing.")
@click.option("--seed", type=int, metavar="N", help="Seed of generated requests.  [default: 0]")
@click.option("--examples", type=int, metavar="N", help="Generated examples for each operation.  [default: 20]")
@click.option("--max-requests", type=int, metavar="N", help="Hard cap on requests.")
@click.option("--max-tokens", type=int, metavar="N", help="Cap on tokens, as far as answers tell their usage.")
@click.option("--retries", type=int, metavar="N", help="How often a 5xx is tried again.  [default: 3]")
@click.option("--timeout", "timeout_s", type=float, metavar="S", help="Deadline of one exchange.  [default: 60]")
@click.option("--deadline", "deadline_s", type=float, metavar="S", help="Deadline of the whole run.  [default: 600]")
@click.option("--concurrency", type=int, metavar="N", help="Requests side by side.  [default: 16]")
@click.option(
    "--allow-burst",
    is_flag=True,
    default=None,
    help="Allow bursts past the rate limit against a target that is not on this machine.",
)
@click.option(
    "--allow-plain-http",
    is_flag=True,
    default=None,
    help="Allow the key to be sent unencrypted to a target that is not on this machine.",
)
@format_option()
@click.option("--quiet", "is_quiet", is_flag=True, help="Say nothing but the verdict, in one line.")
@click.option(
    "--json", "is_json", is_flag=True, help="Events on standard output, one JSON object a line (docs/events.md)."
)
def command(**options: Any) -> None:
    """Check that a server keeps the promises of the documentation.

    The key is read from ASSISTERS_API_KEY, or from where the target file says; never from the command line.
    """
    from assisters_verify.cli.conformance_action import check  # noqa: PLC0415 - so that help comes at once

    check(**options)
