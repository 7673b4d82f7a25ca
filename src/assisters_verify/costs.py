"""What a conformance run sends, makes and spends, by area: measured on the embedded server, kept, and told ahead."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assisters_verify.settings import RunSettings

FILE = "costs.json"
# The run keeps to nine tenths of the rate limit.
_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one area costs. `burst` are requests in bursts past the rate limit, among `requests`; `tokens` are those
    that the embedded server told, `most_tokens` all that the requests allowed; `duration_s` is for the area alone."""

    requests: int = 0
    burst: int = 0
    tokens: int = 0
    most_tokens: int = 0
    keys: int = 0
    webhooks: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    duration_s: float = 0.0


def read_costs(folder: Path) -> dict[str, Cost]:
    """Return what each area costs, from the file that `benchmarks/costs.py` writes into the folder `spec`."""
    areas = json.loads((folder / FILE).read_bytes())["areas"]
    return {area: Cost(**values) for area, values in areas.items()}


def without_burst(cost: Cost) -> Cost:
    """Return the cost where bursts are left out, as against a target elsewhere that nobody allowed them for."""
    values = {name: getattr(cost, name) for name in Cost.__slots__}
    return Cost(**{**values, "requests": cost.requests - cost.burst, "burst": 0})


def total(costs: Iterable[Cost], settings: RunSettings) -> Cost:
    """Return the cost of several areas, which are checked side by side: the longest one's time, or what the rate limit
    makes of so many requests."""
    parts = list(costs)
    sums = {name: sum(getattr(part, name) for part in parts) for name in Cost.__slots__}
    limit = settings.target.rate_limit
    paced = sums["requests"] - sums["burst"]
    windows = max(0, math.ceil(paced / max(1.0, limit.requests * _SHARE)) - 1)
    longest_s = max((part.duration_s for part in parts), default=0.0)
    return Cost(**{**sums, "duration_s": max(longest_s, windows * limit.window_s)})


def plan_lines(
    settings: RunSettings, ids: Mapping[str, Sequence[str]], costs: Mapping[str, Cost], *, may_burst: bool
) -> Iterable[str]:
    """Yield the plan: what will be checked, sent, made and spent by area. `ids` are the clauses by area."""
    target = settings.target.base_url or "the embedded reference server"
    yield f"Would check {sum(map(len, ids.values()))} clauses of {target}, and send nothing now:"
    yield ""
    yield _row("area", "clauses", "requests", "in bursts", "tokens", "at most", "keys", "webhooks", "seconds")
    known = {area: costs[area] if may_burst else without_burst(costs[area]) for area in ids if area in costs}
    for area, cost in known.items():
        yield _figures(area, len(ids[area]), cost)
    whole = total(known.values(), settings)
    yield _figures("together", sum(map(len, ids.values())), whole)
    yield ""
    yield from _assumptions(settings, whole, may_burst=may_burst)
    yield from (f"No figures for {area}: none were measured." for area in ids if area not in costs)
    yield ""
    for area, names in ids.items():
        yield f"  {area:15} {len(names):3}  {', '.join(names)}"
    budget, deadline_s = settings.target.budget, settings.target.deadline_s
    yield f"At most {budget.max_requests} requests and {budget.max_tokens} tokens, within {deadline_s:g} s."


def _assumptions(settings: RunSettings, whole: Cost, *, may_burst: bool) -> Iterable[str]:
    side_by_side = settings.target.concurrency
    yield (
        "Measured in a whole run on the embedded server, which answers at once. What several areas need counts for one "
        "of them, so that an area alone costs a few requests more; single clauses cost less."
    )
    yield (
        "Tokens are words there, other models count a third more; 'at most' takes a token for 4 characters sent, and "
        "each max_tokens, or 1000, for used up."
    )
    yield (
        f"Each second that a target takes to answer adds about {whole.requests / side_by_side:.0f} s with "
        f"{side_by_side} requests side by side. Retries after 429 and 5xx come on top. Keys and webhooks that are "
        "made are taken back."
    )
    if not may_burst:
        yield "Bursts past the rate limit are left out: they need --allow-burst."


def _figures(name: str, clauses: int, cost: Cost) -> str:
    figures = (cost.requests, cost.burst, cost.tokens, cost.most_tokens, cost.keys, cost.webhooks)
    return _row(name, clauses, *(f"{figure:,}" if figure else "" for figure in figures), f"{cost.duration_s:,.0f}")


def _row(name: str, *cells: object) -> str:
    return f"  {name:15}" + "".join(f"{cell!s:>10}" for cell in cells)
