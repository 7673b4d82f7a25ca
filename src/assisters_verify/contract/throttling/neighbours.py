"""Judge whether a quiet key notices that another one is far over its limit."""

from assisters_verify.contract.throttling.finding import Finding, breaks, holds, is_open
from assisters_verify.contract.throttling.observed import Observed
from assisters_verify.contract.throttling.plan import Kind, Role
from assisters_verify.contract.throttling.statistics import Interval, quantile, ratio_interval
from assisters_verify.contract.throttling.tries import Try

_FEWEST = 20
# A request beside noise may take half as long again: more is noticed by whoever waits for it.
_RATIO = 1.5
# What is less than this nobody notices, and may be the generator's own doing.
_NOTICED_S = 0.01
_SHARES = {"p50": 0.5, "p90": 0.9}


def judge_quiet_key(run: Observed, *, lag_s: float, seed: int) -> Finding:
    """LOAD-11: the latency beside noise is that without. `lag_s` is what the generator itself was late by at p99."""
    quiet = run.of_roles(Role.QUIET)
    if not quiet:
        return is_open("it takes a second key: give the run one")
    within, without = _apart(run, [each for each in quiet[0][1].accepted if each.kind == Kind.CHAT])
    if len(within) < _FEWEST or len(without) < _FEWEST:
        return is_open(f"{len(within)} answers beside noise and {len(without)} without are too few to compare")
    figures: dict[str, float] = {}
    verdicts = [_judge_share(within, without, name=name, lag_s=lag_s, seed=seed, figures=figures) for name in _SHARES]
    broken = [verdict for verdict in verdicts if verdict.startswith("!")]
    if broken:
        return breaks(expected=f"at most {_RATIO} times the latency", received=broken[0][1:], figures=figures)
    # The tail is noisier than the middle: only the middle must be known well enough.
    return is_open(verdicts[0], figures) if verdicts[0] else holds(figures)


def _judge_share(
    within: list[float], without: list[float], *, name: str, lag_s: float, seed: int, figures: dict[str, float]
) -> str:
    """Return nothing where it holds, what was received after a `!` where it does not, or why it is open."""
    share = _SHARES[name]
    ratio = ratio_interval(within, without, share, seed=seed)
    before_s, beside_s = quantile(sorted(without), share), quantile(sorted(within), share)
    figures |= {
        f"{name}_ratio": ratio.value,
        f"{name}_ratio_least": ratio.least,
        f"{name}_ratio_most": ratio.most,
        f"{name}_alone_s": before_s,
        f"{name}_beside_s": beside_s,
    }
    told = f"{ratio.value:.2f} times ({ratio.least:.2f} to {ratio.most:.2f}) at {name}"
    if ratio.most <= _RATIO or beside_s - before_s < _NOTICED_S:
        return ""
    if ratio.least > _RATIO and beside_s - before_s > 2 * lag_s:
        return f"!{told}: {beside_s:.3f} s beside a busy key, {before_s:.3f} s without"
    return _why_open(ratio, told)


def _why_open(ratio: Interval, told: str) -> str:
    if ratio.least > _RATIO:
        return f"the generator itself was nearly as late as the difference: {told}"
    return f"the interval is too wide to decide by: {told}"


def _apart(run: Observed, answers: list[Try]) -> tuple[list[float], list[float]]:
    """Return how long the answers took whose requests were sent while the noisy key was refused, and the others'.

    What was sent just before noise began is left out, by when it was sent and not by how long it took: that would leave
    out the slow ones.
    """
    noise = [
        (stretch.since_s, stretch.until_s)
        for lane in run.plan.lanes
        if run.plan.keys[lane.key].role is Role.NOISY
        for stretch in lane.stretches
    ]
    refused_s = [each.decided_s for _, tries in run.of_roles(Role.NOISY) for each in tries.refused]
    over = [(min((at_s for at_s in refused_s if a <= at_s < b), default=b), b) for a, b in noise]
    usual_s = quantile(sorted(each.took_s for each in answers), 0.5) if answers else 0.0
    within = [each.took_s for each in answers if any(a <= each.sent_s < b for a, b in over)]
    without = [each.took_s for each in answers if not any(a - usual_s <= each.sent_s < b for a, b in noise)]
    return within, without
