"""Run many trials, side by side in threads of a few processes."""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.trial import Finding, Trial, run_trial
from assisters_verify.planning import with_needs
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Verdict

_DULL = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
# Most of a trial is waiting: for windows, for events, for what a broken server never sends.
SIDE_BY_SIDE = 8
# What a worker process collects once. It is never written again.
_checks: list[Planned] = []


def run_trials(trials: Sequence[Trial], *, processes: int, side_by_side: int = SIDE_BY_SIDE) -> list[Finding]:
    """Return what each trial finds; `side_by_side` run at a time in each process."""
    shares = [trials[first::processes] for first in range(processes)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_collect) as pool:
        jobs = [pool.submit(_run_share, share, side_by_side) for share in shares if share]
        return [finding for job in jobs for finding in job.result()]


def _collect() -> None:
    _checks.extend(collect_checks(load_catalogue(content_root() / "spec" / "clauses.yaml")))


def _run_share(trials: Sequence[Trial], side_by_side: int) -> list[Finding]:
    with ThreadPoolExecutor(side_by_side) as pool:
        return list(pool.map(_run, trials))


def _run(trial: Trial) -> Finding:
    started = time.perf_counter()
    outcomes, requests = run_trial(trial, with_needs(_checks, (*trial.clauses, *trial.beside)))
    telling = [outcome for outcome in outcomes if outcome.verdict not in _DULL and outcome.clause in trial.clauses]
    return Finding(trial=trial, outcomes=tuple(telling), duration_s=time.perf_counter() - started, requests=requests)
