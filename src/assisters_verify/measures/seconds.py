"""What happened in each second of the measured part."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Self

from assisters_verify.measures.histogram import COARSE, Histogram

COUNTS = ("offered", "sent", "finished", "ok", "refused", "failed", "good", "tokens", "chunks")
# Of a run of hours only the last seconds still change; the others are kept as text, in a third of the room or less.
_MOST_OPEN = 64
_KEPT_OPEN = 32


class Second:
    """Counts of one second, and the times of the requests that ended in it.

    `offered` counts by the moment at which requests were due, `sent` by that of sending, the rest by that of their end;
    `tokens` and `chunks` count as they came.
    """

    __slots__ = ("counts", "latency", "ttft")

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTS, 0)
        self.latency = Histogram(bits=COARSE)
        self.ttft = Histogram(bits=COARSE)

    def merge(self, other: "Second") -> None:
        """Add what happened elsewhere in the same second."""
        for name, count in other.counts.items():
            self.counts[name] += count
        self.latency.merge(other.latency)
        self.ttft.merge(other.ttft)

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return {"counts": self.counts, "latency": self.latency.to_wire(), "ttft": self.ttft.to_wire()}

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        second = cls()
        second.counts.update(value["counts"])
        second.latency = Histogram.from_wire(value["latency"])
        second.ttft = Histogram.from_wire(value["ttft"])
        return second


class Series(Mapping[int, Second]):
    """Seconds by their numbers, from 0 on; one that is asked for by its number and not there begins empty.

    What iteration, `get`, `values` and `items` give is for reading: it may be a copy.
    """

    def __init__(self) -> None:
        self._open: dict[int, Second] = {}
        self._packed: dict[int, bytes] = {}

    def __getitem__(self, number: int) -> Second:
        second = self._open.get(number)
        if second is None:
            packed = self._packed.pop(number, None)
            second = self._open[number] = Second() if packed is None else _unpacked(packed)
            if len(self._open) > _MOST_OPEN:
                for long_over in sorted(self._open)[:-_KEPT_OPEN]:
                    self._packed[long_over] = _packed(self._open.pop(long_over).to_wire())
        return second

    def __contains__(self, number: object) -> bool:
        return number in self._open or number in self._packed

    def __iter__(self) -> Iterator[int]:
        return iter(sorted((*self._open, *self._packed)))

    def __len__(self) -> int:
        return len(self._open) + len(self._packed)

    def get(self, number: int, default: Any = None) -> Any:  # either may be of any type
        """Return a second for reading, or the default where there is none."""
        return self._read(number) if number in self else default

    def values(self) -> Iterator[Second]:  # type: ignore[override]  # a view would read each second twice
        """Yield the seconds in order, for reading."""
        return map(self._read, self)

    def items(self) -> Iterator[tuple[int, Second]]:  # type: ignore[override]
        """Yield numbers and seconds in order, for reading."""
        return ((number, self._read(number)) for number in self)

    def to_wire(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return {str(number): second.to_wire() for number, second in self.items()}

    @classmethod
    def from_wire(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_wire` was made from."""
        series = cls()
        series._packed = {int(number): _packed(wire) for number, wire in value.items()}
        return series

    def _read(self, number: int) -> Second:
        second = self._open.get(number)
        return _unpacked(self._packed[number]) if second is None else second


def _packed(wire: Mapping[str, Any]) -> bytes:
    return json.dumps(wire, separators=(",", ":")).encode()


def _unpacked(data: bytes) -> Second:
    return Second.from_wire(json.loads(data))
