"""What a check finds around it: whose turn it is, the time, and chance; in a replay those that were recorded."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

_HEX_BITS = 4
_UUID_BITS = 128


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`scope` is the check, or the shared finding, on whose behalf something is done. `now_s` is a monotonic clock."""

    scope: str = ""
    chance: random.Random = field(default_factory=random.SystemRandom)
    now_s: Callable[[], float] = time.perf_counter
    utc_now: Callable[[], datetime] = _utc


_CURRENT: ContextVar[Surroundings] = ContextVar("surroundings", default=Surroundings())  # noqa: B039 - it is frozen


def current() -> Surroundings:
    """Return the surroundings of the running task."""
    return _CURRENT.get()


@contextmanager
def surrounded_by(surroundings: Surroundings) -> Iterator[None]:
    """Give these surroundings to what runs inside the block, and to the tasks that it starts."""
    token = _CURRENT.set(surroundings)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def now_s() -> float:
    """Return the time in seconds on a monotonic clock."""
    return current().now_s()


def utc_now() -> datetime:
    """Return the date and time in UTC."""
    return current().utc_now()


def fresh_hex(digits: int) -> str:
    """Return so many hexadecimal digits that nobody has seen."""
    return f"{current().chance.getrandbits(_HEX_BITS * digits):0{digits}x}"


def fresh_uuid() -> str:
    """Return a UUID that nobody has seen."""
    return str(UUID(int=current().chance.getrandbits(_UUID_BITS), version=4))
