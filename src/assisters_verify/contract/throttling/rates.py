"""Judge how many requests of each key were let through: no more than the limit, and hardly fewer."""

import math
from collections.abc import Iterator
from statistics import median

from assisters_verify.contract.throttling.bounds import (
    BEFORE,
    SHARE,
    Excess,
    Limit,
    early_refusals,
    excess_after_refusal,
    excess_at_all,
    least_before_refusal,
    offered_share,
)
from assisters_verify.contract.throttling.finding import Finding, breaks, holds, is_open
from assisters_verify.contract.throttling.observed import FEW, OVERRUN, Observed
from assisters_verify.contract.throttling.plan import Role
from assisters_verify.contract.throttling.tries import Tries

_FEWEST_SHARED = 3
# Nearly every refusal of a shared limit comes while all keys together are at one limit.
_SHARED_LEAST = 0.9
_SHARED_MOST = 1.5
_SPREAD_FACTOR = 5.0
_MORE = 1.05
# What must be offered in a window, so that letting too much through would show.
_TELLING = 1.2
_LOOKS = 20


def judge_most(run: Observed) -> Finding:
    """LOAD-01: no window holds more than the limit."""
    figures: dict[str, float] = {}
    is_shown = False
    for key, tries in run.of_roles(*OVERRUN):
        found = list(_excesses(tries, run.limit))
        figures |= {f"key_{key}_most_of_limit": round(each.accepted / run.limit.requests, 4) for each in found[:1]}
        too_much = [each for each in found if each.is_too_much]
        if too_much:
            return breaks(
                expected=f"at most {too_much[0].most} accepted in {too_much[0].span_s:.2f} s",
                received=f"{too_much[0].accepted} ({run.name(key)})",
                figures=figures,
            )
        is_shown = is_shown or _has_full_window(tries, run)
    return holds(figures) if is_shown else is_open(_why_none_is_refused(run), figures)


def judge_below(run: Observed) -> Finding:
    """LOAD-02: nothing is refused below the limit."""
    keys = run.of_roles(Role.BELOW, Role.QUIET)
    refused = sum(len(tries.refused) for _, tries in keys)
    figures = {"requests": float(sum(len(tries) for _, tries in keys)), "refused": float(refused)}
    for key, tries in keys:
        early = early_refusals(tries, run.limit)
        if early is not None:
            return breaks(
                expected=f"none refused of at most {run.limit.requests} in {run.limit.window_s:g} s",
                received=f"429 for {early.count}, one after {early.made} in the window before it ({run.name(key)})",
                figures=figures,
            )
    if not keys:
        return is_open("there was no key to keep below its limit: give the run more keys")
    if refused > FEW * figures["requests"]:
        return is_open(f"{refused} were refused, which perhaps came in too close a bunch", figures)
    return holds(figures, reason=f"{refused} refused, in bunches that reached the limit" if refused else "")


def judge_least(run: Observed) -> Finding:
    """LOAD-03: whoever is over the limit still gets 97 % of it."""
    figures: dict[str, float] = {}
    is_shown = False
    failed = 0.0
    for key, tries in run.of_roles(Role.OVER, Role.WAITING):
        least = least_before_refusal(tries, run.limit)
        if least is None:
            continue
        figures[f"key_{key}_least_of_limit"] = round(least / run.limit.requests, 4)
        early = early_refusals(tries, run.limit, share=SHARE)
        if early is not None:
            received = f"429 where {early.made} had been, {early.count} times below that ({run.name(key)})"
            expected = f"at least {math.ceil(SHARE * run.limit.requests)} accepted in the window before a refusal"
            return breaks(expected=expected, received=received, figures=figures)
        is_shown = is_shown or _has_full_window(tries, run)
        failed = max(failed, 1 - len(tries.accepted) / max(1, len(tries.counted)))
    if failed > FEW:
        return is_open(f"{failed:.0%} of a key's requests failed, and perhaps were counted", figures)
    return holds(figures) if is_shown else is_open(_why_none_is_refused(run), figures)


