"""One packed row for each request, for scenarios that judge what became of every one of them."""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple, Self

_MAGIC = b"assisters-verify/ledger 1\n"
_FORM = struct.Struct("<5q3HBBHBbiIB")
NEVER = -1
# Of a header that says what nobody can read.
UNREADABLE = -2


class Problem(IntEnum):
    """What went wrong with a request besides its status. In the figures it stands in small letters."""

    NONE = 0
    UNREACHABLE = 1
    RESET = 2
    TIMEOUT = 3
    CUT = 4
    NOT_HTTP = 5
    BROKEN_STREAM = 6
    BROKEN_BODY = 7
    TLS = 8
    TOO_LARGE = 9
    UNFINISHED = 10  # when the run ended
    GENERATOR = 11  # this machine could not open another connection

    @property
    def word(self) -> str:
        """How it is called in the figures."""
        return _WORDS[self]


_WORDS = tuple("" if problem is Problem.NONE else problem.name.lower() for problem in Problem)


class Row(NamedTuple):
    """One try of one request. Times are microseconds after the start of the run; -1 where there was no such moment.

    `key`, `lane`, `kind` and `phase` count into the lists of the ledger's head, `attempt` from 1. `status` is 0 where
    no answer came, `retry_after_ms` -1 where none was sent and -2 where nobody can read it. `envelope` is 1 for an
    error in the documented form, 0 for one in another, -1 where none was due. `first_content_us` is that of a stream's
    first content.
    """

    due_us: int
    sent_us: int
    first_byte_us: int
    first_content_us: int
    end_us: int
    process: int
    lane: int
    key: int
    kind: int
    attempt: int
    status: int
    problem: int
    envelope: int
    retry_after_ms: int
    chunks: int
    phase: int

    def pack(self) -> bytes:
        """Return the row in its fixed size."""
        return _FORM.pack(*self)

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Return the row that was packed."""
        return cls(*_FORM.unpack(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the rows count into. `started_s` is the run's start as seconds of the Unix epoch, `measured_us` of it on
    the measured part begins."""

    started_s: float
    measured_us: int
    keys: int
    lanes: tuple[str, ...]
    kinds: tuple[str, ...]
    phases: tuple[str, ...]


class Ledger:
    """The rows of a finished run, read from their file as they are asked for."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            if file.readline() != _MAGIC:
                raise ValueError(f"{path.name} is no ledger")
            value: dict[str, Any] = json.loads(file.readline())
            self._start = file.tell()
        self.head = Head(
            started_s=value["started_s"],
            measured_us=value["measured_us"],
            keys=value["keys"],
            lanes=tuple(value["lanes"]),
            kinds=tuple(value["kinds"]),
            phases=tuple(value["phases"]),
        )
        self._path = path

    def __iter__(self) -> Iterator[Row]:
        with self._path.open("rb") as file:
            file.seek(self._start)
            while block := file.read(_FORM.size * 4096):
                for fields in _FORM.iter_unpack(block[: len(block) - len(block) % _FORM.size]):
                    yield Row(*fields)

    def __len__(self) -> int:
        return (self._path.stat().st_size - self._start) // _FORM.size


class LedgerWriter:
    """Writes rows that were packed, in this process or another."""

    def __init__(self, path: Path, head: Head) -> None:
        self._file = path.open("wb")
        fields = {
            "started_s": head.started_s,
            "measured_us": head.measured_us,
            "keys": head.keys,
            "lanes": head.lanes,
            "kinds": head.kinds,
            "phases": head.phases,
        }
        self._file.write(_MAGIC + json.dumps(fields).encode() + b"\n")

    def write(self, rows: bytes) -> None:
        """Write whole packed rows."""
        self._file.write(rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_ledger(path: Path, head: Head, rows: Sequence[Row]) -> None:
    """Write a whole ledger."""
    with LedgerWriter(path, head) as writer:
        writer.write(b"".join(row.pack() for row in rows))
