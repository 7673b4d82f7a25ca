"""`assisters-verify load calibrate`: tell how exact this machine measures at the user's own load."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from assisters_verify.calibration import Calibration, calibrate, calibration_lines
from assisters_verify.cli.ending import end
from assisters_verify.cli.load_progress import LoadProgress
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.exact import ExactOptions
from assisters_verify.load_judging import Bench
from assisters_verify.load_run import fixed_keys, run_load
from assisters_verify.preflight import Unreachable
from assisters_verify.settings import SettingsError
from assisters_verify.settings.load import LoadSettings

_KEY = "key-of-the-calibration"
_USERS, _DURATION_S = 10, 10.0
_NO_CAPS = {"max_requests": 10**9, "max_tokens": 10**12, "max_rate_per_s": 1e6}
_EPILOG = """\b
Examples:
  assisters-verify load calibrate --users 400
  assisters-verify load calibrate --rate 1000 --scenario chat --latency 0.02 --duration 30
  assisters-verify load calibrate --users 400 --processes 2 --tls

The load is put on a server on this machine whose timing is known, and its log of what truly happened is compared with
what the generator says. The server takes a core too; where generator and target are on different machines, there is
more room than this shows.

Exit status: 0 good enough; 5 not; 2 wrong usage; 4 the suite itself failed."""


@click.command(epilog=_EPILOG)
@click.option("--users", type=click.IntRange(1), help=f"Closed loop: this many users.  [default: {_USERS}]")
@click.option("--rate", "rate_per_s", type=click.FloatRange(0, min_open=True), help="Open loop: requests each second.")
@click.option("--arrival", type=click.Choice(["constant", "poisson"]), help="When they are due.  [default: constant]")
@click.option(
    "--duration", "duration_s", type=click.FloatRange(1), default=_DURATION_S, show_default=True, help="Seconds."
)
@click.option("--processes", type=click.IntRange(1), help="Generator processes.  [default: 1]")
@click.option(
    "--scenario", type=click.Choice(["streaming", "chat"]), default="streaming", show_default=True, help="What is sent."
)
@click.option("--first-token", "first_token_s", type=float, default=0.05, show_default=True, help="The server's, in s.")
@click.option("--gap", "gap_s", type=float, default=0.01, show_default=True, help="Between two tokens, in s.")
@click.option("--tokens", type=int, default=50, show_default=True, help="Tokens of an answer.")
@click.option("--latency", "latency_s", type=float, default=0.05, show_default=True, help="Of `chat`, in s.")
@click.option("--tls", "is_secure", is_flag=True, help="Over TLS 1.3, with a certificate made for it.")
def command(
    *,
    users: int | None,
    rate_per_s: float | None,
    scenario: str,
    first_token_s: float,
    gap_s: float,
    tokens: int,
    latency_s: float,
    is_secure: bool,
    **options: Any,
) -> None:
    """Tell how exact this machine measures at a load, in milliseconds."""
    if users is not None and rate_per_s is not None:
        end(ExitStatus.USAGE, "a load has either users or a rate. Give one of --users and --rate.")
    if rate_per_s is None:
        users = users or _USERS
    try:
        exact = ExactOptions(first_token_s=first_token_s, gap_s=gap_s, tokens=tokens, latency_s=latency_s)
        settings = _settings(scenario, {**options, "users": users, "rate_per_s": rate_per_s})
    except ValueError as error:
        end(ExitStatus.USAGE, str(error))
    try:
        calibration = calibrate(settings, _run, options=exact, is_secure=is_secure)
    except SettingsError as error:
        end(ExitStatus.USAGE, str(error))
    except (OSError, Unreachable, _FailedError) as error:
        end(ExitStatus.SUITE_FAILED, f"the calibration failed: {error}")
    sys.exit(_tell(calibration))


class _FailedError(Exception):
    """The generator failed, and said why."""


def _settings(scenario: str, options: Mapping[str, object]) -> LoadSettings:
    # No target of the user's and no key has a part in this, and the load stays on this machine: no caps but the time.
    given = {name: value for name, value in options.items() if value is not None}
    return LoadSettings.model_validate({**_NO_CAPS, **given, "scenario": scenario})


def _run(settings: LoadSettings) -> Mapping[str, Any]:
    with LoadProgress(settings) as progress:
        finished = run_load(settings, keys=fixed_keys(_KEY), bench=Bench(), on_event=progress.show)
    if finished.ended_by is not None:
        sys.exit(128 + finished.ended_by)
    if finished.document is None or finished.failure is not None:
        raise _FailedError(finished.failure or "it ended without figures")
    return finished.document


def _tell(calibration: Calibration) -> ExitStatus:
    click.echo("\n".join(calibration_lines(calibration)))
    return ExitStatus.HELD if calibration.is_good else ExitStatus.VOID
