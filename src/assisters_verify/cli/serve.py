"""`assisters-verify serve`: run the reference server in the foreground."""

from pathlib import Path
from typing import Any

import click

_EPILOG = """\b
Examples:
  assisters-verify serve --port 8080
  assisters-verify serve --latency 0.05 --token-gap 0.01 --tokens 50
  assisters-verify serve --fault stream_is_buffered

The key is told when it starts; ASSISTERS_API_KEY gives another."""

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(epilog=_EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of ids, secrets and texts.")
@click.option(
    "--limit", type=int, default=1000, show_default=True, help="Requests a key may send in a window; 0 lifts it."
)
@click.option("--window", type=float, default=60.0, show_default=True, help="Length of that window in seconds.")
@click.option("--latency", type=float, default=0.0, show_default=True, help="Seconds to an answer or a first chunk.")
@click.option(
    "--token-gap", type=float, default=0.002, show_default=True, help="Seconds between two chunks of a stream."
)
@click.option("--tokens", type=int, help="Exact length of every free text answer.")
@click.option(
    "--timing-log", type=click.Path(path_type=Path), help="File for the true times of each answer (JSON lines)."
)
@click.option("--tls-certificate", type=_file, help="Certificate chain (PEM): speak TLS 1.3 only.")
@click.option("--tls-key", type=_file, help="The certificate's private key (PEM).")
@click.option(
    "--reading", "readings", multiple=True, metavar="NAME", help="Make a permitted choice otherwise; repeatable."
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Break a promise on purpose; repeatable.")
def command(**options: Any) -> None:
    """Run the reference server until it is interrupted."""
    from assisters_verify.cli.serve_action import serve  # noqa: PLC0415 - so that help comes at once

    serve(**options)
