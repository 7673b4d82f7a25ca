"""What `assisters-verify conformance` does: check a target, and write the reports."""

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import SecretStr

from assisters_verify.catalogue import Catalogue, Clause, extend_catalogue, load_catalogue
from assisters_verify.cli.ending import (
    Terminated,
    end,
    ended_in_order,
    failure_in_words,
    print_summary,
    print_verdict,
    warn,
)
from assisters_verify.cli.progress import EventLines, Progress, Shown, Silence
from assisters_verify.cli.replaying import Replay, open_replay
from assisters_verify.cli.report_dir import check_report_dir
from assisters_verify.conformance_run import ExitStatus, Finished, run_conformance, with_known_failures
from assisters_verify.content import content_root
from assisters_verify.costs import plan_lines, read_costs
from assisters_verify.known_failures import KnownFailure
from assisters_verify.preflight import Unreachable
from assisters_verify.recording.file import NAME as RECORDING
from assisters_verify.redaction import Redactor
from assisters_verify.reporting import ReportError, write_reports
from assisters_verify.reporting.private_file import write_private
from assisters_verify.settings import RunSettings, Secrets, SettingsError, load_settings, select_clauses
from assisters_verify.settings.known_failures import read_known_failures

if TYPE_CHECKING:
    from assisters_verify.reference import ReferenceServer

# The recording belongs to the evidence: who leaves that out wants no record of what was sent.
_EVIDENCE = "har"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """How the run tells what it does and what it found."""

    is_quiet: bool
    is_json: bool
    formats: tuple[str, ...]
    known: tuple[KnownFailure, ...] | None

    def progress(self, settings: RunSettings, clauses: Sequence[Clause]) -> Shown:
        """Return who is shown the events of the run."""
        if self.is_json:
            return EventLines(clauses, target=str(settings.target.base_url))
        return Silence() if self.is_quiet else Progress(clauses)


def check(
    *,
    target_file: Path | None,
    formats: tuple[str, ...],
    is_quiet: bool,
    is_json: bool,
    replay: Path | None,
    **options: Any,
) -> None:
    """Check the target of these options, write the reports, and leave with the exit status."""
    try:
        catalogue = _catalogue(options)
        recorded = open_replay(replay, {**options, "target": target_file}, catalogue) if replay else None
        if recorded is not None:
            settings, clauses = recorded.settings, recorded.clauses
        else:
            settings = load_settings(target_file=target_file, options=options, environ=os.environ)
            clauses = select_clauses(settings, catalogue)
        known = _read_known(settings, catalogue)
        check_report_dir(settings.options.report_dir)
    except SettingsError as error:
        end(ExitStatus.USAGE, str(error))
    if settings.options.plan:
        _print_plan(settings, clauses)
        return
    try:
        voice = _Voice(is_quiet=is_quiet, is_json=is_json, formats=formats, known=known)
        with ended_in_order():
            sys.exit(_run_again(recorded, voice) if recorded else _run(settings, clauses, target_file, voice))
    except KeyboardInterrupt as interrupt:
        status = ExitStatus.TERMINATED if isinstance(interrupt, Terminated) else ExitStatus.INTERRUPTED
        end(status, "interrupted before the checks began, or while the reports were drawn.")
    except Exception as error:  # noqa: BLE001 - Python's own exit status for it would say that a must is broken
        redact = Redactor(settings.secrets.reveal().items()).text
        end(ExitStatus.SUITE_FAILED, redact(f"the suite itself failed: {failure_in_words(error)}"))


def _catalogue(options: dict[str, Any]) -> Catalogue:
    """Return the suite's clauses, and behind them those of a user's own. Raises SettingsError.

    The folder's name is made whole in the options: the checks run elsewhere.
    """
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    folder = options["extra_checks"]
    if folder is None:
        return catalogue
    options["extra_checks"] = folder.absolute()
    try:
        return extend_catalogue(catalogue, folder.absolute())
    except ValueError as error:
        raise SettingsError(f"--extra-checks: {error}") from error


def _read_known(settings: RunSettings, catalogue: Catalogue) -> tuple[KnownFailure, ...] | None:
    file = settings.target.known_failures
    return None if file is None else read_known_failures(file, catalogue.ids)


def _run(settings: RunSettings, clauses: Sequence[Clause], target_file: Path | None, voice: "_Voice") -> ExitStatus:
    with _target(settings) as server:
        if server is not None:
            settings = settings.with_server(server.base_url, _secrets_of(server))
        with voice.progress(settings, clauses) as progress:
            try:
                finished = run_conformance(settings, clauses, on_event=progress.show, target_file=target_file)
            except Unreachable as error:
                progress.stop()
                end(ExitStatus.UNREACHABLE, str(error))
    return _report(settings, finished, voice, progress)


def _run_again(recorded: Replay, voice: "_Voice") -> ExitStatus:
    with voice.progress(recorded.settings, recorded.clauses) as progress:
        finished = recorded.run(on_event=progress.show)
    return _report(recorded.settings, finished, voice, progress)


def _secrets_of(server: "ReferenceServer") -> Secrets:
    first, second = server.options.api_keys
    return Secrets(api_key=SecretStr(first), second_api_key=SecretStr(second))


def _target(settings: RunSettings) -> "AbstractContextManager[ReferenceServer | None]":
    if not settings.is_embedded:
        return nullcontext()
    from assisters_verify.reference import (  # noqa: PLC0415 - a sixth of the memory of a run that needs no server
        ReferenceOptions,
        ReferenceServer,
    )

    return ReferenceServer(ReferenceOptions())


def _report(settings: RunSettings, finished: Finished, voice: "_Voice", progress: Shown) -> ExitStatus:
    directory, file = settings.options.report_dir, settings.target.known_failures
    if voice.known is not None and file is not None:
        finished = with_known_failures(finished, voice.known, file)
    status = finished.exit_status(is_strict=settings.options.strict)
    written: tuple[Path, ...] = ()
    try:
        written = write_reports(directory, finished.results, finished.exchanges, formats=voice.formats)
        if finished.recording is not None and _EVIDENCE in (voice.formats or (_EVIDENCE,)):
            write_private(directory / RECORDING, finished.recording)
    except (ReportError, OSError) as error:
        warn(f"cannot write the reports: {error}")
        status = ExitStatus.SUITE_FAILED
    if isinstance(progress, EventLines):
        progress.finish(finished.results, exit_status=status, reports=[str(path) for path in written])
    elif voice.is_quiet:
        print_verdict(finished.results)
    else:
        print_summary(finished.results, directory)
    if finished.failure is not None:
        warn(f"the suite itself failed: {finished.failure}")
    if status in {ExitStatus.UNREACHABLE, ExitStatus.BROKEN} and finished.proves_nothing:
        reason = finished.results["clauses"][0]["reason"]
        warn(f"nothing that was asked for could be decided, so this run proves nothing: {reason}")
    return status


def _print_plan(settings: RunSettings, clauses: Sequence[Clause]) -> None:
    ids: dict[str, list[str]] = {}
    for clause in clauses:
        if clause.untestable is None:
            ids.setdefault(clause.area, []).append(clause.id)
    base_url = settings.target.base_url
    may_burst = base_url is None or base_url.is_loopback or settings.options.allow_burst
    for line in plan_lines(settings, ids, read_costs(content_root() / "spec"), may_burst=may_burst):
        click.echo(line)
