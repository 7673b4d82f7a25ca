"""How the matrix finds out who is to blame: smaller and smaller groups, and at last one with nothing beside it."""

from collections.abc import Callable, Sequence

import pytest

from assisters_verify.matrix import judging
from assisters_verify.matrix.judging import track_down
from assisters_verify.matrix.trial import Aim, Finding, Trial
from assisters_verify.results import Outcome
from assisters_verify.verdicts import Verdict

NAMES = tuple("abcdefghijklmnop")
# What a trial makes fail, given whether it runs alone.
Blames = Callable[[Trial, bool], bool]


class Runs:
    """Stands for the processes, and keeps what was run, and what of it alone."""

    def __init__(self, blames: Blames) -> None:
        self.blames = blames
        self.alone: list[str] = []
        self.trials: list[Trial] = []

    def __call__(self, trials: Sequence[Trial], *, processes: int, is_alone: bool = False) -> list[Finding]:
        assert processes == 2
        self.trials += trials
        self.alone += [trial.name for trial in trials if is_alone]
        return [self.finding(trial, is_alone=is_alone) for trial in trials]

    def finding(self, trial: Trial, *, is_alone: bool) -> Finding:
        failed = Outcome(check="test_x.py::test_y", clause=trial.clauses[0], verdict=Verdict.FAIL)
        outcomes = (failed,) if self.blames(trial, is_alone) else ()
        return Finding(trial=trial, outcomes=outcomes, duration_s=1.0, requests=1)


def tracked(monkeypatch: pytest.MonkeyPatch, blames: Blames, trial: Trial) -> tuple[Runs, list[Finding]]:
    runs = Runs(blames)
    monkeypatch.setattr(judging, "run_trials", runs)
    return runs, track_down([trial], processes=2)


def group(aim: Aim = Aim.SPILL) -> Trial:
    faults, readings = ((), NAMES) if aim is Aim.READING else (NAMES, ())
    return Trial(name="group", aim=aim, faults=faults, readings=readings, clauses=("AUDIT-01", "AUDIT-02"))


def test_group_without_blame_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, found = tracked(monkeypatch, lambda *_: False, group())
    assert ([trial.name for trial in runs.trials], len(found)) == (["group"], 1)


def test_single_fault_is_found_and_confirmed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, found = tracked(monkeypatch, lambda trial, _: "k" in trial.faults, group())
    blamed = [finding.trial for finding in found if finding.outcomes]
    assert ([(trial.faults, trial.clauses) for trial in blamed], len(runs.trials), len(runs.alone)) == (
        [(("k",), ("AUDIT-01",))],
        1 + 4 + 4 + 1,
        1,
    )


def test_single_reading_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = tracked(monkeypatch, lambda trial, _: "c" in trial.readings, group(Aim.READING))
    assert [finding.trial.readings for finding in found if finding.outcomes] == [("c",)]


def test_two_that_break_something_only_together_are_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = tracked(monkeypatch, lambda trial, _: {"a", "p"} <= set(trial.faults), group())
    assert ([finding for finding in found if finding.outcomes], len(found)) == ([], 4)


def test_who_fails_only_beside_other_trials_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, found = tracked(monkeypatch, lambda trial, is_alone: "a" in trial.faults and not is_alone, group())
    assert ([finding for finding in found if finding.outcomes], len(runs.alone)) == ([], 1)


def test_fault_that_gets_past_is_tried_once_more_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    kill = Trial(name="a on AUDIT-01", aim=Aim.KILL, faults=("a",), clauses=("AUDIT-01",))
    runs, found = tracked(monkeypatch, lambda _, is_alone: is_alone, kill)
    assert (runs.alone, [finding.outcomes != () for finding in found]) == (["a on AUDIT-01"], [True])
