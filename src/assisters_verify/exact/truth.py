"""What the log of truth says, as exact figures: no histogram, no interpolation."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from assisters_verify.exact.log import Row
from assisters_verify.exact.options import ExactOptions
from assisters_verify.exact.plans import Kind

_QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def summarise(values_us: Iterable[int]) -> dict[str, float | int | None]:
    """Return count, mean, percentiles by nearest rank, and maximum, in seconds; None where there is nothing."""
    ordered = sorted(values_us)
    if not ordered:
        return {"count": 0, "mean": None, **dict.fromkeys(_QUANTILES), "max": None}
    summary: dict[str, float | int | None] = {"count": len(ordered), "mean": sum(ordered) / len(ordered) / 1e6}
    summary |= {name: _quantile(ordered, share) / 1e6 for name, share in _QUANTILES.items()}
    return summary | {"max": ordered[-1] / 1e6}


def truth(rows: Sequence[Row], options: ExactOptions) -> dict[str, Any]:
    """Return what truly happened: for each kind of request its counts and times, and how late the writes were.

    Times are of answers that were sent whole. `timer_error_s` is how long after its due moment a write began,
    `under_way` how many requests were being answered on average in the second half of the time.
    """
    kinds: dict[str, Any] = {}
    for kind in Kind:
        of_kind = [row for row in rows if row.kind is kind]
        if of_kind:
            kinds[kind.value] = _figures([row for row in of_kind if row.is_whole], is_stream=kind is Kind.STREAMING)
            kinds[kind.value]["under_way"] = _under_way(of_kind)
            kinds[kind.value]["cut"] = sum(not row.is_whole for row in of_kind)
    return {
        "kinds": kinds,
        "requests": len(rows),
        "contents": sum(len(row.writes_us[-row.contents :]) for row in rows if row.kind is Kind.STREAMING),
        "timer_error_s": summarise(error for row in rows for error in _timer_errors(row, options)),
    }


def _figures(rows: Sequence[Row], *, is_stream: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {"requests": len(rows), "latency_s": summarise(row.writes_us[-1] for row in rows)}
    if is_stream:
        figures["first_byte_s"] = summarise(row.writes_us[0] for row in rows)
        figures["ttft_s"] = summarise(row.writes_us[-row.contents] for row in rows)
        figures["gap_s"] = summarise(
            later - earlier for row in rows for earlier, later in pairwise(row.writes_us[-row.contents :])
        )
    return figures


def _under_way(rows: Sequence[Row]) -> float | None:
    spans = [(row.arrived_s, row.arrived_s + row.writes_us[-1] / 1e6) for row in rows if row.writes_us]
    if not spans:
        return None
    # Users begin one after the other, so the first half is left out; all are busy until the last begins a last time.
    until_s = max(arrived for arrived, _ in spans)
    since_s = (min(arrived for arrived, _ in spans) + until_s) / 2
    if until_s <= since_s:
        return None
    busy_s = sum(max(0.0, min(end, until_s) - max(arrived, since_s)) for arrived, end in spans)
    return busy_s / (until_s - since_s)


def _timer_errors(row: Row, options: ExactOptions) -> Iterable[int]:
    if not row.is_whole or row.kind is Kind.REFUSED:
        return
    is_stream = row.kind is Kind.STREAMING
    first_us = (options.first_token_s if is_stream else options.latency_s) * 1e6
    for index, write_us in enumerate(row.writes_us[-row.contents :]):
        yield round(write_us - first_us - index * options.gap_s * 1e6)


def _quantile(ordered: Sequence[int], share: float) -> int:
    # Nearest rank: the smallest value that at least this share of all values does not exceed.
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
