"""Metrics: how many requests, how many errors, how long they took, per account."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.answers import Answer

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

FIRST_ERROR_STATUS = 400
_LATENCIES_KEPT = 10_000
_QUANTILES = (0.5, 0.9, 0.95, 0.99)


@dataclass(slots=True, kw_only=True)
class AccountMetrics:
    """Counters of one account."""

    by_route: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    latency_sum_s: float = 0.0
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=_LATENCIES_KEPT))

    @property
    def total(self) -> int:
        """How many requests there were."""
        return sum(self.by_route.values())

    @property
    def errors(self) -> int:
        """How many of them were answered with 4xx or 5xx."""
        return sum(count for (_, _, status), count in self.by_route.items() if status >= FIRST_ERROR_STATUS)

    def quantiles_s(self) -> dict[float, float]:
        """Return the latency quantiles of the latest requests."""
        ordered = sorted(self.latencies_s) or [0.0]
        return {q: ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in _QUANTILES}


class MetricsBook:
    """The metrics of all accounts."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountMetrics] = {}

    def of_account(self, account: str) -> AccountMetrics:
        """Return the account's metrics."""
        return self._accounts.setdefault(account, AccountMetrics())

    def add(self, call: "Call", *, status: int, latency_s: float) -> None:
        """Count one answered call."""
        metrics = self.of_account(call.customer.account)
        metrics.by_route[call.method, call.route or "unknown", status] += 1
        metrics.latency_sum_s += latency_s
        metrics.latencies_s.append(latency_s)


def draw_json(metrics: AccountMetrics) -> Answer:
    """Return the metrics as one JSON object; latencies in milliseconds."""
    total, errors = metrics.total, metrics.errors
    quantiles = {f"p{q * 100:.0f}": round(value * 1000, 3) for q, value in metrics.quantiles_s().items()}
    mean_ms = metrics.latency_sum_s / total * 1000 if total else 0.0
    payload: dict[str, Any] = {
        "requests": {"total": total, "errors": errors, "error_rate": errors / total if total else 0.0},
        "latency_ms": {"count": total, "mean": round(mean_ms, 3), **quantiles},
    }
    return Answer(payload=payload)


def draw_prometheus(metrics: AccountMetrics) -> Answer:
    """Return the metrics in the Prometheus text format 0.0.4."""
    lines = ["# TYPE assisters_requests_total counter"]
    for (method, route, status), count in sorted(metrics.by_route.items()):
        labels = f'method="{method}",route="{route}",status="{status}"'
        lines.append(f"assisters_requests_total{{{labels}}} {count}")
    lines += ["# TYPE assisters_errors_total counter", f"assisters_errors_total {metrics.errors}"]
    lines.append("# TYPE assisters_request_latency_seconds summary")
    for q, value in metrics.quantiles_s().items():
        lines.append(f'assisters_request_latency_seconds{{quantile="{q}"}} {value:.6f}')
    lines.append(f"assisters_request_latency_seconds_sum {metrics.latency_sum_s:.6f}")
    lines.append(f"assisters_request_latency_seconds_count {metrics.total}")
    return Answer(text="\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def draw_accepted(call: "Call", metrics: AccountMetrics) -> Answer:
    """Return the form the Accept header asks for; JSON where it leaves the choice."""
    accept = call.header("accept") or ""
    wants_text = "text/plain" in accept or "openmetrics" in accept
    return draw_prometheus(metrics) if wants_text and "application/json" not in accept else draw_json(metrics)


def is_counted(_call: "Call") -> bool:
    """Tell whether the metrics cover this call: they cover all."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPolicy:
    """The choices the metrics are made of."""

    is_counted: Callable[["Call"], bool] = is_counted
    draw: Callable[["Call", AccountMetrics], Answer] = draw_accepted


async def read_metrics(call: "Call") -> Answer:
    """GET /v1/metrics."""
    metrics = call.services.metrics.of_account(call.customer.account)
    return call.behaviour.metrics.draw(call, metrics)
