"""Run many trials, side by side in threads of a few processes."""

import multiprocessing
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from hypothesis.errors import HypothesisDeprecationWarning

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.trial import Finding, Trial, run_trial
from assisters_verify.planning import with_needs
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Verdict

# Most of a trial of one clause is waiting: for windows, for events, for what a broken server never sends. One of all
# clauses keeps a processor busy.
SMALL_SIDE_BY_SIDE, LARGE_SIDE_BY_SIDE = 6, 3
_DULL = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
# What a worker process collects once. It is never written again.
_checks: list[Planned] = []


def run_trials(trials: Sequence[Trial], *, processes: int, is_alone: bool = False) -> list[Finding]:
    """Return what each trial finds; several run at a time in each process, unless each is to be alone in it."""
    shares = [trials[first::processes] for first in range(processes)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_collect) as pool:
        jobs = [pool.submit(_run_share, share, is_alone) for share in shares if share]
        return [finding for job in jobs for finding in job.result()]


def _collect() -> None:
    # It takes a draw of another trial, in another thread, for one of a strategy.
    warnings.simplefilter("ignore", HypothesisDeprecationWarning)
    _checks.extend(collect_checks(load_catalogue(content_root() / "spec" / "clauses.yaml")))


def _run_share(trials: Sequence[Trial], is_alone: bool) -> list[Finding]:  # noqa: FBT001 - called by a pool
    if is_alone:
        return [_run(trial) for trial in trials]
    large = [trial for trial in trials if trial.is_large]
    small = [trial for trial in trials if not trial.is_large]
    with ThreadPoolExecutor(LARGE_SIDE_BY_SIDE) as few, ThreadPoolExecutor(SMALL_SIDE_BY_SIDE) as many:
        # Both are begun before either is waited for.
        found = few.map(_run, large), many.map(_run, small)
        return [finding for each in found for finding in each]


def _run(trial: Trial) -> Finding:
    started = time.perf_counter()
    outcomes, requests = run_trial(trial, with_needs(_checks, (*trial.clauses, *trial.beside)))
    telling = [outcome for outcome in outcomes if outcome.verdict not in _DULL and outcome.clause in trial.clauses]
    return Finding(trial=trial, outcomes=tuple(telling), duration_s=time.perf_counter() - started, requests=requests)
