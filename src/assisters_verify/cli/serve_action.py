"""What `assisters-verify serve` does: run the reference server until it is interrupted."""

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import click

from assisters_verify.cli.ending import end
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.reference import DEFAULT_API_KEY, ReferenceOptions, ReferenceServer


def serve(  # noqa: PLR0913 - one for each option
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
    """Serve with these options until a signal comes."""
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
