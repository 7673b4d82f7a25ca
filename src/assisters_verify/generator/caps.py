"""What a process may send at most: its share of what the whole run may."""

from dataclasses import dataclass
from math import ceil

from assisters_verify.settings.load import LoadSettings

# So much of a second's requests may leave at once: arrivals at random come in bunches.
_BURST_S = 0.25


@dataclass(slots=True, kw_only=True)
class Caps:
    """Counts against the caps. `reached` says which of them stopped the run, and is empty until then."""

    max_requests: int
    max_tokens: int
    max_rate_per_s: float
    reached: str = ""
    requests: int = 0
    tokens: int = 0
    tokens_asked: int = 0
    _next_us: float = 0.0
    _spacing_us: float = 0.0
    _burst_us: float = 0.0

    def __post_init__(self) -> None:
        self._spacing_us = 1e6 / self.max_rate_per_s
        self._burst_us = max(_BURST_S * 1e6, self._spacing_us)

    @classmethod
    def share(cls, settings: LoadSettings, *, processes: int, index: int) -> "Caps":
        """Return this process's share: the shares of all processes add up to the caps exactly, or less for the rate."""
        return cls(
            max_requests=_share(settings.max_requests, processes, index),
            max_tokens=_share(settings.max_tokens, processes, index),
            max_rate_per_s=settings.max_rate_per_s / processes,
        )

    def admit(self, tokens: int) -> bool:
        """Count a request that asks for so many tokens at most, unless a cap is reached."""
        if self.requests >= self.max_requests:
            self.reached = self.reached or "max_requests"
        elif self.tokens + self.tokens_asked + tokens > self.max_tokens:
            self.reached = self.reached or "max_tokens"
        if self.reached:
            return False
        self.requests += 1
        self.tokens_asked += tokens
        return True

    def settle(self, asked: int, used: int) -> None:
        """Count what an answer really had instead of what was asked for."""
        self.tokens_asked -= asked
        self.tokens += used

    def wait_us(self, at_us: int) -> int:
        """Return how long the rate makes a request wait that is to be sent now; 0 counts it as sent."""
        earliest_us = at_us - self._burst_us
        if self._next_us > earliest_us:
            earliest_us = self._next_us
            if earliest_us > at_us:
                return ceil(earliest_us - at_us)
        self._next_us = earliest_us + self._spacing_us
        return 0


def _share(whole: int, processes: int, index: int) -> int:
    return whole // processes + (index < whole % processes)
