"""Figures of a running load in Prometheus text, on a port, from the generator's live events."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_PREFIX = "assisters_verify_load"
_COUNTERS = {
    "sent": "Requests sent",
    "ok": "Requests answered",
    "refused": "Requests refused with 429",
    "failed": "Requests failed",
    "tokens": "Tokens of answers",
    "chunks": "Pieces of streams",
}
_GAUGES = {
    "running": "Requests under way",
    "t_s": "Seconds since the run began",
    "latency_p95_s": "95th percentile of the time to the whole answer, in seconds",
    "ttft_p95_s": "95th percentile of the time to the first token, in seconds",
}


class LiveFigures(Collector):
    """What the last event told."""

    def __init__(self, scenario: str) -> None:
        self._scenario = scenario
        self._last: dict[str, Any] = {}

    def take(self, event: dict[str, Any]) -> None:
        """Take one event of the run."""
        if event["event"] == "second":
            self._last = event

    def collect(self) -> Iterator[Metric]:
        """Yield every figure that there is."""
        for name, words in _COUNTERS.items():
            counter = CounterMetricFamily(f"{_PREFIX}_{name}", f"{words}.", labels=["scenario"])
            counter.add_metric([self._scenario], float(self._last.get(name, 0)))
            yield counter
        for name, words in _GAUGES.items():
            if self._last.get(name) is not None:
                gauge = GaugeMetricFamily(f"{_PREFIX}_{_unit(name)}", f"{words}.", labels=["scenario"])
                gauge.add_metric([self._scenario], float(self._last[name]))
                yield gauge


def serve(figures: LiveFigures, port: int) -> int:
    """Serve them on this port of this machine until the program ends; return the port. Raises OSError."""
    registry = CollectorRegistry()
    registry.register(figures)
    server, _ = start_http_server(port, addr="127.0.0.1", registry=registry)
    return int(server.server_port)


def _unit(name: str) -> str:
    return "seconds" if name == "t_s" else f"{name[:-2]}_seconds" if name.endswith("_s") else name
