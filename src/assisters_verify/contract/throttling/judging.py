"""Who judges which scenario: the clauses of each, and what decides them."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from assisters_verify.catalogue import Catalogue, load_catalogue
from assisters_verify.content import content_root
from assisters_verify.contract import load_answers
from assisters_verify.contract.throttling.failing import judge_failures, judge_streams
from assisters_verify.contract.throttling.finding import Finding
from assisters_verify.contract.throttling.lanes import plan_of
from assisters_verify.contract.throttling.neighbours import judge_quiet_key
from assisters_verify.contract.throttling.observed import Observed, observe
from assisters_verify.contract.throttling.rates import (
    judge_below,
    judge_connections,
    judge_least,
    judge_most,
    judge_own_limit,
)
from assisters_verify.contract.throttling.refusals import judge_envelopes, judge_quickness, judge_retry_after
from assisters_verify.contract.throttling.returning import judge_backoff, judge_storm
from assisters_verify.load_judging import Bench, Judge, Judged
from assisters_verify.measures.evidence import Kept
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings

_CHECK = "load"
OfRun = Callable[[Observed], Finding]
OfAnswers = Callable[[Sequence[Kept]], Finding]

_OF_REFUSALS: Mapping[str, OfRun] = {"LOAD-06": judge_envelopes, "LOAD-09": judge_failures}
# What is judged from the ledger, by scenario. Isolation's LOAD-11 needs the generator's own lag too.
OF_RUNS: Mapping[str, Mapping[str, OfRun]] = {
    "throttling": {
        **_OF_REFUSALS,
        "LOAD-01": judge_most,
        "LOAD-02": judge_below,
        "LOAD-03": judge_least,
        "LOAD-04": judge_own_limit,
        "LOAD-05": judge_connections,
        "LOAD-07": judge_quickness,
        "LOAD-08": judge_retry_after,
        "LOAD-10": judge_streams,
    },
    "isolation": {**_OF_REFUSALS, "LOAD-01": judge_most, "LOAD-02": judge_below, "LOAD-04": judge_own_limit},
    "recovery": {**_OF_REFUSALS, "LOAD-12": judge_backoff},
    "retry_storm": {**_OF_REFUSALS, "LOAD-12": judge_backoff, "LOAD-13": judge_storm},
}
OF_ANSWERS: Mapping[str, OfAnswers] = {
    "LOAD-14": load_answers.judge_forms,
    "LOAD-15": load_answers.judge_streams,
    "LOAD-16": load_answers.judge_askers,
    "LOAD-17": load_answers.judge_refusals,
}
# What is broken beyond doubt also where the generator was late: by what answers hold, or by counts with bounds that
# allow for every delay. The others compare times, or need the load to have come as planned.
BY_EVIDENCE = frozenset(
    {*OF_ANSWERS, "LOAD-01", "LOAD-02", "LOAD-03", "LOAD-04", "LOAD-06", "LOAD-08", "LOAD-09", "LOAD-10"}
)
_QUIET = "LOAD-11"
_ISOLATION = "isolation"
# Scenarios that send nothing but lists of models have no answers of these clauses.
_WITHOUT_ANSWERS = frozenset({"recovery", "retry_storm"})


def bench_of(scenario: str) -> Bench:
    """Return who judges a scenario, and the clauses that they judge."""
    ids = [*OF_RUNS.get(scenario, ()), *([_QUIET] if scenario == _ISOLATION else [])]
    if scenario not in _WITHOUT_ANSWERS:
        ids += OF_ANSWERS
    judges: list[Judge] = [judge_answers] if scenario not in _WITHOUT_ANSWERS else []
    if scenario in OF_RUNS:
        judges.append(judge_run)
    return Bench(
        clauses=tuple(clause for clause in catalogue() if clause.id in ids),
        judges=tuple(judges),
        by_evidence=BY_EVIDENCE,
    )


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return the clauses that load runs judge."""
    return load_catalogue(content_root() / "spec" / "load_clauses.yaml")


def judge_run(settings: LoadSettings, measures: Measures, ledger: Path | None) -> list[Judged]:
    """Judge a scenario about rate limits by its ledger; without one there is nothing to say."""
    if ledger is None:
        return []
    run = observe(plan_of(settings), ledger)
    found = {clause: judge(run) for clause, judge in OF_RUNS[settings.scenario].items()}
    if settings.scenario == _ISOLATION:
        lag_s = measures.own_histograms()["lag_s"].quantile_s(0.99) or 0.0
        found[_QUIET] = judge_quiet_key(run, lag_s=lag_s, seed=settings.seed)
    return _judged(found)


def judge_answers(_settings: LoadSettings, measures: Measures, _ledger: Path | None) -> list[Judged]:
    """Judge the answers that were kept, of any scenario."""
    return _judged({clause: judge(measures.samples) for clause, judge in OF_ANSWERS.items()})


def _judged(findings: Mapping[str, Finding]) -> list[Judged]:
    return [finding.judged(catalogue()[clause], check=_CHECK) for clause, finding in findings.items()]
