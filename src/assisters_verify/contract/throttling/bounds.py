"""The arithmetic of rate limits under sustained load: what every permitted algorithm does for certain.

Permitted for a limit of L requests in W seconds are a sliding window, a fixed window opened by the first request, one
aligned to a clock of unknown phase, and a bucket of L that refills at L/W. Each bound holds for all four, so whoever
breaks one has none of them. All that is known of when a try was decided is that it was between its sending and its
answer; each bound takes the end that favours the target. A refused try does not count towards any limit; one that
failed may have.
"""

from dataclasses import dataclass

from assisters_verify.contract.throttling.tries import Tries, Try

# The target's clock may run faster than ours by this much.
_FAST = 0.99
# Or slower, or count whole seconds of a minute, so that its window is a second longer; or its bucket refill in lumps.
_SLOW = 1.02
# Tries of a key that may have been made just before the run, to see that the key is let in.
BEFORE = 2
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
    """Refusals of a key that had made fewer than `limit` requests. The worst of them came after `made` at most, in the
    window before it; there were `count` such refusals."""

    refusal: Try
    made: int
    count: int


def early_refusals(tries: Tries, limit: Limit, *, share: float = 1.0, since_s: float = 0.0) -> Early | None:
    """Return the refusals that came before this share of the limit had been let through; None where there are none.

    At the moment of a refusal, L were let through in the window before it, whatever the algorithm: a sliding window
    counts just those; a fixed one, aligned or not, opened within the last W seconds and is full; and a bucket that is
    empty has handed out what it held W seconds ago, and the L that it got since. That holds for any arrivals, even or
    bunched. Refusals before `since_s` are left alone.
    """
    counted = tries.counted
    worst: Early | None = None
    count = 0
    began_s = tries[0].sent_s if len(tries) else 0.0
    for refusal in tries.refused:
        made = _made_before(counted, refusal, limit, began_s=began_s)
        if refusal.sent_s < since_s or made >= share * limit.requests:
            continue
        count += 1
        if worst is None or made < worst.made:
            worst = Early(refusal=refusal, made=made, count=0)
    return None if worst is None else Early(refusal=worst.refusal, made=worst.made, count=count)


def least_before_refusal(tries: Tries, limit: Limit) -> int | None:
    """Return the fewest that were let through in the window before a refusal; None where nothing was refused."""
    found = early_refusals(tries, limit, share=float("inf"))
    return None if found is None else found.made


def _made_before(counted: Tries, refusal: Try, limit: Limit, *, began_s: float) -> int:
    since_s = refusal.sent_s - _SLOW * limit.window_s
    before = BEFORE if since_s <= began_s else 0
    return counted.perhaps_within(since_s, refusal.decided_s) + before


def offered_share(tries: Tries, limit: Limit, *, since_s: float, until_s: float) -> float:
    """Return what was offered in this time, as a share of the limit."""
    sent = sum(since_s <= each < until_s for each in tries.sent_s)
    return sent / (limit.per_s * (until_s - since_s)) if until_s > since_s else 0.0
