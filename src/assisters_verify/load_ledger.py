"""What each key was offered in a run, and how much of it was refused, from the ledger."""

from typing import Any

from assisters_verify.measures.ledger import Ledger

_REFUSED = 429
_US_PER_S = 1_000_000
# A key with fewer requests, or within less time, says nothing about a rate.
_FEWEST = 10
_SHORTEST_S = 0.5


def key_figures(ledger: Ledger) -> tuple[dict[str, Any], ...]:
    """Return for each key what was offered and accepted a second while it was used, and the share that was refused."""
    spans: dict[int, tuple[int, int]] = {}
    counts: dict[int, int] = {}
    refused: dict[int, int] = {}
    for row in ledger:
        if row.sent_us < 0:
            continue
        first, last = spans.get(row.key, (row.sent_us, row.sent_us))
        spans[row.key] = (min(first, row.sent_us), max(last, row.sent_us))
        counts[row.key] = counts.get(row.key, 0) + 1
        refused[row.key] = refused.get(row.key, 0) + (row.status == _REFUSED)
    found = []
    for key, (first, last) in sorted(spans.items()):
        span_s = (last - first) / _US_PER_S
        if counts[key] >= _FEWEST and span_s >= _SHORTEST_S:
            found.append(_figures(key, counts[key], refused[key], span_s))
    return tuple(found)


def _figures(key: int, count: int, refused: int, span_s: float) -> dict[str, Any]:
    return {
        "name": f"key {key}",
        "key": key,
        "offered_per_s": count / span_s,
        "accepted_per_s": (count - refused) / span_s,
        "refused_share": refused / count,
    }
