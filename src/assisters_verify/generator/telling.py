"""Tell the process that started this one what happens, a JSON line each."""

from typing import Any

from assisters_verify.events import EventWriter
from assisters_verify.measures.measures import Measures

_SHARES = (0.5, 0.95, 0.99)


class Teller:
    """`started`, `second` once a second with totals of the measured part, `worker_lost`, `end`."""

    def __init__(self, descriptor: int | None) -> None:
        self._writer = EventWriter(descriptor) if descriptor is not None else None

    @property
    def is_heard(self) -> bool:
        """Whether somebody still listens."""
        return self._writer is None or self._writer.is_heard

    def tell(self, kind: str, **values: Any) -> None:
        """Tell one event, if there is anybody to tell it to."""
        if self._writer is not None:
            self._writer.write(kind, **values)

    def tell_second(self, measures: Measures, *, t_s: float, phase: str, running: int) -> None:
        """Tell the totals so far; `t_s` counts from the start, warm-up included."""
        counters = measures.counters
        histograms = {name: measures.histogram(name) for name in ("latency_s", "ttft_s", "gap_s")}
        quantiles = {
            f"{name.removesuffix('_s')}_p{round(share * 100)}_s": value
            for name, histogram in {**histograms, **measures.own_histograms()}.items()
            for share, value in zip(_SHARES, histogram.quantiles_s(_SHARES), strict=True)
        }
        by_status = dict(measures.by_status)
        self.tell(
            "second", t_s=round(t_s, 3), phase=phase, running=running, **counters, by_status=by_status, **quantiles
        )
