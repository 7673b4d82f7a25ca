"""Judge what overload must not do: make errors, break connections, cut streams that run."""

from collections import Counter
from collections.abc import Iterable, Sequence

from assisters_verify.contract.throttling.finding import Finding, breaks, does_not_apply, holds, is_open
from assisters_verify.contract.throttling.observed import FEW, Observed
from assisters_verify.contract.throttling.plan import Kind
from assisters_verify.contract.throttling.statistics import chance_of_more
from assisters_verify.contract.throttling.tries import Fate, Try

# Of two comparisons, each.
_BY_CHANCE = 0.0005
_BY_CHANCE_STREAMS = 0.01
# Where so many streams all end within so short a time, there is hardly one that a refusal could meet.
_FEWEST_STREAMS = 10
_AT_ONCE_S = 0.1


def judge_failures(run: Observed) -> Finding:
    """LOAD-09: over the limit there is nothing but 429, and no more failures than below it.

    Two comparisons, since overload may harm those who cause it, or everybody: keys over their limit with all that was
    sent below one, and the busy time with the calm.
    """
    over = [each for each in run.tries if run.is_over(each)]
    below = [each for each in run.tries if not run.is_over(each)]
    busy = [each for each in run.tries if run.plan.calm_s <= each.sent_s < run.plan.busy_until_s]
    calm = [each for each in run.tries if not run.plan.calm_s <= each.sent_s < run.plan.busy_until_s]
    failed, failed_below = _failed(over), _failed(below)
    figures = {
        "requests_over": float(len(over)),
        "failed_over": float(len(failed)),
        "requests_below": float(len(below)),
        "failed_below": float(len(failed_below)),
    }
    said = f"{_listed(failed or _failed(busy))} among {len(over)} requests over the limit, {len(failed_below)} failed "
    said += f"among {len(below)} below"
    if min(_chance(over, below), _chance(busy, calm)) < _BY_CHANCE:
        return breaks(expected="429 and nothing else for what exceeds the limit", received=said, figures=figures)
    if not failed:
        return holds(figures) if any(each.is_refused for each in over) else is_open("nothing was refused with 429")
    if not any(each.is_refused for each in over):
        return is_open(f"nothing was refused with 429: {said}", figures)
    if len(failed) <= FEW * len(over) and len(failed) * len(below) <= len(failed_below) * len(over):
        return holds(figures, reason=f"no more failures than below the limit: {said}")
    return is_open(f"too few failures to lay them to the overload: {said}", figures)


def judge_streams(run: Observed) -> Finding:
    """LOAD-10: streams that run while their key is refused end no worse than others."""
    beside: list[Try] = []
    others: list[Try] = []
    for tries in run.by_key:
        for stream in tries.accepted:
            if stream.kind == Kind.STREAMING:
                # A stream that is cut by a refusal may end before the refusal arrives.
                is_beside = tries.refused.perhaps_within(stream.decided_s, stream.ended_s) > 0
                (beside if is_beside else others).append(stream)
    cut, cut_others = [each for each in beside if each.problem], [each for each in others if each.problem]
    figures = {
        "running": float(len(beside)),
        "cut": float(len(cut)),
        "others": float(len(others)),
        "others_cut": float(len(cut_others)),
    }
    if not beside and len(run.tries.refused) and len(others) >= _FEWEST_STREAMS and not cut_others:
        longest_s = max(each.ended_s - each.decided_s for each in others)
        if longest_s < _AT_ONCE_S:
            return does_not_apply(f"all streams ran for {longest_s:.3f} s at most, and ended before a refusal")
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


def _failed(tries: Iterable[Try]) -> list[Try]:
    """Return those that got neither an answer nor a 429, or a broken one; streams are for another clause."""
    return [each for each in tries if each.fate is Fate.FAILED or (each.problem and each.kind != Kind.STREAMING)]


def _chance(tries: Sequence[Try], others: Sequence[Try]) -> float:
    """Return how likely so many of the tries fail, if they fail no more often than the others."""
    return chance_of_more(
        failed=len(_failed(tries)),
        among=len(tries),
        failed_before=len(_failed(others)),
        among_before=len(others),
    )


def _listed(tries: Iterable[Try]) -> str:
    """Return what failed, the commonest first."""
    counts = Counter(each.problem or f"status {each.status}" for each in tries)
    return ", ".join(f"{count} times {name}" for name, count in counts.most_common(3)) or "none cut"
