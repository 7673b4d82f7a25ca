"""Run many trials, side by side in a few processes."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.matrix.trial import Finding, Trial, run_trial
from assisters_verify.planning import with_needs
from assisters_verify.scheduler import Planned
from assisters_verify.verdicts import Verdict

_DULL = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
# What a worker process collects once. It is never written again.
_checks: list[Planned] = []


def run_trials(trials: Sequence[Trial], *, processes: int) -> Iterator[Finding]:
    """Yield what each trial finds, as they end."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_collect) as pool:
        for future in as_completed([pool.submit(_run, trial) for trial in trials]):
            yield future.result()


def _collect() -> None:
    _checks.extend(collect_checks(load_catalogue(content_root() / "spec" / "clauses.yaml")))


def _run(trial: Trial) -> Finding:
    started = time.perf_counter()
    planned = with_needs(_checks, trial.clauses) if trial.clauses else _checks
    outcomes, requests = run_trial(trial, planned)
    wanted = {*trial.clauses} if trial.clauses else {plan.declaration.clause for plan in planned}
    telling = [outcome for outcome in outcomes if outcome.verdict not in _DULL and outcome.clause in wanted]
    return Finding(trial=trial, outcomes=tuple(telling), duration_s=time.perf_counter() - started, requests=requests)
