"""Judge whether clients that were refused get back to normal, and tell those who return at once from the others."""

from collections import Counter
from dataclasses import dataclass

from assisters_verify.contract.throttling.bounds import early_refusals
from assisters_verify.contract.throttling.finding import Finding, breaks, holds, is_open
from assisters_verify.contract.throttling.observed import FEW, Observed
from assisters_verify.contract.throttling.plan import Role
from assisters_verify.contract.throttling.tries import Tries

_FEWEST = 5
# Clocks and whole seconds: a window may be that much longer.
_SLOW = 1.02
_BIN_S = 0.1
# Returns of which more than this come within a tenth of a second are no accident.
_AT_ONCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """How the refused clients of a key came back: how many did, and the largest share within a tenth of a second."""

    returned: int
    accepted: int
    peak_share: float

    @property
    def is_at_once(self) -> bool:
        """Whether they came back all at once."""
        return self.peak_share > _AT_ONCE


def describe_return(tries: Tries) -> Return:
    """Return how the refused clients of a key came back."""
    back = [each for each in tries if each.attempt > 1]
    bins = Counter(int(each.sent_s / _BIN_S) for each in back)
    # Two bins: the moment may lie on an edge.
    peak = max((bins[place] + bins[place + 1] for place in bins), default=0)
    return Return(
        returned=len(back),
        accepted=sum(each.is_accepted for each in back),
        peak_share=peak / len(back) if back else 0.0,
    )


def judge_backoff(run: Observed) -> Finding:
    """LOAD-12: after the last documented retry and a window, clients below the limit are refused no more."""
    return _judge_return(run, run.of_roles(Role.CLIENTS))


def judge_storm(run: Observed) -> Finding:
    """LOAD-13: after a return all at once and a window, too."""
    return _judge_return(run, run.of_roles(Role.STORM))


def _judge_return(run: Observed, keys: list[tuple[int, Tries]]) -> Finding:
    if not keys:
        return is_open("it takes another key: give the run one")
    key, tries = keys[0]
    returned_s = run.plan.keys[key].returned_s
    normal_s = returned_s + _SLOW * run.limit.window_s
    back = describe_return(tries)
    refused_s = [each.sent_s for each in tries.refused]
    after = tries.where(lambda each: each.sent_s >= normal_s)
    figures = {
        "returned": float(back.returned),
        "accepted_on_return": float(back.accepted),
        "peak_share_of_returns": back.peak_share,
        "back_to_normal_s": max(0.0, max(refused_s, default=0.0) - returned_s),
        "judged": float(len(after)),
        "refused_then": float(len(after.refused)),
    }
    how = "all at once" if back.is_at_once else "spread out"
    if not refused_s or back.returned == 0:
        return is_open("no client was refused and came back", figures)
    if len(after) < _FEWEST:
        return is_open("the run ended before it could be seen", figures)
    if early_refusals(tries, run.limit, since_s=normal_s) is not None:
        received = f"429 for {len(after.refused)} of {len(after)} requests ({run.name(key)}), which returned {how}"
        return breaks(expected="nothing refused a window after the last return", received=received, figures=figures)
    if len(after.refused) > FEW * len(after):
        return is_open(f"{len(after.refused)} of {len(after)} were refused, which perhaps came too close", figures)
    reason = f"{back.returned} returned {how}; the last refusal came {figures['back_to_normal_s']:.1f} s later"
    return holds(figures, reason=reason)
