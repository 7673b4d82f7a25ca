"""One process's part of a run: all of its lanes, from the first request to the last answer."""

from collections.abc import Sequence
from typing import Any

import gevent
from gevent.event import Event

from assisters_verify.generator.agenda import Agenda
from assisters_verify.generator.caps import Caps
from assisters_verify.generator.clock import now_us
from assisters_verify.generator.evidence import Keeper
from assisters_verify.generator.exchange import Exchange
from assisters_verify.generator.judging import judge
from assisters_verify.generator.lane_runs import LaneRun
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.meter import Frame, Meter
from assisters_verify.generator.pool import Pool
from assisters_verify.generator.requests import Request
from assisters_verify.generator.watch import Watch
from assisters_verify.generator.wording import Writer
from assisters_verify.measures.health import Health
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.thresholds import KINDS

_MILLION = 1_000_000
# How often deadlines are looked at, and the loop's own clock.
_TICK_S = 0.1
_LATE_TICK_US = 20_000


def phases_of(lanes: Sequence[Lane]) -> tuple[str, ...]:
    """Return the names of all phases, the first of which is that of lanes without any."""
    return tuple(dict.fromkeys(["", *(phase.name for lane in lanes for phase in lane.phases)]))


def kinds_of(lanes: Sequence[Lane]) -> tuple[str, ...]:
    """Return the kinds of requests that there can be."""
    return tuple(dict.fromkeys([*KINDS, *(lane.kind for lane in lanes)]))


