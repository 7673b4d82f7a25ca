"""Put finished exchanges into the figures, the ledger and the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assisters_verify.generator.evidence import Keeper
from assisters_verify.generator.exchange import Exchange
from assisters_verify.generator.judging import envelope_of
from assisters_verify.measures.group import Group
from assisters_verify.measures.ledger import NEVER, Problem, Row
from assisters_verify.measures.measures import Measures

_MILLION = 1_000_000


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
        # One that ended as such streams do; without it the end of a stream is where its transport ends.
        self._streams_tell_their_end = False

    def take(self) -> Measures:
        """Return what has come since the last time."""
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
        if not exchange.is_measured:
            return
        times = _times(exchange) if exchange.is_ok else {}
        is_good = bool(times) and self._is_good(times)
        self._count(self.measures.kinds[exchange.request.kind], exchange, times, is_good=is_good)
        if exchange.lane.phases:
            self._count(self.measures.phases[self._phase_names[exchange.phase]], exchange, times, is_good=is_good)
        self._count_second(exchange, times, is_good=is_good)
        self._keeper.offer(exchange, latency_us=times.get("latency_s", 0))

    def _is_good(self, times: Mapping[str, int]) -> bool:
        return all(times.get(name, 0) <= limit for name, limit in self._limits_us.items())

    def _check_end(self, exchange: Exchange) -> None:
        """A stream that just stops is cut where others say that they are at their end."""
        if exchange.problem is not Problem.NONE:
            return
        if exchange.has_ended:
            self._streams_tell_their_end = True
        elif self._streams_tell_their_end:
            exchange.problem = Problem.BROKEN_STREAM
            exchange.problem_text = "the stream stops without the mark at which others end"

    def _count(self, group: Group, exchange: Exchange, times: Mapping[str, int], *, is_good: bool) -> None:
        counters = group.counters
        if exchange.sent_us != NEVER:
            counters["sent"] += 1
        if exchange.attempt > 1:
            counters["retries"] += 1
        counters["bytes_sent"] += len(exchange.data)
        counters["bytes_received"] += exchange.bytes_received
        group.by_status[exchange.problem.word or str(exchange.status)] += 1
        if times:
            counters["ok"] += 1
            counters["good"] += is_good
            counters["tokens"] += exchange.tokens
            for name, time_us in times.items():
                group.histograms[name].record(time_us)
        elif exchange.is_refused:
            counters["refused"] += 1
            group.histograms["refusal_s"].record(exchange.end_us - exchange.sent_us)
        else:
            counters["failed"] += 1
        if exchange.chunks:
            counters["chunks"] += exchange.chunks
            if times:
                group.histograms["gap_s"].record_many(exchange.gaps_us)

    def _count_second(self, exchange: Exchange, times: Mapping[str, int], *, is_good: bool) -> None:
        series, from_us = self.measures.series, self._frame.measured_from_us
        if exchange.sent_us != NEVER:
            series[(exchange.sent_us - from_us) // _MILLION].counts["sent"] += 1
        second = series[(exchange.end_us - from_us) // _MILLION]
        counts = second.counts
        counts["finished"] += 1
        if times:
            counts["ok"] += 1
            counts["good"] += is_good
            counts["tokens"] += exchange.tokens
            second.latency.record(times["latency_s"])
            if "ttft_s" in times:
                second.ttft.record(times["ttft_s"])
        else:
            counts["refused" if exchange.is_refused else "failed"] += 1

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


def _times(exchange: Exchange) -> dict[str, int]:
    """Return the times of a successful exchange in microseconds, by the names of the measures."""
    sent_us, end_us = exchange.sent_us, exchange.end_us
    start_us = exchange.due_us if exchange.is_open else sent_us
    times = {"latency_s": end_us - start_us, "service_s": end_us - sent_us, "queue_s": sent_us - exchange.due_us}
    first_us = exchange.first_content_us
    if first_us != NEVER:
        times["ttft_s"] = first_us - start_us
        times["ttft_sent_s"] = first_us - sent_us
        if exchange.chunks > 1:
            spent_us = exchange.last_content_us - first_us
            times["tpot_s"] = spent_us // (exchange.chunks - 1)
            if spent_us > 0:
                # Millionths of tokens a second, as all histograms hold millionths.
                times["stream_tokens_per_s"] = (exchange.chunks - 1) * _MILLION * _MILLION // spent_us
    return times
