"""Judge what overload must not do: make errors, break connections, cut streams that run."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from assisters_verify.contract.throttling.finding import Finding, breaks, holds, is_open
from assisters_verify.contract.throttling.observed import Observed
from assisters_verify.contract.throttling.plan import Kind
from assisters_verify.contract.throttling.statistics import chance_of_more
from assisters_verify.contract.throttling.tries import Tries, Try

_BY_CHANCE = 0.001
_BY_CHANCE_STREAMS = 0.01


def judge_failures(run: Observed) -> Finding:
    """LOAD-09: over the limit there is nothing but 429, and no more failures than below it."""
    calm, busy = list(run.calm(run.tries)), list(run.busy(run.tries))
    failed, failed_before = [each for each in busy if _has_failed(each)], [each for each in calm if _has_failed(each)]
    figures = {
        "requests": float(len(busy)),
        "failed": float(len(failed)),
        "requests_before": float(len(calm)),
        "failed_before": float(len(failed_before)),
    }
    if not failed:
        return holds(figures) if any(each.is_refused for each in busy) else is_open("nothing was refused with 429")
    said = f"{_listed(failed)} among {len(busy)} requests, and {len(failed_before)} among {len(calm)} below the limit"
    chance = chance_of_more(
        failed=len(failed), among=len(busy), failed_before=len(failed_before), among_before=len(calm)
    )
    if chance < _BY_CHANCE:
        return breaks(expected="429 and nothing else for what exceeds the limit", received=said, figures=figures)
    if failed_before and len(failed) * len(calm) <= len(failed_before) * len(busy):
        return holds(figures, reason=f"no more failures than below the limit: {said}")
    return is_open(f"too few failures to lay them to the overload: {said}", figures)


def judge_streams(run: Observed) -> Finding:
    """LOAD-10: streams that run while their key is refused end no worse than others."""
    beside: list[Try] = []
    others: list[Try] = []
    for tries in run.by_key:
        refused_s = sorted(each.decided_s for each in tries.refused)
        for stream in tries.accepted:
            if stream.kind == Kind.STREAMING:
                (beside if _is_any_within(refused_s, stream) else others).append(stream)
    cut, cut_others = [each for each in beside if each.problem], [each for each in others if each.problem]
    figures = {
        "running": float(len(beside)),
        "cut": float(len(cut)),
        "others": float(len(others)),
        "others_cut": float(len(cut_others)),
    }
    if not beside:
        return is_open("no stream was running while its key was refused", figures)
    said = f"{_listed(cut)} of {len(beside)}, and {len(cut_others)} of {len(others)} other streams"
    chance = chance_of_more(failed=len(cut), among=len(beside), failed_before=len(cut_others), among_before=len(others))
    if not cut:
        return holds(figures)
    if chance < _BY_CHANCE_STREAMS:
        expected = "streams to go on while their key is refused"
        return breaks(expected=expected, received=said, figures=figures)
    return is_open(f"streams ended early, not for certain because of refusals: {said}", figures)


def _has_failed(each: Try) -> bool:
    return not each.is_accepted and not each.is_refused


def _is_any_within(moments_s: list[float], stream: Try) -> bool:
    """Tell whether any of these moments lies within the stream's life, after it was decided on."""
    place = bisect_left(moments_s, stream.decided_s)
    return place < len(moments_s) and moments_s[place] <= stream.ended_s


def _listed(tries: Tries | Iterable[Try]) -> str:
    """Return what failed, the commonest first."""
    counts = Counter(each.problem or f"status {each.status}" for each in tries)
    return ", ".join(f"{count} times {name}" for name, count in counts.most_common(3)) or "none cut"