class Drive:
    """Process `index` of `processes`. `run` returns when everything is over; `stop` makes that sooner."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        settings: LoadSettings,
        keys: tuple[str, ...],
        *,
        started_us: int,
        index: int = 0,
        processes: int = 1,
        keeps_ledger: bool = False,
    ) -> None:
        self.agenda = Agenda()
        # What is to be done besides sending; what is left of the run is told by the other agenda.
        self._chores = Agenda()
        self.caps = Caps.share(settings, processes=processes, index=index)
        self.reason = ""
        self._settings = settings
        self._started_us = started_us
        measured_us = started_us + round(settings.warm_up_s * _MILLION)
        self._frame = Frame(
            started_us=started_us,
            measured_from_us=measured_us,
            measured_until_us=measured_us + round(settings.duration_s * _MILLION),
            limits=settings.request_limits,
            process=index,
            kinds=kinds_of(lanes),
        )
        self._until_us = started_us + round(min(settings.whole_s, settings.limit_s) * _MILLION)
        self._timeout_us = round(settings.target.timeout_s * _MILLION)
        self._name = str(index)
        self._writer = Writer(settings.base_url, keys)
        self._pool = Pool(settings.base_url, ca_file=settings.target.ca_file)
        self._keeper = Keeper(seed=settings.seed + index, keys=keys, process=self._name, started_us=started_us)
        phases = phases_of(lanes)
        self._meter = Meter(self._frame, keeper=self._keeper, keeps_ledger=keeps_ledger, phase_names=phases)
        self._runs = [
            LaneRun(lane, number, self, index=index, processes=processes, seed=settings.seed, phases=phases)
            for number, lane in enumerate(lanes)
        ]
        self._watch = Watch()
        self._health = Health()
        self._drain_until_us = 0
        self._is_over = Event()
        self._ticked_us = now_us()

    def run(self) -> None:
        """Send until the end, wait for what is under way, and close everything."""
        for run in self._runs:
            run.start(self._started_us, self._until_us)
        self._chores.add(self._until_us, lambda _: self.stop(""))
        self._plan_look(self._frame.measured_from_us)
        ticker = gevent.get_hub().loop.timer(_TICK_S, _TICK_S)
        ticker.start(self._tick)
        try:
            self._is_over.wait()
        finally:
            ticker.close()
            self._pool.close()
            self.agenda.close()
            self._chores.close()

    def stop(self, reason: str) -> None:
        """Send nothing more; what is under way has until the drain's end. The first reason counts."""
        if self._drain_until_us:
            return
        self.reason = reason
        self.agenda.clear()
        self._drain_until_us = now_us() + round(self._settings.drain_s * _MILLION)
        self._look(now_us())

    def take(self) -> tuple[Measures, bytes]:
        """Return what was measured since the last time, and the ledger's rows of that time."""
        measures = self._meter.take()
        measures.health[self._name], self._health = self._health, Health()
        rows, self._meter.rows = bytes(self._meter.rows), bytearray()
        return measures, rows

    def take_last(self) -> tuple[Measures, bytes]:
        """Return what `take` does, and the evidence."""
        measures, rows = self.take()
        measures.slowest, measures.samples = self._keeper.slowest(), self._keeper.samples()
        return measures, rows

    @property
    def under_way(self) -> int:
        """How many requests have no end yet."""
        return self._pool.under_way

    def now_us(self) -> int:
        """Return the time."""
        return now_us()

    def write(self, request: Request, key: int) -> bytes:
        """Return the request's bytes."""
        return self._writer.write(request, key)

    def send(self, exchange: Exchange) -> None:
        """Send it now, or when the rate's cap lets it, or never once another cap is reached or the run is stopped."""
        if self._drain_until_us:
            return
        exchange.is_measured = self._meter.offer(exchange.due_us)
        if exchange.is_measured:
            self._health.figures["asked"] += 1
        self._send_capped(exchange)

    def end(self, exchange: Exchange) -> Any:
        """Count an exchange that is over, and return its body parsed, or None."""
        value = judge(exchange)
        self._meter.end(exchange)
        exchange.body = b""  # its beginning stays in the frames, where it is kept as evidence
        self.caps.settle(exchange.request.tokens, exchange.tokens)
        return value

    def _send_capped(self, exchange: Exchange) -> None:
        at_us = now_us()
        wait_us = self.caps.wait_us(at_us)
        if wait_us:
            self.agenda.add(at_us + wait_us, lambda _: self._send_capped(exchange))
            return
        if not self.caps.admit(exchange.request.tokens):
            self._health.figures["capped"] += exchange.is_measured
            self.stop(self.caps.reached)
            return
        if exchange.is_measured:
            self._health.figures["delivered"] += 1
            if exchange.is_open and not exchange.is_together:
                self._health.lateness.record(at_us - exchange.due_us)
        exchange.started_us = at_us
        self._pool.send(exchange)

    def _tick(self) -> None:
        at_us = now_us()
        if at_us - self._ticked_us > _TICK_S * _MILLION + _LATE_TICK_US and self._is_measuring(at_us):
            self._health.figures["stalls"] += 1
        self._ticked_us = at_us
        self._take_lags(at_us)
        self._pool.clock.refresh(at_us)
        self._pool.end_late(lambda exchange: exchange.started_us + self._timeout_us)
        if self._drain_until_us:
            if self._pool.under_way == 0 or at_us >= self._drain_until_us:
                self._finish()
        elif self.agenda.is_empty and self._pool.under_way == 0:
            self._finish()

    def _finish(self) -> None:
        self._pool.close()
        self._look(now_us())
        self._is_over.set()

    def _plan_look(self, at_us: int) -> None:
        self._chores.add(at_us, self._look_again)

    def _look_again(self, due_us: int) -> None:
        self._look(due_us)
        if due_us < self._frame.measured_until_us:
            self._plan_look(due_us + _MILLION)

    def _is_measuring(self, at_us: int) -> bool:
        return self._frame.measured_from_us < at_us <= self._frame.measured_until_us + _LATE_TICK_US

    def _take_lags(self, at_us: int) -> None:
        lags_us, self._pool.lags_us = self._pool.lags_us, []
        if self._is_measuring(at_us):
            self._health.lag.record_many(lags_us)

    def _look(self, at_us: int) -> None:
        """Take stock of the second that ends now."""
        pool, figures = self._pool, self._health.figures
        chunks, pool.chunks = pool.chunks, 0
        self._take_lags(at_us)
        if not self._is_measuring(at_us):
            self._watch.skip()
            return
        self._meter.measures.series[self._frame.second(at_us - 1)].counts["chunks"] += chunks
        figures["connections"] += pool.opened
        figures["stale_connections"] += pool.replaced
        pool.opened = pool.replaced = 0
        figures["peak_streams"] = max(figures["peak_streams"], pool.under_way)
        self._watch.look(self._health)
