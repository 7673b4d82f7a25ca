"""Find out all there is about a rate limit in one window: overrun it, look at the exhausted key, and wait for it."""

import random
from dataclasses import dataclass, field

from assisters_verify.contract.limiter import CHAT, EMBEDDINGS, MODELS, Findings, Overrun, Shot, Wait
from assisters_verify.contract.limiter_bounds import (
    Excess,
    are_too_many,
    excess,
    explain_excess,
    is_beyond_all,
    lump_over_s,
)
from assisters_verify.contract.limiter_range import Range
from assisters_verify.contract.limiter_sighting import Sighting, overrun_limit

_TRIES = 3
# Where the cheapest route has no limit, another one may.
_FALLBACKS = (EMBEDDINGS, CHAT)
# A bucket may refill in lumps, of which the last may be still to come.
_SURELY_REFILLED = 0.75


@dataclass(slots=True, kw_only=True)
class Experiment:
    """One run of everything that follows from overrunning a limit of `limit` requests in `window_s` seconds."""

    range: Range
    limit: int
    window_s: float
    random: random.Random
    overruns: list[Overrun] = field(default_factory=list)
    exhausted_s: float = 0.0

    @property
    def tolerance_s(self) -> float:
        """How much later than it says a window may end, for clocks that count in steps."""
        return min(1.0, 0.2 + self.window_s / 60)

    async def run(self) -> Findings:
        """Take the window and a few seconds, and return what was found."""
        sighting = await self._sight()
        is_struck = bool(sighting.overrun.throttled)
        await self._outlast_lumps(sighting)
        if not self.range.nobody:
            await self._rule_out_edges(sighting)
        back = await self._come_back(sighting) if is_struck else []
        stream = await self.range.end_stream() if is_struck else None
        if self.range.nobody:
            await self._rule_out_edges(sighting)
        return Findings(
            limit=self.limit,
            window_s=self.window_s,
            main=sighting.seal(),
            overruns=tuple(self.overruns),
            back=tuple(back),
            exhausted_s=self.exhausted_s,
            stream=stream,
            nobody=self.range.nobody,
            disturbed=self.range.disturbed(),
        )

    async def _sight(self) -> Sighting:
        """Observe a key until no edge of a window disturbs it, on a route that has a limit."""
        sighting = await self._observe(MODELS)
        for _ in range(_TRIES - 1):
            if not sighting.has_turned:
                break
            sighting = await self._observe(MODELS)
        if is_beyond_all(sighting.overrun, limit=self.limit, window_s=self.window_s):
            for filler in _FALLBACKS:
                if filler in self.range.kinds:
                    other = await self._observe(filler)
                    if other.overrun.throttled:
                        return other
        return sighting

    async def _observe(self, filler: str) -> Sighting:
        key, overrun = await self._overrun(filler, is_mixed=True)
        sighting = Sighting(
            range=self.range,
            limit=self.limit,
            window_s=self.window_s,
            key=key,
            overrun=overrun,
        )
        await sighting.look()
        return sighting

    async def _overrun(self, filler: str, *, is_mixed: bool) -> tuple[str, Overrun]:
        key, opening = await self.range.fresh_key()
        async with self.range.alone():
            overrun = await overrun_limit(
                self.range,
                key,
                filler,
                opening=opening,
                limit=self.limit,
                window_s=self.window_s,
                chance=self.random,
                is_mixed=is_mixed,
            )
        self.overruns.append(overrun)
        return key, overrun

    async def _rule_out_edges(self, sighting: Sighting) -> None:
        """Overrun more keys where the first was served more than it may be, unless that was refilled.

        Keys that are filled through one route tell a higher limit; if they are not served too many, a key that is
        filled through all routes again tells what is not counted.
        """
        overrun = sighting.overrun
        if overrun.filler != MODELS or not overrun.throttled or excess(overrun, self.limit) <= 0:
            return
        if explain_excess(sighting.seal(), limit=self.limit, window_s=self.window_s) is not Excess.EDGE_OR_LIMIT:
            return
        for _ in range(_TRIES - 1):
            _, plain = await self._overrun(MODELS, is_mixed=False)
            if excess(plain, self.limit) <= 0:
                await self._overrun(MODELS, is_mixed=True)
                return
            if are_too_many(self.overruns, limit=self.limit, window_s=self.window_s):
                return

    async def _outlast_lumps(self, sighting: Sighting) -> None:
        """Where too many were served, see whether the key stays refused for longer than a bucket takes to refill."""
        overrun = sighting.overrun
        if overrun.throttled and not sighting.is_refilling and excess(overrun, self.limit) > 0:
            await self.range.pause_until(lump_over_s(overrun, self.window_s))
            await sighting.fire()

    async def _come_back(self, sighting: Sighting) -> list[Shot]:
        """Try again as clients do, and at the latest a window after the last request; return the tries that tell.

        A window that let the key through once works again. Of a bucket, most must have been refilled.
        """
        last = await sighting.refuse()
        self.exhausted_s = last.answered_s
        deadline_s = self.exhausted_s + self.window_s + self.tolerance_s
        shot = await self._try_again(sighting, last, deadline_s)
        if shot is not None and not sighting.is_refilling and shot.is_served:
            return [shot]
        if not sighting.is_refilling:
            await self.range.pause_until(deadline_s)
            return [await self._try_at_last(sighting)]
        self.exhausted_s = sighting.shots_in_order[-1].answered_s
        await self.range.pause_until(self.exhausted_s + self.window_s)
        count = max(1, int(_SURELY_REFILLED * self.limit))
        return await self.range.volley(sighting.key, [sighting.overrun.filler] * count)

    async def _try_again(self, sighting: Sighting, last: Shot, deadline_s: float) -> Shot | None:
        """Wait as `Retry-After` asks, or else 1, 2, 4 and more seconds, until the key is let through or it is time."""
        pause_s, is_believed = 1.0, True
        while last.is_throttled:
            asked_s = last.retry_after_s if is_believed else None
            if asked_s is None:
                asked_s, pause_s, is_asked = pause_s, 2 * pause_s, False
            else:
                is_asked = True
            if last.answered_s + asked_s >= deadline_s:
                return None
            await self.range.pause_until(last.answered_s + asked_s)
            shot = await sighting.fire()
            if is_asked:
                sighting.waits.append(Wait(refused=last, after=shot))
                is_believed = not shot.is_throttled
            last = shot
        return last

    async def _try_at_last(self, sighting: Sighting) -> Shot:
        last = sighting.shots_in_order[-1]
        shot = await sighting.fire()
        if last.is_throttled and last.retry_after_s is not None and shot.is_served:
            sighting.waits.append(Wait(refused=last, after=shot))
        return shot
