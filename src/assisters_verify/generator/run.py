"""A whole run as one of Locust's processes sees it: alone, as the master of others, or as a worker."""

import gc
import resource
import time
from collections.abc import Sequence

from assisters_verify.generator.drive import kinds_of, phases_of
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.telling import Teller
from assisters_verify.load_orders import LEDGER_FILE, MEASURES_FILE, LoadOrders
from assisters_verify.measures.ledger import Head, LedgerWriter
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings

# Objects that live as long as the process need not be looked at again and again.
_GARBAGE_THRESHOLDS = (50_000, 50, 50)


class Gathering:
    """Puts together what all processes measured, tells how far the run is, and writes the files at its end."""

    def __init__(self, orders: LoadOrders, lanes: Sequence[Lane], *, started_s: float, keeps_ledger: bool) -> None:
        self.measures = Measures()
        self._orders = orders
        self._started_s = started_s
        self._teller = Teller(orders.events)
        self._ledger: LedgerWriter | None = None
        settings = orders.settings
        if keeps_ledger:
            head = Head(
                started_s=started_s,
                measured_us=round(settings.warm_up_s * 1e6),
                keys=len(orders.keys),
                lanes=tuple(lane.name for lane in lanes),
                kinds=kinds_of(lanes),
                phases=phases_of(lanes),
            )
            self._ledger = LedgerWriter(orders.folder / LEDGER_FILE, head)
        self._teller.tell("started", scenario=settings.scenario, started_s=started_s)

    @property
    def is_heard(self) -> bool:
        """Whether the process that started this one still listens."""
        return self._teller.is_heard

    def add(self, measures: Measures, rows: bytes) -> None:
        """Take one part."""
        self.measures.merge(measures)
        if self._ledger is not None and rows:
            self._ledger.write(rows)

    def tell_second(self, running: int) -> None:
        """Tell the totals so far."""
        t_s = time.time() - self._started_s
        self._teller.tell_second(self.measures, t_s=t_s, phase=phase_at(self._orders.settings, t_s), running=running)

    def tell_lost(self, worker: str, reason: str) -> None:
        """Tell that a worker is gone, and what it had measured since its last report with it."""
        self.measures.lost.append(worker)
        self._teller.tell("worker_lost", worker=worker, reason=reason)

    def finish(self, stopped: str) -> None:
        """Write the files, and say so."""
        self.measures.write(self._orders.folder / MEASURES_FILE)
        if self._ledger is not None:
            self._ledger.close()
        self._teller.tell("end", stopped=stopped)


def phase_at(settings: LoadSettings, t_s: float) -> str:
    """Return the part of the run at this time after its start."""
    if t_s < settings.warm_up_s:
        return "warm_up"
    if t_s < settings.warm_up_s + settings.duration_s:
        return "measured"
    return "cool_down" if t_s < settings.whole_s else "drain"


def prepare_process() -> None:
    """Let the process have as many connections as the system gives, and leave old objects alone."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
