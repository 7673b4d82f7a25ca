"""`assisters-verify serve`: run the reference server in the foreground."""

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import click

from assisters_verify.cli.ending import end
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.reference import DEFAULT_API_KEY, ReferenceOptions, ReferenceServer

_EPILOG = f"""\b
Examples:
  assisters-verify serve --port 8080
  assisters-verify serve --latency 0.05 --token-gap 0.01 --tokens 50
  assisters-verify serve --fault stream_is_buffered

The key is {DEFAULT_API_KEY}, unless ASSISTERS_API_KEY says otherwise."""

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
def command(  # noqa: PLR0913 - one for each option
    *,
    host: str,
    port: int,
    seed: int,
    limit: int,
    window: float,
    latency: float,
    token_gap: float,
    tokens: int | None,
    timing_log: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    readings: tuple[str, ...],
    faults: tuple[str, ...],
) -> None:
    """Run the reference server until it is interrupted."""
    options = ReferenceOptions(
        host=host,
        port=port,
        seed=seed,
        limit=limit or None,
        window_s=window,
        latency_s=latency,
        token_gap_s=token_gap,
        tokens=tokens,
        log_path=timing_log,
        tls_certificate_file=tls_certificate,
        tls_key_file=tls_key,
        readings=readings,
        faults=faults,
    )
    key = os.environ.get("ASSISTERS_API_KEY")
    if key:
        options = replace(options, api_keys=(key,))
    try:
        server = ReferenceServer(options)
        server.start()
    except (OSError, ValueError, KeyError) as error:
        end(ExitStatus.USAGE, f"cannot serve on {host}:{port}: {error}. See assisters-verify serve --help.")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    click.echo(f"serving on {server.base_url}; the key is {'yours' if key else DEFAULT_API_KEY}")
    stopped.wait()
    server.stop()
