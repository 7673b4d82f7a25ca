"""Judge a recorded run again: find its recording, and say what cannot be used in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assisters_verify.catalogue import Catalogue, Clause
from assisters_verify.cli.results_input import read_results
from assisters_verify.conformance_run import Finished, replay_conformance
from assisters_verify.recording.entries import RecordingError
from assisters_verify.recording.file import NAME, Recording, read_recording
from assisters_verify.recording.told import settings_of
from assisters_verify.settings import RunSettings, SettingsError, select_clauses

_DEFAULT_DIRECTORY = Path("assisters-verify-replay")
# What a replay can be told; everything else was told to the recorded run.
_CHOICES = frozenset({"areas", "clauses", "extra_checks", "known_failures", "profile", "report_dir", "strict"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A recorded run that is to be judged again."""

    path: Path
    recording: Recording
    original: dict[str, Any]
    settings: RunSettings
    clauses: tuple[Clause, ...]

    def run(self, *, on_event: Callable[[dict[str, Any]], None]) -> Finished:
        """Judge it."""
        return replay_conformance(
            self.recording,
            self.path,
            self.clauses,
            settings=self.settings,
            original=self.original,
            on_event=on_event,
        )


def open_replay(directory: Path, options: Mapping[str, Any], catalogue: Catalogue) -> Replay:
    """Return the run in this report directory, with these options of the command line. Raises SettingsError."""
    given = {name: value for name, value in options.items() if value not in (None, ())}
    refused = sorted(f"--{name.removesuffix('_s').replace('_', '-')}" for name in given.keys() - _CHOICES)
    if refused:
        raise SettingsError(
            f"--replay sends nothing, and takes everything else from the recorded run: leave out {', '.join(refused)}."
        )
    path = directory / NAME
    try:
        recording = read_recording(path)
        settings = settings_of(recording.header)
    except RecordingError as error:
        raise SettingsError(f"{error}. Name the --report-dir of a run, as it was written.") from error
    original = read_results(directory)
    if (original.get("recording") or {}).get("sha256") != recording.digest:
        raise SettingsError(
            f"{path} is not the recording of the run in {directory / 'results.json'}: its SHA-256 is another. "
            "Name the --report-dir of a run, as it was written."
        )
    settings = _chosen(settings, given)
    if settings.options.report_dir.resolve() == directory.resolve():
        raise SettingsError("a replay must not be written over the run that it judges. Give another --report-dir.")
    return Replay(
        path=path.absolute(),
        recording=recording,
        original=original,
        settings=settings,
        clauses=_clauses(settings, given, recording, catalogue),
    )


def _chosen(settings: RunSettings, given: Mapping[str, Any]) -> RunSettings:
    options = settings.options.model_dump(mode="json", exclude_unset=True)
    if given.keys() & {"areas", "clauses", "profile"}:
        options |= {"areas": (), "clauses": ()}
    run = {name: value for name, value in given.items() if name != "known_failures"}
    options |= {"report_dir": _DEFAULT_DIRECTORY, "strict": False, **run}
    target = settings.target.model_copy(update={"known_failures": given.get("known_failures")})
    return replace(settings.with_options(options), target=target)


def _clauses(
    settings: RunSettings, given: Mapping[str, Any], recording: Recording, catalogue: Catalogue
) -> tuple[Clause, ...]:
    """Return the clauses that were asked for, or else those of the recorded run of which this suite still knows."""
    if given.keys() & {"areas", "clauses", "profile"}:
        return select_clauses(settings, catalogue)
    return catalogue.select(clause_ids=[name for name in recording.header.clauses if name in catalogue.ids])