def judge_own_limit(run: Observed) -> Finding:
    """LOAD-04: a key's refusals come of its own requests."""
    below, over = run.of_roles(Role.BELOW, Role.QUIET), run.of_roles(*OVERRUN)
    if not below or not over:
        return is_open("it takes a key below its limit beside one above it: give the run more keys")
    refused = [each for _, tries in below for each in tries.refused]
    figures = {"refused_below": float(len(refused)), "refused_over": float(sum(len(t.refused) for _, t in over))}
    early = [found for _, tries in below if (found := early_refusals(tries, run.limit)) is not None]
    if early and not any(each.sent_s < run.plan.calm_s for each in refused):
        together = [_together(run, each.sent_s, each.decided_s) for each in refused]
        share = median(together) / run.limit.requests
        figures["accepted_together_of_limit"] = share
        if len(refused) >= _FEWEST_SHARED and _SHARED_LEAST <= share <= _SHARED_MOST:
            received = f"{len(refused)} refusals, while all keys together got {share:.2f} of one key's limit"
            return breaks(expected="a quiet key not to be refused beside busy ones", received=received, figures=figures)
    if early or len(refused) > FEW * sum(len(tries) for _, tries in below):
        return is_open(f"{len(refused)} refused below the limit, not for certain because of other keys", figures)
    if not figures["refused_over"]:
        return is_open("no key was refused, so that none could stay untouched", figures)
    return holds(figures)


def judge_connections(run: Observed) -> Finding:
    """LOAD-05: many connections do not get more than one.

    A key over one connection is let through its limit at least before it is first refused, whatever the algorithm; a
    key over many shows what its limit is at least. Where the second is more, connections have limits of their own.
    """
    spread = [each for each in run.of_roles(Role.OVER) if run.plan.keys[each[0]].factor >= _SPREAD_FACTOR]
    if not spread:
        return is_open("it takes a key at five times its limit: give the run more keys")
    _, tries = spread[0]
    if not _is_exceeded(tries, run.limit):
        return holds() if _has_full_window(tries, run) else is_open(_why_none_is_refused(run))
    single = [each for _, each in run.of_roles(Role.WAITING) if len(each.refused)]
    if not single:
        return is_open("the limit does not hold, and no key over a single connection was refused to compare with")
    over_one = single[0].accepted.perhaps_within(0.0, single[0].refused[0].decided_s)
    over_many = max(each.implied for each in _excesses(tries, run.limit))
    figures = {"accepted_over_one": float(over_one), "limit_over_many_at_least": float(over_many)}
    if over_many > _MORE * over_one + BEFORE + 1:
        return breaks(
            expected="many connections of a key to get no more than one",
            received=f"{over_many} in a window over {run.plan.spread}, {over_one} over one before it was refused",
            figures=figures,
        )
    return is_open("the limit does not hold over one connection either", figures)


def _excesses(tries: Tries, limit: Limit) -> Iterator[Excess]:
    for each in (excess_after_refusal(tries, limit), excess_at_all(tries, limit)):
        if each is not None:
            yield each


def _is_exceeded(tries: Tries, limit: Limit) -> bool:
    return any(each.is_too_much for each in _excesses(tries, limit))


def _has_full_window(tries: Tries, run: Observed) -> bool:
    """Tell whether more than the limit was offered in a window after a refusal, so that an excess would be seen."""
    last_s = tries[len(tries) - 1].sent_s if len(tries) else 0.0
    starts_s = [each.decided_s for each in tries.refused if each.decided_s + run.limit.window_s <= last_s]
    return any(
        offered_share(tries, run.limit, since_s=since_s, until_s=since_s + run.limit.window_s) >= _TELLING
        for since_s in starts_s[:: max(1, len(starts_s) // _LOOKS)]
    )


def _together(run: Observed, sent_s: float, decided_s: float) -> int:
    return run.tries.accepted.perhaps_within(sent_s - run.limit.window_s, decided_s)


def _why_none_is_refused(run: Observed) -> str:
    keys = run.of_roles(*OVERRUN)
    refused = sum(len(tries.refused) for _, tries in keys)
    if refused:
        return f"no whole window under load followed the first of {refused} refusals"
    failed = sum(len(tries.counted) - len(tries.accepted) for _, tries in keys)
    return f"nothing was refused with 429 ({failed} failed otherwise)"
