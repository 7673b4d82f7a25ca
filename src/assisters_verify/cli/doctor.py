"""`assisters-verify doctor`: look at a target before a run, and write a target file to start from."""

from pathlib import Path
from typing import Any

import click

_EPILOG = """\b
Examples:
  assisters-verify doctor --base-url https://api.example.com
  assisters-verify doctor --base-url http://localhost:8080 --write target.yaml
  assisters-verify doctor --target target.yaml --json

\b
It sends about 25 requests, one after the other, and makes nothing on the target that it does not take back.
Exit status: 0 nothing stands in the way of a run; 1 something does; 2 wrong usage or configuration;
3 the target cannot be reached or speaks no HTTP; 4 the suite itself failed."""

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=_EPILOG)
@click.option("--base-url", metavar="URL", help="Origin of the API. Without it the embedded reference server is seen.")
@click.option("--target", "target_file", type=_file, metavar="FILE", help="Target file (YAML), if there is one.")
@click.option("--receiver-url", metavar="URL", help="Public URL at which webhooks would reach this machine.")
@click.option("--ca-file", type=_file, metavar="FILE", help="Certificates (PEM) to trust instead of the system's.")
@click.option("--timeout", "timeout_s", type=float, metavar="S", help="Deadline of one exchange.  [default: 60]")
@click.option(
    "--allow-plain-http",
    is_flag=True,
    default=None,
    help="Allow the key to be sent unencrypted to a target that is not on this machine.",
)
@click.option("--write", "out", type=_file, metavar="FILE", help="Write a commented target file to start from.")
@click.option("--force", is_flag=True, help="Let --write replace a file that is there.")
@click.option("--json", "is_json", is_flag=True, help="What was found, as one JSON object.")
def command(**options: Any) -> None:
    """Look at a target before a run: reach, TLS, key, clock, models, areas, latency, limits, webhooks.

    The key is read from ASSISTERS_API_KEY, or from where the target file says; never from the command line.
    """
    from assisters_verify.cli.doctor_action import look_before  # noqa: PLC0415 - so that help comes at once

    look_before(**options)
