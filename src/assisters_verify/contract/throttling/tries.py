"""One try of a request, as the bounds of rate limits look at it: when it was decided, and how."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Fate(StrEnum):
    """What became of a try. One that failed may have been counted by the limit, or not."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try. The target decided on it between `sent_s` and `decided_s`, which is its first byte, or its end.

    All times are on one clock. `attempt` counts from 1. `status` is 0 where no answer came. `problem` says how its
    transport failed, "" where it did not. `retry_after_s` is None where the header was not sent, or
    nobody can read it. `has_envelope` is None where there is nothing to have one.
    """

    key: int
    kind: str
    sent_s: float
    decided_s: float
    ended_s: float
    fate: Fate
    due_s: float = 0.0
    attempt: int = 1
    status: int = 200
    problem: str = ""
    retry_after_s: float | None = None
    has_unreadable_retry_after: bool = False
    has_envelope: bool | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the limit let it through."""
        return self.fate is Fate.ACCEPTED

    @property
    def is_refused(self) -> bool:
        """Whether it was refused with 429."""
        return self.fate is Fate.REFUSED

    @property
    def took_s(self) -> float:
        """From sending to its last byte."""
        return self.ended_s - self.sent_s


class Tries:
    """Some tries in the order of sending, with the counts that bounds are made of."""

    def __init__(self, tries: Iterable[Try]) -> None:
        self._tries = sorted(tries, key=lambda each: each.sent_s)

    def __iter__(self) -> Iterator[Try]:
        return iter(self._tries)

    def __getitem__(self, number: int) -> Try:
        """Return one by its place in the order."""
        return self._tries[number]

    def __len__(self) -> int:
        return len(self._tries)

    def where(self, is_meant: Callable[[Try], bool]) -> "Tries":
        """Return those of which this is true."""
        return Tries(each for each in self._tries if is_meant(each))

    @cached_property
    def accepted(self) -> "Tries":
        """Those that were let through."""
        return self.where(lambda each: each.is_accepted)

    @cached_property
    def refused(self) -> "Tries":
        """Those that were refused with 429."""
        return self.where(lambda each: each.is_refused)

    @cached_property
    def counted(self) -> "Tries":
        """Those that the limit may have counted: all but the refused."""
        return self.where(lambda each: not each.is_refused)

    @cached_property
    def sent_s(self) -> list[float]:
        """When they were sent, in order."""
        return [each.sent_s for each in self._tries]

    @cached_property
    def decided_s(self) -> list[float]:
        """When the latest moment of each one's decision was, in order."""
        return sorted(each.decided_s for each in self._tries)

    def surely_within(self, since_s: float, until_s: float) -> int:
        """Return how many were decided within this time at least."""
        return max(0, bisect_right(self.decided_s, until_s) - bisect_left(self.sent_s, since_s))

    def perhaps_within(self, since_s: float, until_s: float) -> int:
        """Return how many were decided within this time at most."""
        return bisect_right(self.sent_s, until_s) - bisect_left(self.decided_s, since_s)
