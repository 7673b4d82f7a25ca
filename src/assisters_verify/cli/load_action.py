"""What `assisters-verify load` does: put load on a target, judge what came of it, and write the reports."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from assisters_verify.cli.ending import end, warn
from assisters_verify.cli.load_fitting import fit, is_about_limits
from assisters_verify.cli.load_plan import plan_lines
from assisters_verify.cli.load_progress import LoadEventLines, LoadProgress
from assisters_verify.cli.load_target import embedded_target
from assisters_verify.cli.progress import Silence
from assisters_verify.cli.report_dir import check_report_dir
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.contract.load_keys import borrowed_keys
from assisters_verify.contract.throttling.judging import OF_ANSWERS, bench_of
from assisters_verify.load_run import FinishedLoad, KeyRing, first_key, fixed_keys, run_load
from assisters_verify.load_scenarios import load_folder, profiles, scenarios
from assisters_verify.preflight import Unreachable
from assisters_verify.redaction import Redactor
from assisters_verify.reporting.load import closing_lines, write_load_reports
from assisters_verify.reporting.load.prometheus import LiveFigures, serve
from assisters_verify.reporting.load.sentences import headline
from assisters_verify.reporting.private_file import ReportError
from assisters_verify.settings import Secrets, SettingsError
from assisters_verify.settings.load import LoadSettings, Role
from assisters_verify.settings.load_loading import load_load_settings, read_keys
from assisters_verify.settings.replay import read_replay


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """How the run tells what it does and what it found."""

    is_quiet: bool
    is_json: bool

    def progress(self, settings: LoadSettings) -> LoadEventLines | LoadProgress | Silence:
        """Return who is shown the events of the run."""
        if self.is_json:
            return LoadEventLines()
        return Silence() if self.is_quiet else LoadProgress(settings)


def put_load(
    *,
    scenario: str | None,
    target_file: Path | None,
    is_list: bool,
    is_quiet: bool,
    is_json: bool,
    is_master: bool,
    is_worker: bool,
    **options: Any,
) -> None:
    """Put the load of these options on their target, and leave with the exit status."""
    if is_list:
        _print_list()
        return
    try:
        options["role"] = _role(is_master=is_master, is_worker=is_worker)
        settings, secrets = _settings(scenario, target_file, options)
    except SettingsError as error:
        end(ExitStatus.USAGE, str(error))
    if settings.plan:
        click.echo("\n".join(plan_lines(settings)))
        return
    voice = _Voice(is_quiet=is_quiet, is_json=is_json)
    try:
        sys.exit(_run(settings, secrets, voice))
    except KeyboardInterrupt:
        end(ExitStatus.INTERRUPTED, "interrupted before the load began, or while the reports were drawn.")
    except Exception as error:  # noqa: BLE001 - Python's own exit status for it would say that a threshold is not held
        at = traceback.extract_tb(error.__traceback__)[-1]
        redact = Redactor(secrets.reveal().items()).text
        words = f"{type(error).__name__}: {error} (in {at.name}, line {at.lineno} of {Path(at.filename).name})"
        end(ExitStatus.SUITE_FAILED, redact(f"the suite itself failed: {words}"))


def _role(*, is_master: bool, is_worker: bool) -> Role | None:
    if is_master and is_worker:
        raise SettingsError("a process is either the master or a worker. Give one of --master and --worker.")
    if is_master:
        return Role.MASTER
    return Role.WORKER if is_worker else None


def _settings(scenario: str | None, target_file: Path | None, options: dict[str, Any]) -> tuple[LoadSettings, Secrets]:
    if scenario is None:
        known = ", ".join(scenarios())
        raise SettingsError(f"which scenario? Give one of {known}. See assisters-verify load --list.")
    settings, secrets = load_load_settings(
        scenario,
        scenarios=tuple(scenarios()),
        profiles=load_folder() / "profiles",
        target_file=target_file,
        options=options,
        environ=os.environ,
    )
    check_report_dir(settings.report_dir)
    if settings.replay is not None:
        read_replay(settings.replay)
    fitted = fit(settings, options)
    _check_keys(fitted)
    return fitted, secrets


def _check_keys(settings: LoadSettings) -> None:
    """Keys that one machine made are not known to the others, and no key goes over the line between them."""
    is_spread = settings.role is not Role.SINGLE
    if is_spread and settings.keys_file is None and (settings.keys > 1 or is_about_limits(settings.scenario)):
        raise SettingsError(
            f"this run takes {settings.keys} keys, and the master and its workers must have the same. Make them before "
            "(POST /v1/keys), and give the same file with one key a line to each of them: --keys-file."
        )


def _print_list() -> None:
    click.echo("Scenarios:")
    for name, words in scenarios().items():
        click.echo(f"  {name:12} {words}")
    click.echo("Profiles:")
    for name, words in profiles().items():
        click.echo(f"  {name:12} {words}")


def _run(settings: LoadSettings, secrets: Secrets, voice: _Voice) -> ExitStatus:
    with _target(settings, secrets) as (aimed, its_secrets), voice.progress(aimed) as progress:
        try:
            finished = run_load(
                aimed,
                keys=_keys(aimed, its_secrets),
                bench=replace(bench_of(aimed.scenario), by_sample=frozenset(OF_ANSWERS)),
                on_event=_listeners(aimed, progress.show),
            )
        except Unreachable as error:
            progress.stop()
            end(ExitStatus.UNREACHABLE, str(error))
        except SettingsError as error:
            progress.stop()
            end(ExitStatus.USAGE, str(error))
    status = _report(aimed, finished, voice)
    if finished.document is not None and isinstance(progress, LoadEventLines):
        progress.finish(finished.document, exit_status=status)
    return status


@contextmanager
def _target(settings: LoadSettings, secrets: Secrets) -> Iterator[tuple[LoadSettings, Secrets]]:
    if not settings.is_embedded:
        yield settings, secrets
        return
    with embedded_target(settings, is_limited=is_about_limits(settings.scenario)) as found:
        yield found


def _keys(settings: LoadSettings, secrets: Secrets) -> Callable[[], AbstractContextManager[KeyRing]]:
    if settings.keys_file is not None:
        keys = [key.get_secret_value() for key in read_keys(settings.keys_file)]
        if len(keys) < settings.keys:
            raise SettingsError(
                f"{settings.keys_file.name} holds {len(keys)} keys, and --keys asks for {settings.keys}."
            )
        return fixed_keys(*keys[: settings.keys])
    if settings.keys > 1 or is_about_limits(settings.scenario):
        return borrowed_keys(settings, secrets, say=warn)
    return fixed_keys(first_key(secrets))


def _listeners(settings: LoadSettings, show: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    if settings.prometheus_port is None:
        return show
    figures = LiveFigures(settings.scenario)
    try:
        port = serve(figures, settings.prometheus_port)
    except OSError as error:
        words = f"cannot serve figures on port {settings.prometheus_port}: {error.strerror}"
        raise SettingsError(f"{words}. Give another --prometheus-port.") from error
    warn(f"figures of the run in Prometheus text: http://127.0.0.1:{port}/metrics")

    def take(event: dict[str, Any]) -> None:
        figures.take(event)
        show(event)

    return take


def _report(settings: LoadSettings, finished: FinishedLoad, voice: _Voice) -> ExitStatus:
    status = finished.exit_status
    if finished.failure is not None:
        warn(f"the generator failed: {finished.failure}")
    document = finished.document
    if document is None:
        return status
    try:
        write_load_reports(settings.report_dir, document)
    except (ReportError, OSError) as error:
        warn(f"cannot write the reports: {error}")
        status = ExitStatus.SUITE_FAILED
    if voice.is_quiet and not voice.is_json:
        _say(headline(document))
    elif not voice.is_json:
        is_coloured = sys.stdout is not None and sys.stdout.isatty()
        _say(closing_lines(document, report_dir=settings.report_dir, is_coloured=is_coloured))
    return status


def _say(text: str) -> None:
    try:
        click.echo(text)
    except OSError:
        # Whoever read it has gone; the exit status must still tell what was found, so nothing may be left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
