"""Put finished exchanges into the figures, the ledger and the evidence."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assisters_verify.generator.counting import count, count_seconds, find_missed, latency_us
from assisters_verify.generator.evidence import Keeper
from assisters_verify.generator.exchange import Exchange
from assisters_verify.generator.judging import envelope_of
from assisters_verify.measures.ledger import NEVER, Problem, Row
from assisters_verify.measures.measures import Measures

_MILLION = 1_000_000
# Exchanges that have ended and are not counted yet.
_MOST_WAITING = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the figures are counted from. Times are of `now_us`; `limits` are those of a good request in seconds."""

    started_us: int
    measured_from_us: int
    measured_until_us: int
    limits: Mapping[str, float] = field(default_factory=dict)
    process: int = 0
    kinds: Sequence[str] = ()

    def second(self, at_us: int) -> int:
        """Return the number of the second of the measured part."""
        return (at_us - self.measured_from_us) // _MILLION

    def is_measured(self, due_us: int) -> bool:
        """Tell whether a request that is due then counts."""
        return self.measured_from_us <= due_us < self.measured_until_us


class Meter:
    """Takes exchanges as they end. `measures` is what has come since somebody took it last."""

    def __init__(self, frame: Frame, *, keeper: Keeper, keeps_ledger: bool, phase_names: Sequence[str]) -> None:
        self.measures = Measures()
        self.rows = bytearray()
        self._frame = frame
        self._keeper = keeper
        self._keeps_ledger = keeps_ledger
        self._phase_names = phase_names
        self._limits_us = {name: round(limit * _MILLION) for name, limit in frame.limits.items()}
        self._ended: list[Exchange] = []
        # One that ended as such streams do; without it the end of a stream is where its transport ends.
        self._streams_tell_their_end = False

    def take(self) -> Measures:
        """Return what has come since the last time."""
        self._count_ended()
        taken, self.measures = self.measures, Measures()
        return taken

    def offer(self, due_us: int) -> bool:
        """Count a request that is due, and tell whether it is in the measured part."""
        frame = self._frame
        if not frame.measured_from_us <= due_us < frame.measured_until_us:
            return False
        self.measures.series[(due_us - frame.measured_from_us) // _MILLION].counts["offered"] += 1
        return True

    def end(self, exchange: Exchange) -> None:
        """Count an exchange that is over."""
        if exchange.is_stream:
            self._check_end(exchange)
        if self._keeps_ledger:
            self.rows += self._row(exchange).pack()
        if exchange.is_measured:
            self._ended.append(exchange)
            if len(self._ended) >= _MOST_WAITING:
                self._count_ended()

    def _count_ended(self) -> None:
        """Count what has ended since the last time: many at once cost a third of what each alone would."""
        ended, self._ended = self._ended, []
        by_kind: defaultdict[str, list[Exchange]] = defaultdict(list)
        by_phase: defaultdict[int, list[Exchange]] = defaultdict(list)
        for exchange in ended:
            by_kind[exchange.request.kind].append(exchange)
            if exchange.lane.phases:
                by_phase[exchange.phase].append(exchange)
        missed = find_missed(ended, self._limits_us)
        for kind, some in by_kind.items():
            count(self.measures.kinds[kind], some, missed=missed)
        for phase, some in by_phase.items():
            count(self.measures.phases[self._phase_names[phase]], some, missed=missed)
        count_seconds(self.measures.series, ended, from_us=self._frame.measured_from_us, missed=missed)
        for exchange in ended:
            self._keeper.offer(exchange, latency_us=latency_us(exchange) if exchange.is_ok else 0)

    def _check_end(self, exchange: Exchange) -> None:
        """A stream that just stops is cut where others say that they are at their end."""
        if exchange.problem is not Problem.NONE:
            return
        if exchange.has_ended:
            self._streams_tell_their_end = True
        elif self._streams_tell_their_end:
            exchange.problem = Problem.BROKEN_STREAM
            exchange.problem_text = "the stream stops without the mark at which others end"

    def _row(self, exchange: Exchange) -> Row:
        start_us = self._frame.started_us

        def since(at_us: int) -> int:
            return at_us - start_us if at_us != NEVER else NEVER

        return Row(
            due_us=since(exchange.due_us),
            sent_us=since(exchange.sent_us),
            first_byte_us=since(exchange.first_byte_us),
            first_content_us=since(exchange.first_content_us),
            end_us=since(exchange.end_us),
            process=self._frame.process,
            lane=exchange.lane_number,
            key=exchange.lane.key,
            kind=self._frame.kinds.index(exchange.request.kind),
            attempt=min(exchange.attempt, 255),
            status=exchange.status,
            problem=exchange.problem,
            envelope=envelope_of(exchange),
            retry_after_ms=exchange.retry_after_ms,
            chunks=exchange.chunks,
            phase=exchange.phase,
        )
