"""The arithmetic of rate limits: what every permitted algorithm does for certain, from measured times alone.

Permitted for a limit of L requests in W seconds are a sliding window, a fixed window (opened by the first request, or
aligned to a clock of unknown phase), and a bucket of L that refills at L/W, evenly or in lumps. All that is known of
when a request was decided is that it was between its sending and its answer, so each bound takes the end that favours
the target.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from itertools import combinations

from assisters_verify.contract.limiter import Crossing, Observation, Overrun, Shot

# The target's clock and ours may run apart by less than a hundredth.
_DRIFT = 1.01
_NEARLY = 0.95
# A bucket may refill in lumps, if at least as often in a window as this.
_LONGEST_LUMP = 1 / 6
_ENOUGH = 3
# Half of the time between two lumps: in that time, none comes, or a whole one.
SHORT = _LONGEST_LUMP / 2
_STEADY = 0.75


class Excess(StrEnum):
    """What an excess comes of."""

    REFILLED = "a bucket"
    PERHAPS_REFILLED = "a bucket, or something else"
    EDGE_OR_LIMIT = "the edge of a window, or a higher limit"
    LIMIT = "a higher limit"


def early_refusal(overrun: Overrun, limit: int, *, disturbed: int = 0) -> tuple[Shot, int] | None:
    """Return a request that was refused though, with it, the fresh key had made at most `limit`, and how many those
    were at most; None where none was.

    Whatever was decided before a refusal had been sent before its answer came. Where those requests, the refused one
    included, are no more than L, no permitted algorithm refuses: the first L of a key fit into any window and any full
    bucket.
    """
    for shot in sorted(overrun.throttled, key=lambda shot: shot.answered_s):
        made = sum(other.attempts for other in overrun.shots if other.sent_s < shot.answered_s) + disturbed
        if made <= limit:
            return shot, made
    return None


def excess(overrun: Overrun, limit: int) -> int:
    """Return by how many requests more than `limit` the fresh key was served; negative where they were fewer."""
    return len(overrun.served) - limit


def span_s(overrun: Overrun) -> float:
    """Return the seconds from the first sending to the last answer that served."""
    return max((shot.answered_s for shot in overrun.served), default=overrun.began_s) - overrun.began_s


def is_beyond_all(overrun: Overrun, *, limit: int, window_s: float) -> bool:
    """Tell whether more were served than any algorithm lets through.

    In less than W seconds there is at most one edge of an aligned window, so that 2L pass at most; a bucket hands out
    L and less than L of refill.
    """
    return span_s(overrun) < window_s and len(overrun.served) > 2 * limit


def explain_excess(observation: Observation, *, limit: int, window_s: float) -> Excess:
    """Tell what an excess can come of, from when the key was served again.

    A key that is served again less than W seconds after its first request is limited by no sliding window, and by no
    fixed one that could explain an excess: its edge would lie in the overrun, and the next edge W later. (Nearly W
    seconds may be a window whose clock counts whole seconds.) What is left is a bucket, which by the time T at which it
    serves again has handed out at most L + (L/W)T, and a lump more where it refills in lumps. A key that stays refused
    for longer than it takes a lump to come is no bucket's, and has the edge of a window in its overrun or a higher
    limit.
    """
    overrun, over = observation.overrun, excess(observation.overrun, limit)
    again_s = observation.served_again_s
    if again_s is not None and again_s - overrun.began_s < _NEARLY * window_s:
        passed_s = max(again_s - overrun.began_s, span_s(overrun))
        lump = 1 if is_steady(observation, limit=limit, window_s=window_s) else _LONGEST_LUMP * limit
        if over > 1 + lump + _DRIFT * passed_s * limit / window_s:
            return Excess.LIMIT
        if observation.is_refilling:
            return Excess.REFILLED
    refused = observation.refused_before(again_s or math.inf)
    is_lump = max((shot.sent_s for shot in refused), default=-math.inf) < lump_over_s(overrun, window_s)
    return Excess.PERHAPS_REFILLED if is_lump or observation.is_refilling else Excess.EDGE_OR_LIMIT


def lump_over_s(overrun: Overrun, window_s: float) -> float:
    """Return when a bucket's next lump must have come, after the last request of an overrun that was served."""
    return overrun.began_s + span_s(overrun) + _DRIFT * _LONGEST_LUMP * window_s


def is_steady(observation: Observation, *, limit: int, window_s: float) -> bool:
    """Tell whether a bucket was seen to refill request by request: in a moment about what it must, and no more."""
    for counting in observation.countings:
        served = counting.served
        if counting.kind != observation.overrun.filler or not served:
            continue
        until_s = max(shot.answered_s for shot in served)
        most = refilled(limit=limit, window_s=window_s, since_s=counting.before.sent_s, until_s=until_s)
        is_short = until_s - counting.before.sent_s < SHORT * window_s
        if is_short and _STEADY * most - 1 <= len(served) <= most:
            return True
    return False


def may_share_edges(one: Overrun, other: Overrun, window_s: float) -> bool:
    """Tell whether edges of one aligned window may lie in both overruns.

    They do only if some time between a moment of the one and a moment of the other is a multiple of W. Where they do
    not, an edge explains the excess of one of them at most.
    """
    first, second = sorted((one, other), key=lambda overrun: overrun.began_s)
    shortest_s = second.began_s - (first.began_s + span_s(first))
    longest_s = second.began_s + span_s(second) - first.began_s
    return math.floor(_DRIFT * longest_s / window_s) >= math.ceil(shortest_s / _DRIFT / window_s)


def are_too_many(overruns: Sequence[Overrun], *, limit: int, window_s: float) -> bool:
    """Tell whether these overruns, none of a bucket, show a limit above L.

    Each that was served more than L times may have an edge of an aligned window in it. Two that no common edge can
    explain, with one and the same excess, are a higher limit, and so are three with any: should the windows of each key
    have a phase of their own, the edges would have to fall into all of them, and for two into the same place.
    """
    beyond = [overrun for overrun in overruns if excess(overrun, limit) > 0]
    apart = [pair for pair in combinations(beyond, 2) if not may_share_edges(*pair, window_s)]
    is_same = any(excess(one, limit) == excess(other, limit) for one, other in apart)
    return is_same or (len(beyond) >= _ENOUGH and bool(apart))


def refilled(*, limit: int, window_s: float, since_s: float, until_s: float) -> int:
    """Return how many requests a bucket serves at most until then that refused one after `since_s`.

    When it refused it held less than one; since then it got L/W a second.
    """
    return math.floor(1 + _DRIFT * max(0.0, until_s - since_s) * limit / window_s)


def may_hide(overrun: Overrun, kind: str, limit: int) -> bool:
    """Tell whether requests of this kind may have gone uncounted, in an overrun of a key that no bucket refilled.

    Of n such requests, and F that failed and were perhaps counted, at least L - F + n would have been served.
    """
    failed = overrun.sent - len(overrun.served) - len(overrun.throttled)
    return len(overrun.served) >= limit - failed + overrun.count_served(kind)


def crossing_excess(crossing: Crossing, *, limit: int, window_s: float, is_refilling: bool) -> int:
    """Return how many more requests were served by an exhausted key than can be: above 0 for none of the permitted
    algorithms. Only a bucket serves any between two refusals."""
    served = crossing.served
    if not served or not is_refilling:
        return len(served)
    until_s = max(shot.answered_s for shot in served)
    return len(served) - refilled(limit=limit, window_s=window_s, since_s=crossing.before.sent_s, until_s=until_s)
