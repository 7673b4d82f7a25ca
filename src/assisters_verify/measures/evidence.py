"""Requests that are kept with their answers: the slowest, and a sample for judges. Secrets are replaced before."""

from dataclasses import asdict, dataclass
from typing import Any, Self

MOST_SLOWEST = 10
MOST_SAMPLES = 200
# Of each answer; what is longer is cut, and says so.
MOST_KEPT_BYTES = 65_536
MOST_KEPT_FRAMES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One request with its answer. Times are seconds after the start of the run.

    `rank` is the latency in seconds for the slowest, and a random number for samples, so that merging keeps the right
    ones. `key` and `lane` tell whose request it was. `frames` are the pieces as they were read, each with its time;
    `is_cut` says that more came than was kept. `problem` is empty where there was none.
    """

    rank: float
    kind: str
    lane: str
    key: int
    process: str
    due_s: float
    sent_s: float
    end_s: float
    attempt: int
    status: int
    problem: str
    request: str
    head: str
    frames: tuple[tuple[float, str], ...]
    is_stream: bool
    is_cut: bool

    @property
    def body(self) -> str:
        """The answer's body, without the framing of its transport."""
        return "".join(text for _, text in self.frames)

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        return cls(**{**value, "frames": tuple((time_s, text) for time_s, text in value["frames"])})
