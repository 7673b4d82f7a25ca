"""The log of truth: when each request arrived and each write began."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from assisters_verify.exact.plans import Kind, Plan

_KINDS = tuple(Kind)
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer: its request's arrival as seconds of the Unix epoch, and its writes as microseconds after that.

    The last `contents` of the writes have content, `tokens` all in all. `is_whole` is false where the client left
    before the end.
    """

    arrived_s: float
    kind: Kind
    is_whole: bool
    contents: int
    tokens: int
    writes_us: tuple[int, ...]


class Log:
    """Rows in four bytes for each write, up to a bound."""

    def __init__(self, max_writes: int) -> None:
        self._max_writes = max_writes
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.left_out = 0
        self._arrivals_ns = array("q")
        self._kinds = array("B")
        self._whole = array("B")
        self._contents = array("I")
        self._tokens = array("I")
        self._lengths = array("I")
        self._writes_us = array("I")

    def __len__(self) -> int:
        return len(self._arrivals_ns)

    def add(self, plan: Plan, arrived_ns: int, writes_us: "array[int]") -> None:
        """Note one answer that has ended; `arrived_ns` is of the Unix epoch."""
        if len(self._writes_us) + len(writes_us) > self._max_writes:
            self.left_out += len(writes_us)
            return
        self._arrivals_ns.append(arrived_ns)
        self._kinds.append(_KINDS.index(plan.kind))
        self._whole.append(len(writes_us) == len(plan.writes))
        self._contents.append(plan.contents)
        self._tokens.append(plan.tokens)
        self._lengths.append(len(writes_us))
        self._writes_us.extend(writes_us)

    def rows(self, since_s: float = 0.0, until_s: float = float("inf")) -> Iterator[Row]:
        """Yield the answers to requests that arrived in this part of time, in the order of their ends."""
        start = 0
        for index, arrived_ns in enumerate(self._arrivals_ns):
            end = start + self._lengths[index]
            arrived_s = arrived_ns / _SECOND_NS
            if since_s <= arrived_s < until_s:
                yield Row(
                    arrived_s=arrived_s,
                    kind=_KINDS[self._kinds[index]],
                    is_whole=bool(self._whole[index]),
                    contents=self._contents[index],
                    tokens=self._tokens[index],
                    writes_us=tuple(self._writes_us[start:end]),
                )
            start = end
