"""Run many trials, side by side in threads of a few processes."""

import multiprocessing
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING

from hypothesis.errors import HypothesisDeprecationWarning

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.trial import Finding, Trial, run_trial
from assisters_verify.planning import with_needs
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Verdict

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

# Most of a trial of one clause is waiting: for windows, for events, for what a broken server never sends. One of all
# clauses keeps a processor busy.
SMALL_SIDE_BY_SIDE, LARGE_SIDE_BY_SIDE = 6, 3
_DULL = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
# What a worker process collects once. It is never written again.
_checks: list[Planned] = []
# The number of the large and of the small trial whose turn it is, in any process.
_turns: list["Synchronized[int]"] = []


def run_trials(trials: Sequence[Trial], *, processes: int, is_alone: bool = False) -> list[Finding]:
    """Return what each trial finds, in no order; several run at a time in each process, unless each is to be alone."""
    context = multiprocessing.get_context("spawn")
    turns = context.Value("i"), context.Value("i")
    large = [] if is_alone else [trial for trial in trials if trial.is_large]
    small = [trial for trial in trials if is_alone or not trial.is_large]
    threads = (0, 1) if is_alone else (LARGE_SIDE_BY_SIDE, SMALL_SIDE_BY_SIDE)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_prepare, initargs=turns) as pool:
        jobs = [pool.submit(_run_share, large, small, threads) for _ in range(min(processes, len(trials)))]
        return [finding for job in jobs for finding in job.result()]


def _prepare(*turns: "Synchronized[int]") -> None:
    # It takes a draw of another trial, in another thread, for one of a strategy.
    warnings.simplefilter("ignore", HypothesisDeprecationWarning)
    _checks.extend(collect_checks(load_catalogue(content_root() / "spec" / "clauses.yaml")))
    _turns.extend(turns)


def _run_share(large: Sequence[Trial], small: Sequence[Trial], threads: tuple[int, int]) -> list[Finding]:
    """Run what no other process has taken, the large ones and the small ones side by side in so many threads."""
    with ThreadPoolExecutor(sum(threads)) as pool:
        runs = [
            pool.submit(_run_in_turn, trials, turn)
            for trials, turn, count in zip((large, small), _turns, threads, strict=True)
            for _ in range(count)
        ]
        return [finding for run in runs for finding in run.result()]


def _run_in_turn(trials: Sequence[Trial], turn: "Synchronized[int]") -> list[Finding]:
    found: list[Finding] = []
    while True:
        with turn.get_lock():
            mine = turn.value
            turn.value += 1
        if mine >= len(trials):
            return found
        found.append(_run(trials[mine]))


def _run(trial: Trial) -> Finding:
    started = time.perf_counter()
    outcomes, requests = run_trial(trial, with_needs(_checks, (*trial.clauses, *trial.beside)))
    telling = [outcome for outcome in outcomes if outcome.verdict not in _DULL and outcome.clause in trial.clauses]
    return Finding(trial=trial, outcomes=tuple(telling), duration_s=time.perf_counter() - started, requests=requests)
