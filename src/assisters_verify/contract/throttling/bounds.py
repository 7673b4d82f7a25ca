"""The arithmetic of rate limits under sustained load: what every permitted algorithm does for certain.

Permitted for a limit of L requests in W seconds are a sliding window, a fixed window opened by the first request, one
aligned to a clock of unknown phase, and a bucket of L that refills at L/W. Each bound holds for all four, so whoever
breaks one has none of them. All that is known of when a try was decided is that it was between its sending and its
answer; each bound takes the end that favours the target. A refused try does not count towards any limit; one that
failed may have.
"""

from dataclasses import dataclass
from itertools import pairwise

from assisters_verify.contract.throttling.tries import Tries, Try

# The target's clock may run faster than ours by this much, or its bucket refill in small lumps.
_FAST = 0.99
# Or slower, or count whole seconds of a minute, so that its window is a second longer.
_SLOW = 1.02
# Tries of a key that may have been made just before the run, to see that the key is let in.
BEFORE = 2
_MOST_LOOKED_AT = 400
# A bucket may refill in lumps, if at least as often in a window as this, so that what is due may come that much later.
_LUMP = 1 / 6
# What a share must reach: a server that refuses too much is as wrong as one that refuses too little.
SHARE = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The limit that was promised."""

    requests: int
    window_s: float

    @property
    def per_s(self) -> float:
        """The rate that it comes to."""
        return self.requests / self.window_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """The most that a key was let through within a window: `accepted` of at most `most`, from `since_s` on.

    `implied` is the least limit that lets so many through.
    """

    accepted: int
    most: int
    since_s: float
    span_s: float
    implied: int

    @property
    def is_too_much(self) -> bool:
        """Whether no permitted algorithm lets so many through."""
        return self.accepted > self.most


def excess_after_refusal(tries: Tries, limit: Limit) -> Excess | None:
    """Return the most that were let through within a window after a refusal; None where nothing was refused.

    Whoever refuses is full: L were let through in the window before, or there is less than one token. In the W seconds
    that follow, a sliding window gives back at most those L, a fixed one opens once, aligned or not, and a bucket gets
    L more, so that L + 1 bound them all. No other start is as sharp: a fresh bucket hands out 2L in W seconds, and so
    does an aligned window across its edge.
    """
    found: Excess | None = None
    accepted = tries.accepted
    for refusal in tries.refused:
        until_s = refusal.sent_s + _FAST * limit.window_s
        count = accepted.surely_within(refusal.decided_s, until_s)
        if found is None or count > found.accepted:
            found = Excess(
                accepted=count,
                most=limit.requests + 1,
                since_s=refusal.decided_s,
                span_s=_FAST * limit.window_s,
                implied=count - 1,
            )
    return found


def excess_at_all(tries: Tries, limit: Limit) -> Excess | None:
    """Return what was let through from the first try to the last; None where nothing was.

    In T seconds there are at most floor(T/W) + 2 windows, each of L, and a bucket hands out no more than that either.
    """
    accepted = tries.accepted
    if not len(accepted):
        return None
    since_s = accepted[0].sent_s
    span_s = accepted.decided_s[-1] - since_s
    windows = int(span_s / (_FAST * limit.window_s)) + 2
    return Excess(
        accepted=len(accepted),
        most=windows * limit.requests,
        since_s=since_s,
        span_s=span_s,
        implied=len(accepted) // windows,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """A refusal of a key that had made at most `made` requests (itself included) where `limit` were its right."""

    refusal: Try
    made: int
    count: int


def early_refusals(tries: Tries, limit: Limit, *, began_s: float = 0.0, since_s: float = 0.0) -> Early | None:
    """Return the first refusal that no permitted algorithm makes, with how many there were; None where there is none.

    A window refuses only where, with the refused one, more than L came within W; a bucket only where, since some
    moment, more came than L and what was refilled since. `began_s` is when the key's first try was sent; refusals
    before `since_s` are left alone.
    """
    counted = tries.counted
    first: Early | None = None
    looked_at = count = 0
    for refusal in tries.refused:
        if refusal.sent_s < since_s:
            continue
        made = _made_in_window(counted, refusal, limit, began_s=began_s)
        if made > limit.requests:
            continue
        looked_at += 1
        if looked_at > _MOST_LOOKED_AT:
            break
        if _drawn_from_bucket(counted, refusal, limit, began_s=began_s) > limit.requests:
            continue
        count += 1
        first = first or Early(refusal=refusal, made=made, count=1)
    return None if first is None else Early(refusal=first.refusal, made=first.made, count=count)


def _made_in_window(counted: Tries, refusal: Try, limit: Limit, *, began_s: float) -> int:
    since_s = refusal.sent_s - _SLOW * limit.window_s
    before = BEFORE if since_s <= began_s else 0
    return counted.perhaps_within(since_s, refusal.decided_s) + before + 1


def _drawn_from_bucket(counted: Tries, refusal: Try, limit: Limit, *, began_s: float) -> float:
    """Return how many tokens may be missing in the bucket, with the one that was refused."""

    def missing(drawn: int, since_s: float) -> float:
        return drawn - limit.per_s / _SLOW * max(0.0, refusal.sent_s - since_s - _LUMP * limit.window_s)

    sent = counted.perhaps_within(began_s - limit.window_s, refusal.decided_s)
    most = missing(sent + BEFORE, began_s)
    for passed, decided_s in enumerate(counted.decided_s):
        if decided_s > refusal.sent_s:
            break
        most = max(most, missing(sent - passed, decided_s))
    return most + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """The least that a key under sustained load was let through in an interval, and what its limit asks for.

    `accepted` may hold failed tries, which may have been counted. `sound` is the least that each permitted algorithm
    lets through in that interval for certain, `wanted` 97 % of the limit.
    """

    accepted: int
    since_s: float
    span_s: float
    sound: float
    wanted: float

    @property
    def is_too_little(self) -> bool:
        """Whether no permitted algorithm lets so few through."""
        return self.accepted < min(self.sound, self.wanted)

    @property
    def is_enough(self) -> bool:
        """Whether the share is reached."""
        return self.accepted >= self.wanted


def least_after_refusal(tries: Tries, limit: Limit, *, until_s: float, steady_kind: str) -> Yield | None:
    """Return the least that were let through in an interval of a window, once the key was full; None where it never
    was, or not for long enough before `until_s`, when the load ended.

    Under load above the limit whatever interval is a window long, and a gap between two requests longer, holds L: a
    sliding window gives each place to the next request, a fixed one opens with it, an aligned one is full by its end,
    and a bucket gets L in that time. `steady_kind` are the tries whose load is above the limit by itself; they say how
    long the gaps are, and how uncertain the moment of decision.
    """
    if not len(tries.refused):
        return None
    steady = tries.where(lambda each: each.kind == steady_kind)
    begin_s = tries.refused[0].decided_s
    span_s = _SLOW * limit.window_s + _longest_gap_s(steady, begin_s, until_s)
    counted = tries.counted
    starts_s = [begin_s, *(each for each in counted.decided_s if begin_s < each <= until_s - span_s)]
    if begin_s + span_s > until_s:
        return None
    accepted, since_s = min((counted.perhaps_within(start_s, start_s + span_s), start_s) for start_s in starts_s)
    return Yield(
        accepted=accepted,
        since_s=since_s,
        span_s=span_s,
        # One token is in the making, and one place was perhaps taken by a try on the edge of the interval.
        sound=limit.requests - 2,
        wanted=SHARE * limit.requests,
    )


def offered_share(tries: Tries, limit: Limit, *, since_s: float, until_s: float) -> float:
    """Return what was offered in this time, as a share of the limit."""
    sent = sum(since_s <= each < until_s for each in tries.sent_s)
    return sent / (limit.per_s * (until_s - since_s)) if until_s > since_s else 0.0


def _longest_gap_s(tries: Tries, since_s: float, until_s: float) -> float:
    """Return the longest time in which perhaps none of these was decided."""
    within = [each for each in tries if since_s <= each.sent_s <= until_s]
    gaps_s = [later.sent_s - earlier.sent_s for earlier, later in pairwise(within)]
    waits_s = [each.decided_s - each.sent_s for each in within]
    return max(gaps_s, default=0.0) + max(waits_s, default=0.0)
