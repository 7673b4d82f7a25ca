"""Judge the refusals themselves: their form, how quickly they come, and whether `Retry-After` is true."""

from collections.abc import Iterator
from itertools import pairwise

from assisters_verify.contract.throttling.finding import Finding, breaks, does_not_apply, holds, is_open
from assisters_verify.contract.throttling.observed import Observed
from assisters_verify.contract.throttling.plan import Kind
from assisters_verify.contract.throttling.statistics import quantile, quantile_interval
from assisters_verify.contract.throttling.tries import Tries, Try

_NOTHING = "nothing was refused with 429"
_FEWEST = 10
_SLOW_SHARE = 0.95
# Below this, accepted answers come at once, so that which is quicker says nothing about a refusal.
_AT_ONCE_S = 0.05
_CLEARLY = 1.5
# A timer of the generator's may be early by this much.
_TIMER_S = 0.002


def judge_envelopes(run: Observed) -> Finding:
    """LOAD-06: each 429 has the envelope."""
    refused = run.tries.refused
    without = sum(each.has_envelope is False for each in refused)
    figures = {"refusals": float(len(refused)), "without_envelope": float(without)}
    if without:
        received = f"none in {without} of {len(refused)} refusals"
        return breaks(expected="the error envelope in each 429", received=received, figures=figures)
    return holds(figures) if len(refused) else is_open(_NOTHING)


def judge_quickness(run: Observed) -> Finding:
    """LOAD-07: a refusal does not take as long as an answer.

    Only chat completions are compared, with each other: other routes are quick when they are let through, too.
    """
    chats = run.tries.where(lambda each: each.kind == Kind.CHAT)
    refused_s = [each.took_s for each in chats.refused]
    accepted_s = [each.took_s for each in chats.accepted]
    if len(refused_s) < _FEWEST or len(accepted_s) < _FEWEST:
        return is_open(f"{len(refused_s)} refused and {len(accepted_s)} accepted completions are too few to compare")
    refused, accepted = quantile_interval(refused_s, _SLOW_SHARE), quantile_interval(accepted_s, 0.5)
    figures = {"refused_p95_s": refused.value, "accepted_p50_s": accepted.value}
    if refused.value < accepted.value:
        return holds(figures)
    if refused.least > max(accepted.most, _AT_ONCE_S) and _are_slower(refused_s, accepted_s):
        return breaks(
            expected=f"95 of 100 refusals within {accepted.value:.3f} s, the median of accepted completions",
            received=f"{refused.value:.3f} s",
            figures=figures,
        )
    if accepted.value < _AT_ONCE_S:
        return is_open("accepted answers come at once, so that a refusal cannot be quicker", figures)
    return is_open("the times of refused and accepted requests overlap too much to tell", figures)


def _are_slower(refused_s: list[float], accepted_s: list[float]) -> bool:
    """Tell whether refusals take longer at the middle, or clearly at the tail: what delays everything delays both."""
    refused, accepted = sorted(refused_s), sorted(accepted_s)
    is_later = quantile(refused, 0.5) > quantile(accepted, 0.5)
    return is_later or quantile(refused, _SLOW_SHARE) > _CLEARLY * quantile(accepted, _SLOW_SHARE)


def judge_retry_after(run: Observed) -> Finding:
    """LOAD-08: whoever waits as long as `Retry-After` says is accepted, and everybody can read how long that is."""
    unreadable = sum(each.has_unreadable_retry_after for each in run.tries.refused)
    if unreadable:
        received = f"something else in {unreadable} of {len(run.tries.refused)} refusals"
        figures = {"unreadable": float(unreadable)}
        return breaks(expected="a number of seconds or a date in `Retry-After`", received=received, figures=figures)
    saying = [each for each in run.tries.refused if each.retry_after_s is not None]
    if not len(run.tries.refused):
        return is_open(_NOTHING)
    if not saying:
        return does_not_apply("no 429 says `Retry-After`")
    waits = [wait for tries in run.by_key for wait in _waits(tries)]
    refused = [wait for wait in waits if wait[1].is_refused]
    accepted = sum(after.is_accepted for _, after in waits)
    figures = {"waited_out": float(accepted + len(refused)), "refused_again": float(len(refused))}
    if refused:
        before, after = refused[0]
        received = (
            f"429 again {after.sent_s - before.decided_s:.1f} s after `Retry-After: {before.retry_after_s:g}` "
            f"({len(refused)} of {accepted + len(refused)} times)"
        )
        return breaks(expected="that waiting that long is enough", received=received, figures=figures)
    if not accepted:
        return is_open("no wait that `Retry-After` asks for could be made, with nothing else using the key", figures)
    return holds(figures)


def _waits(tries: Tries) -> Iterator[tuple[Try, Try]]:
    """Yield each refusal after which the key was left alone for long enough, with the request that followed."""
    busy_until_s = 0.0
    for before, after in pairwise(tries):
        is_alone = before.sent_s >= busy_until_s
        busy_until_s = max(busy_until_s, before.ended_s)
        if not is_alone or not before.is_refused or before.retry_after_s is None:
            continue
        # From the moment the answer was there; the target decided earlier, which favours it.
        if after.sent_s + _TIMER_S >= before.decided_s + before.retry_after_s and after.sent_s >= busy_until_s:
            yield before, after
