"""Running totals of a run that is under way: what is done, what was found, what is running, how long it may take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.catalogue import Clause
from assisters_verify.verdicts import Level, Verdict, breaks, leaves_open

# Before so many checks have ended, nothing can be said about the rest.
_FEWEST_DONE = 10


@dataclass(slots=True)
class Tally:
    """Takes the events of a run and counts. `now` gives seconds on a clock that never goes back; `running` are the
    clauses of checks under way, the longest-running first."""

    levels: dict[str, Level]
    now: Callable[[], float] = time.monotonic
    total: int = 0
    done: int = 0
    kept: int = 0
    broken: int = 0
    warned: int = 0
    undecided: int = 0
    requests: int = 0
    _running: dict[str, str] = field(default_factory=dict)
    _began: float = field(init=False)
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._last = self.now()

    @classmethod
    def of(cls, clauses: Sequence[Clause], *, now: Callable[[], float] = time.monotonic) -> "Tally":
        """Return an empty tally for these clauses."""
        return cls(levels={clause.id: clause.level for clause in clauses}, now=now)

    @property
    def running(self) -> tuple[str, ...]:
        """The clauses whose checks are under way, each once, the longest-running first."""
        return tuple(dict.fromkeys(self._running.values()))

    @property
    def elapsed_s(self) -> float:
        """Seconds since the tally was begun."""
        return self.now() - self._began

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest takes if it goes on as until now; None as long as that cannot be told.

        The last checks wait for whole windows of the rate limit: what has kept everybody waiting for a while is taken
        to go on for as long again.
        """
        left = max(0, self.total - self.done)
        if self.done < min(_FEWEST_DONE, self.total) or not self.done:
            return None
        now = self.now()
        return max((now - self._began) / self.done * left, now - self._last) if left else 0.0

    def take(self, event: dict[str, Any]) -> bool:
        """Count an event; tell whether it is an outcome that breaks a promise, or the suite's own fault."""
        match event["event"]:
            case "collected":
                self.total = event["checks"]
            case "start":
                self._running[event.get("check", event["clause"])] = event["clause"]
            case "outcome":
                return self._take_outcome(event)
        return False

    def _take_outcome(self, event: dict[str, Any]) -> bool:
        outcome = event["outcome"]
        self._running.pop(outcome.get("check", outcome["clause"]), None)
        self.requests = max(self.requests, event.get("requests", 0))
        if not event["asked"]:
            return False
        verdict, level = Verdict(outcome["verdict"]), self.levels[outcome["clause"]]
        is_broken = verdict is Verdict.ERROR or breaks(verdict, level)
        self.done += 1
        self._last = self.now()
        self.broken += is_broken
        self.kept += verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
        self.warned += not is_broken and verdict in {Verdict.WARN, Verdict.FAIL, Verdict.NOT_IMPLEMENTED}
        self.undecided += not is_broken and leaves_open(verdict, level)
        return is_broken

    def in_words(self) -> str:
        """Return the totals in a few words."""
        parts = [f"{self.kept} kept", f"{self.broken} broken"]
        parts += [f"{self.undecided} undecided"] if self.undecided else []
        parts += [f"{self.warned} warned about"] if self.warned else []
        return ", ".join(parts)


def in_minutes(seconds: float) -> str:
    """Return a time as people say it: `40 s`, `2 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
