"""Overrun the limit of one fresh key, and look at the exhausted key from all sides."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from assisters_verify.contract.limiter import (
    MODELS,
    REMOVAL,
    STREAM,
    Crossing,
    Observation,
    Outcome,
    Overrun,
    Shot,
    Wait,
    last_throttled,
)
from assisters_verify.contract.limiter_bounds import SHORT, refilled
from assisters_verify.contract.limiter_range import Range

# What a limit is filled with beside the filler. Different numbers tell which route is not counted; completions cost
# the most.
_MIXED = {"chat": 3, "embeddings": 5, "audit": 7, "metrics": 9}
_MOST_MIXED_SHARE = 0.5
# A window that is nearly over may end before the exhausted key has been looked at.
_MOST_OF_WINDOW = 0.7
_TOKENS_OF_A_MOMENT = 20
_TOKENS_TO_SPEND = 8
_LONGEST_SAVING_S = 3.0
_SHOTS_TO_SPEND = 6
_SHOTS_TO_CROSS = 4
_NEIGHBOUR_TRIES = 3
_TRIES_TO_REFUSE = 4
# A bucket that refills in lumps may do so between two refusals, but not time after time.
CROSSINGS_TO_BLAME = 3


@dataclass(slots=True, kw_only=True)
class Sighting:
    """An observation in the making: of one key of `range`, with a limit of `limit` requests in `window_s` seconds."""

    range: Range
    limit: int
    window_s: float
    key: str
    overrun: Overrun
    rest: list[Shot] = field(default_factory=list)
    neighbours: list[Shot] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    countings: list[Crossing] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    is_refilling: bool | None = None
    has_turned: bool = False

    def seal(self) -> Observation:
        """Return what has been seen so far."""
        return Observation(
            overrun=self.overrun,
            is_refilling=self.is_refilling,
            neighbours=tuple(self.neighbours),
            crossings=tuple(self.crossings),
            countings=tuple(self.countings),
            waits=tuple(self.waits),
            rest=tuple(self.rest),
            has_turned=self.has_turned,
        )

    @property
    def shots(self) -> list[Shot]:
        """All requests of the key so far."""
        return [*self.overrun.shots, *self.seal().after_overrun]

    async def look(self) -> None:
        """Find out what the exhausted key and another one may do."""
        await self._ask_neighbour()
        if not self.overrun.throttled:
            return
        await self._wait_a_moment()
        if self.is_refilling:
            await self._cross_refilling()
            await self._spend_tokens()
        else:
            await self._cross()

    async def refuse(self) -> Shot:
        """Return a refusal beside which no other request was under way; of a bucket, that may take several."""
        for _ in range(_TRIES_TO_REFUSE):
            shot = await self.fire()
            if shot.is_throttled:
                break
        return shot

    async def fire(self) -> Shot:
        """Send one more request of the filler's kind."""
        (shot,) = await self.range.volley(self.key, [self.overrun.filler])
        self.rest.append(shot)
        return shot

    @property
    def _routes(self) -> list[str]:
        """The routes to try with the exhausted key, the filler's aside, which every control tries."""
        kinds = [MODELS, *self.range.kinds, *([STREAM] if self.range.has_streams else [])]
        return [kind for kind in kinds if kind != self.overrun.filler]

    async def _ask_neighbour(self) -> None:
        """Let another key make requests between two refusals of this one."""
        other = await self.range.neighbour()
        for _ in range(_NEIGHBOUR_TRIES):
            shots = await self.range.volley(other, [MODELS] * _SHOTS_TO_CROSS) if other else []
            controls = await self.range.volley(self.key, [self.overrun.filler] * _SHOTS_TO_CROSS)
            self.rest.extend(controls)
            if not all(shot.is_served for shot in controls) or any(shot.is_throttled for shot in shots):
                self.neighbours.extend(shots)
                return

    async def _wait_a_moment(self) -> None:
        """Tell a bucket, which lets a few requests through after a moment, from a window."""
        token_s = self.window_s / self.limit
        moment_s = max(1.5 * token_s, min(_TOKENS_OF_A_MOMENT * token_s, self.window_s / 4))
        last = await self.refuse()
        asked_s = last.retry_after_s if last.is_throttled else None
        is_waited = asked_s is not None and asked_s <= max(moment_s, self.window_s / 20)
        await self.range.pause_until(last.answered_s + max(moment_s, asked_s if asked_s and is_waited else 0.0))
        shot = await self.fire()
        if is_waited:
            self.waits.append(Wait(refused=last, after=shot))
        self.is_refilling = None if shot.outcome is Outcome.OTHER else shot.is_served

    @property
    def shots_in_order(self) -> list[Shot]:
        """All requests of the key so far, in the order of sending."""
        return sorted(self.shots, key=lambda shot: shot.sent_s)

    async def _cross(self) -> None:
        """Try each route once between two refusals, which a window keeps up until it ends.

        To delete what is not there is refused too, though it need not count, so that it tells nothing of a bucket.
        """
        kinds = [*self._routes, *([REMOVAL] if self.range.has_removals else [])]
        for _ in range(2):
            before = last_throttled(self.shots)
            shots = await self.range.volley(self.key, kinds)
            after = await self.fire()
            self.has_turned = self.has_turned or not (before and self._is_still_exhausted(after))
            if before is None or self.has_turned:
                return
            self.crossings = [found for found in self.crossings if found.kind not in kinds]
            self.crossings += [Crossing(kind=shot.kind, before=before, shots=(shot,), after=after) for shot in shots]
            kinds = [shot.kind for shot in shots if shot.outcome is Outcome.OTHER]
            if not kinds:
                return

    def _is_still_exhausted(self, control: Shot) -> bool:
        return control.is_throttled and control.answered_s < self.overrun.began_s + self.window_s

    async def _cross_refilling(self) -> None:
        """Try each route a few times at once, right after a refusal: more than were refilled are too many."""
        for kind in self._routes:
            for _ in range(CROSSINGS_TO_BLAME):
                before = await self._drain()
                shots = await self.range.volley(self.key, [kind] * _SHOTS_TO_CROSS) if before else []
                after = await self._drain()
                if before is None or after is None:
                    return
                crossing = Crossing(kind=kind, before=before, shots=tuple(shots), after=after)
                self.crossings.append(crossing)
                if len(crossing.served) <= self._refilled(before, crossing.served):
                    break

    async def _spend_tokens(self) -> None:
        """Use up on each route what a bucket refills: what is not counted comes on top. The filler is the control."""
        saving_s = min(_TOKENS_TO_SPEND * self.window_s / self.limit, _LONGEST_SAVING_S)
        for kind in [self.overrun.filler, *self._routes]:
            is_control = kind == self.overrun.filler
            for _ in range(2):
                counting = await self._count(kind, min(saving_s, SHORT / 2 * self.window_s) if is_control else saving_s)
                if counting is None:
                    return
                self.countings.append(counting)
                if len(counting.served) <= self._refilled(counting.before, counting.served) and not is_control:
                    break

    async def _count(self, kind: str, saving_s: float) -> Crossing | None:
        """Drain the key, let it save tokens, spend them on one route, and drain what is left."""
        before = await self._drain()
        if before is None:
            return None
        await self.range.pause_until(before.answered_s + saving_s)
        shots = await self.range.volley(self.key, [kind] * _SHOTS_TO_SPEND)
        seen = len(self.rest)
        after = await self._drain()
        if after is None:
            return None
        # What drained the key belongs to the counting, and must not be counted twice.
        self.rest, drained = self.rest[:seen], self.rest[seen:]
        return Crossing(kind=kind, before=before, shots=(*shots, *drained), after=after)

    def _refilled(self, before: Shot, served: tuple[Shot, ...]) -> int:
        until_s = max((shot.answered_s for shot in served), default=before.answered_s)
        return refilled(limit=self.limit, window_s=self.window_s, since_s=before.sent_s, until_s=until_s)

    async def _drain(self) -> Shot | None:
        """Use up what is left of a bucket; return the refusal. None where it does not end: the window has turned."""
        since = last_throttled(self.shots)
        served = 0
        while since is not None:
            shots = await self.range.volley(self.key, [self.overrun.filler] * self.range.parallel)
            self.rest.extend(shots)
            refused = last_throttled(shots)
            if refused is not None:
                return refused
            served += sum(shot.is_served for shot in shots)
            tokens = refilled(
                limit=self.limit, window_s=self.window_s, since_s=since.sent_s, until_s=self.range.now_s()
            )
            if served > tokens + min(self.range.parallel, self.limit // 4) or not any(shot.is_served for shot in shots):
                break
        self.has_turned = True
        return None


async def overrun_limit(
    target: Range,
    key: str,
    filler: str,
    *,
    opening: Sequence[Shot],
    limit: int,
    window_s: float,
    chance: random.Random,
    is_mixed: bool,
) -> Overrun:
    """Send `limit` requests of a fresh key and wait for all of them, then more until one is refused.

    `opening` are requests that the key has already made. Gives up where more are served than any algorithm allows,
    where the target fails every one, and where it takes so long that the window may end.
    """
    until_s = target.now_s() + _MOST_OF_WINDOW * window_s
    has_stream = is_mixed and target.has_streams
    count = limit - has_stream - len(opening)
    kinds = _kinds(target, filler, count=count, is_mixed=is_mixed, chance=chance)
    shots = [*opening, *await target.volley(key, kinds, stops_when_refused=True, until_s=until_s)]
    if has_stream and not any(shot.is_throttled for shot in shots):
        shots.append(await target.open_stream(key))
    most = 2 * limit if filler == MODELS else limit + limit // 2 + target.parallel
    while not any(shot.is_throttled for shot in shots) and target.now_s() < until_s:
        batch = await target.volley(key, [filler] * target.parallel)
        shots += batch
        if not any(shot.is_served or shot.is_throttled for shot in batch):
            break
        if sum(shot.is_served for shot in shots) > most:
            break
    mixed = tuple(kind for kind in dict.fromkeys(shot.kind for shot in shots) if kind != filler)
    is_given_up = target.now_s() >= until_s
    return Overrun(filler=filler, shots=tuple(shots), mixed=mixed, is_given_up=is_given_up)


def _kinds(target: Range, filler: str, *, count: int, is_mixed: bool, chance: random.Random) -> list[str]:
    """Return the kinds of the requests that fill the limit, completions first, since they take the longest."""
    counts = {kind: number for kind, number in _MIXED.items() if kind in target.kinds and kind != filler and is_mixed}
    if sum(counts.values()) > _MOST_MIXED_SHARE * count:
        counts = dict.fromkeys(counts, 1)
    if sum(counts.values()) > _MOST_MIXED_SHARE * count:
        counts = {}
    mixed = [kind for kind, number in counts.items() if kind != "chat" for _ in range(number)]
    chats = ["chat"] * counts.get("chat", 0)
    rest = mixed + [filler] * (count - len(chats) - len(mixed))
    chance.shuffle(rest)
    return chats + rest
