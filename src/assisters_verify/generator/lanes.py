"""What a scenario is made of: lanes, each a stream of requests with its own arrivals, key and way of trying again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from assisters_verify.generator.requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of an open loop: so long, at this rate."""

    duration_s: float
    rate_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoop:
    """Requests are due by the clock, whatever the target does. After the last step nothing is due any more."""

    steps: tuple[Step, ...]
    is_poisson: bool = False

    @property
    def peak_per_s(self) -> float:
        """The highest rate."""
        return max((step.rate_per_s for step in self.steps), default=0.0)

    def dues_s(self, random: Random) -> Iterator[float]:
        """Yield when each request is due, in seconds after the lane's start. The same seed gives the same times."""
        return self._random_s(random) if self.is_poisson else self._even_s()

    def _even_s(self) -> Iterator[float]:
        start_s = 0.0
        for step in self.steps:
            if step.rate_per_s > 0:
                for number in count():
                    after_s = number / step.rate_per_s
                    if after_s >= step.duration_s:
                        break
                    yield start_s + after_s
            start_s += step.duration_s

    def _random_s(self, random: Random) -> Iterator[float]:
        start_s = 0.0
        for step in self.steps:
            # A Poisson process has no memory, so that each step can begin anew.
            after_s = random.expovariate(step.rate_per_s) if step.rate_per_s > 0 else step.duration_s
            while after_s < step.duration_s:
                yield start_s + after_s
                after_s += random.expovariate(step.rate_per_s)
            start_s += step.duration_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Requests are due at given times, as they once came."""

    times_s: tuple[float, ...]

    def dues_s(self, random: Random) -> Iterator[float]:
        """Yield when each request is due, in seconds after the lane's start."""
        del random
        return iter(self.times_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoop:
    """So many users, each of which sends its next request `pause_s` after the end of the one before.

    They begin one after the other within `spread_s`, so that they do not march in step.
    """

    users: int
    pause_s: float = 0.0
    spread_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """What a client does after a refusal or a failure of the target.

    After a 429 it waits `after_429_s[0]`, then `[1]`, and so on, and gives up where the list ends; with `is_patient` it
    waits for `Retry-After` where that is longer. With `together_s` it returns at the next whole multiple of that time
    instead, as all others do then. A 500 is tried again `after_500` times, each after at most `jitter_s`.
    """

    after_429_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    together_s: float | None = None
    is_patient: bool = False
    after_500: int = 3
    jitter_s: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A named part of a lane's time, from `start_s` after the lane's start until the next."""

    start_s: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Requests that belong together.

    `request` makes the one with this number (counted over all processes); the random numbers are its own. `key` counts
    into the run's keys. `start_s` and `stop_s` count from the start of the run, warm-up included; without `stop_s` the
    lane ends with the run. An open loop's requests take turns over this many `connections` at least, in each process,
    which no other lane uses: 0 leaves it to the generator.
    """

    name: str
    kind: str
    request: Callable[[Random, int], Request]
    arrivals: OpenLoop | Recorded | ClosedLoop
    key: int = 0
    connections: int = 0
    retry: RetryPolicy | None = None
    start_s: float = 0.0
    stop_s: float | None = None
    phases: tuple[Phase, ...] = ()
