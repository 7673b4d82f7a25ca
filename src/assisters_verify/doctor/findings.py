"""What the doctor says: one line for each thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a finding bears on a run: nothing to do, something to know, something that stands in the way."""

    WELL = "ok"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, what was seen, and what to do about it where something is to be done."""

    topic: str
    text: str
    mark: Mark = Mark.WELL
    remedy: str = ""
