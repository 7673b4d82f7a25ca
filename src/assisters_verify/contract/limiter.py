"""What is recorded while a rate limit is overrun: each request with its times, and what they show together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assisters_verify.answer import Answer

MODELS = "models"
CHAT = "chat"
STREAM = "stream"
EMBEDDINGS = "embeddings"
AUDIT = "audit"
METRICS = "metrics"
REMOVAL = "removal"


class Outcome(StrEnum):
    """What became of a request."""

    SERVED = "served"
    THROTTLED = "throttled"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One request of a key. The target decided on it between `sent_s` and `answered_s` (one monotonic clock).

    `kind` is the route. `attempts` is how often it was sent, since a broken connection is tried again, and the target
    may have counted each. `retry_after` is the header as it came, `retry_after_s` the seconds that it asks for, None
    where it is no number of seconds and no date. `received` is the answer in words.
    """

    kind: str
    sent_s: float
    answered_s: float
    outcome: Outcome
    attempts: int = 1
    received: str = ""
    retry_after: str | None = None
    retry_after_s: float | None = None
    answer: Answer | None = field(default=None, repr=False)

    @property
    def is_served(self) -> bool:
        """Whether it was let through."""
        return self.outcome is Outcome.SERVED

    @property
    def is_throttled(self) -> bool:
        """Whether it was refused with 429."""
        return self.outcome is Outcome.THROTTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrun:
    """All requests of one fresh key, from its very first one until it was refused, in the order of sending.

    `filler` is the route of most of them, `mixed` are the other routes among them. `is_given_up` says that they took so
    long that a window might have passed.
    """

    filler: str
    shots: tuple[Shot, ...]
    mixed: tuple[str, ...] = ()
    is_given_up: bool = False

    @property
    def began_s(self) -> float:
        """When the first request was sent."""
        return self.shots[0].sent_s

    @property
    def served(self) -> tuple[Shot, ...]:
        """The requests that were let through."""
        return tuple(shot for shot in self.shots if shot.is_served)

    @property
    def throttled(self) -> tuple[Shot, ...]:
        """The requests that were refused with 429."""
        return tuple(shot for shot in self.shots if shot.is_throttled)

    @property
    def sent(self) -> int:
        """How many requests the target may have counted."""
        return sum(shot.attempts for shot in self.shots)

    def count_served(self, kind: str) -> int:
        """Return how many requests on this route were let through."""
        return sum(shot.kind == kind for shot in self.served)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Requests on one route by a key that is over its limit: between `before`, which was refused, and `after`."""

    kind: str
    before: Shot
    shots: tuple[Shot, ...]
    after: Shot

    @property
    def served(self) -> tuple[Shot, ...]:
        """The requests that were let through."""
        return tuple(shot for shot in self.shots if shot.is_served)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A key was silent after a refusal for as long as `Retry-After` asked, and then tried again."""

    refused: Shot
    after: Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnd:
    """How a stream ended that was running when its key was refused. `problem` says in words what is wrong with its
    end, None where it ended as others do. `ended_s` is when its last byte came."""

    ended_s: float
    problem: str | None = None
    answer: Answer | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen of one key: overrun, and then over its limit.

    `is_refilling` says that it was let through again after a moment, as with a bucket; None where that was not found
    out. `crossings` are tries on every route, `countings` are tries to use up what was refilled on one route,
    `neighbours` are requests of another, fresh key that were made in between. `has_turned` says that the window ended
    under way, so that the rest shows nothing.
    """

    overrun: Overrun
    is_refilling: bool | None = None
    neighbours: tuple[Shot, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    countings: tuple[Crossing, ...] = ()
    waits: tuple[Wait, ...] = ()
    rest: tuple[Shot, ...] = ()
    has_turned: bool = False

    @property
    def after_overrun(self) -> tuple[Shot, ...]:
        """The requests of the key that followed its overrun, in no order."""
        tried = [shot for crossing in (*self.crossings, *self.countings) for shot in crossing.shots]
        return (*tried, *self.rest)

    def refused_before(self, moment_s: float) -> tuple[Shot, ...]:
        """Return the requests on the filler's route that were refused, of those sent before this moment."""
        shots = (*self.overrun.shots, *self.after_overrun)
        filler = self.overrun.filler
        return tuple(shot for shot in shots if shot.is_throttled and shot.kind == filler and shot.sent_s < moment_s)

    @property
    def served_again_s(self) -> float | None:
        """When the first request on the filler's route was answered that was let through after a refusal, or None."""
        shots = [shot for shot in (*self.overrun.shots, *self.after_overrun) if shot.kind == self.overrun.filler]
        refused_s = min((shot.answered_s for shot in shots if shot.is_throttled), default=math.inf)
        return min((shot.answered_s for shot in shots if shot.is_served and shot.sent_s > refused_s), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that one run finds out about the limit of `limit` requests in `window_s` seconds.

    `overruns` are those of fresh keys, in their order; the first one is of every route. `main` is the observation that
    the verdicts rest on. `back` are requests a whole window after the last, `stream` the stream that was running.
    `exhausted_s` is when the key was refused for the last time before it was waited for. `nobody` says why there was no
    other key, `disturbed` counts requests of other checks that used the same key.
    """

    limit: int
    window_s: float
    main: Observation
    overruns: tuple[Overrun, ...]
    back: tuple[Shot, ...] = ()
    exhausted_s: float = 0.0
    stream: StreamEnd | None = None
    nobody: str = ""
    disturbed: int = 0

    @property
    def refusals(self) -> tuple[Shot, ...]:
        """Every 429 that came."""
        overrun = [shot for overrun in self.overruns for shot in overrun.shots]
        shots = [*overrun, *self.main.after_overrun, *self.back]
        return tuple(shot for shot in shots if shot.is_throttled)


def last_throttled(shots: Sequence[Shot]) -> Shot | None:
    """Return the refused request that was sent last, or None."""
    return max((shot for shot in shots if shot.is_throttled), key=lambda shot: shot.sent_s, default=None)
