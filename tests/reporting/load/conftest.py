"""Made-up load runs: a good one, a target that stalls, one at its rate limit, and a void one with hostile texts."""

import copy
import math
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

Document = dict[str, Any]
MakeDocument = Callable[..., Document]

HOSTILE = (
    "</pre></details><script>alert(1)</script><img src=x onerror=alert(2)> ]]> \x1b[31mred \u202egnp.exe nul \x00 "
    "\n::error::taken over\n##vso[task.setvariable] \r\n# heading\n| a | b |\n=cmd|' /C calc'!A0 end"
)
_STATISTICS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


@pytest.fixture
def document() -> Document:
    """Return a run of 60 s in which everything was held."""
    return make_document()


@pytest.fixture
def make() -> MakeDocument:
    return make_document


def make_document(
    *,
    seed: int = 1,
    seconds: int = 60,
    rate: float = 40.0,
    stalls: bool = False,
    refused: float = 0.0,
    failed: float = 0.0,
    **changes: Any,
) -> Document:
    """Return load.json of a made-up run; `changes` replace whole fields."""
    random = Random(seed)  # noqa: S311 - test data
    columns = ("t_s", "offered", "sent", "ok", "refused", "failed", "tokens", "chunks")
    quantiles = [f"{name}_{each}_s" for name in ("latency", "ttft") for each in ("p50", "p95", "p99")]
    series: dict[str, list[float | None]] = {name: [] for name in (*columns, *quantiles)}
    ttft_sent: list[float] = []
    ttft_due: list[float] = []
    gaps: list[float] = []
    service: list[float] = []
    latency: list[float] = []
    statuses: Counter[str] = Counter()
    for second in range(seconds):
        stall_s = max(0.0, 2.0 - second % 10) if stalls else 0.0
        first: list[float] = []
        whole: list[float] = []
        here: Counter[str] = Counter()
        for _ in range(round(random.gauss(rate, rate**0.5 / 2))):
            fate = random.random()
            here["failed" if fate < failed else "refused" if fate < failed + refused else "ok"] += 1
            sent = 0.21 * math.exp(random.gauss(0, 0.35)) + stall_s * random.random()
            due = sent + stall_s * 0.3
            stream = [0.011 * math.exp(random.gauss(0, 0.25)) for _ in range(60)]
            gaps += stream[:20]
            ttft_sent.append(sent)
            ttft_due.append(due)
            service.append(sent + sum(stream))
            latency.append(due + sum(stream))
            first.append(due)
            whole.append(due + sum(stream))
        statuses["200"] += here["ok"]
        statuses["429"] += here["refused"]
        statuses["reset"] += here["failed"]
        row: dict[str, float | None] = {
            "t_s": float(second),
            "offered": rate,
            "sent": float(sum(here.values())),
            **{name: float(here[name]) for name in ("ok", "refused", "failed")},
            "tokens": here["ok"] * 61.0,
            "chunks": here["ok"] * 62.0,
        }
        for name, ended in {"latency": whole, "ttft": first}.items():
            summary = _summary(ended)
            row |= {f"{name}_{each}_s": summary[each] for each in ("p50", "p95", "p99")}
        for name, cell in row.items():
            series[name].append(cell)
    values: dict[str, list[float]] = {
        "ttft_s": ttft_due,
        "ttft_sent_s": ttft_sent,
        "gap_s": gaps,
        "tpot_s": [0.011 * math.exp(random.gauss(0, 0.03)) for _ in latency],
        "latency_s": latency,
        "service_s": service,
        "queue_s": [max(0.0, a - b) for a, b in zip(latency, service, strict=True)],
    }
    total, ok = sum(statuses.values()), statuses["200"]
    document: Document = {
        "format": "assisters-verify/load",
        "version": 1,
        "suite": {"name": "assisters-verify", "version": "0.1.0"},
        "target": {"base_url": "https://api.example.com"},
        "rate_limit": {"requests": 1000, "window_s": 60.0},
        "scenario": "streaming",
        "options": {
            "profile": "release",
            "rate_per_s": rate,
            "arrival": "poisson",
            "duration_s": float(seconds),
            "warm_up_s": 10.0,
            "keys": 1,
            "seed": 0,
        },
        "started_at": "2026-11-22T20:00:00.000+00:00",
        "duration_s": float(seconds),
        "interrupted": None,
        "failure": None,
        "leftovers": [],
        "verdict": "pass",
        "reasons": [],
        "measures": {name: _summary(each) for name, each in values.items()},
        "requests": {
            "sent": total,
            "finished": total,
            "ok": ok,
            "refused": statuses["429"],
            "failed": statuses["reset"],
            "retries": 0,
            "good": round(ok * 0.987),
            "by_status": {name: count for name, count in statuses.items() if count},
            "bytes_sent": total * 900,
            "bytes_received": total * 14_000,
        },
        "chunks": ok * 62,
        "tokens": ok * 61,
        "rate": {
            "offered_per_s": rate,
            "achieved_per_s": total / seconds,
            "ok_per_s": ok / seconds,
            "tokens_per_s": ok * 61 / seconds,
            "delivered_share": 1.0,
        },
        "shares": {
            "error_rate": 1 - ok / total,
            "failure_rate": statuses["reset"] / total,
            "refused_rate": statuses["429"] / total,
            "goodput": 0.987,
        },
        "good": {"ttft_s": 2.0},
        "kinds": {},
        "generator": {
            "cpu_s": 11.4,
            "lag_p99_s": 0.00021,
            "lateness_p99_s": 0.00034,
            "peak_memory_mb": 61.0,
            "saturated": False,
            "processes": 1,
            "clock": "kernel receive times",
            "cpu_share": 0.19,
            "sentence": "The generator was never the limit: it sent 100 % of what was due and used 19 % of a core.",
            "advice": "",
            "rules": [
                _rule("read late, p99", "lag_p99_s", 0.00021, 0.0042, "at most"),
                _rule("sent late, p99", "lateness_p99_s", 0.00034, 0.0042, "at most"),
                _rule("delivered", "delivered_share", 1.0, 0.99, "at least"),
                _rule("of a core used", "cpu_share", 0.19, 0.9, "at most"),
            ],
        },
        "thresholds": [
            _threshold("ttft_s.p95", 0.8, 0.371),
            _threshold("streaming.gap_s.p99", 0.1, 0.0195),
            _threshold("error_rate", 0.01, 1 - ok / total),
            _threshold("goodput", 0.95, 0.987, direction="at least"),
        ],
        "thresholds_left_out": [],
        "clauses": [],
        "lanes": [],
        "steps": [],
        "highest_rate_per_s": None,
        "series": series,
        "distributions": {name: _distribution(each) for name, each in values.items()},
        "slowest": [_slow(n) for n in range(3)],
    }
    document["kinds"] = {
        "streaming": {name: document[name] for name in ("measures", "requests", "shares", "rate", "chunks", "tokens")}
    }
    return copy.deepcopy({**document, **changes})


def limited() -> Document:
    """Return a run at the rate limit, with clauses of every kind and hostile texts."""
    verdicts = ("pass", "fail", "inconclusive")
    clauses: list[dict[str, Any]] = [
        {
            "id": f"LOAD-{n:02}",
            "area": "load",
            "level": "must",
            "basis": "implied",
            "section": "Rate Limits",
            "title": f"The limit is kept: promise `{n}`.",
            "verdict": verdict,
            "reason": HOSTILE if verdict != "pass" else "",
            "expected": "97 %" if verdict == "fail" else "",
            "received": HOSTILE if verdict == "fail" else "",
            "evidence": [],
            "figures": {"accepted_per_s": 16.1, "share_of_limit": 0.966},
            "checks": [_check(f"LOAD-{n:02}", verdict)],
        }
        for n, verdict in enumerate(verdicts)
    ]
    lanes = [
        {
            "name": f"{times}x",
            "key": n,
            "offered_per_s": times * 1000 / 60,
            "accepted_per_s": min(times, 1) * 1000 / 60,
            "refused_share": max(0.0, 1 - 1 / times),
        }
        for n, times in enumerate((0.5, 0.9, 1.1, 2, 5))
    ]
    return make_document(
        refused=0.45, failed=0.02, rate=60, scenario="throttling", verdict="fail", clauses=clauses, lanes=lanes
    )


@pytest.fixture
def limited_document() -> Document:
    return limited()


@pytest.fixture
def ramp_document() -> Document:
    """Return a search for the highest rate, of which the last of three was too much."""
    document = make_document(seconds=15, scenario="ramp")
    figures = {name: document[name] for name in ("measures", "requests", "shares", "rate", "chunks", "tokens")}
    steps = [
        {
            "rate_per_s": rate,
            "verdict": "pass" if rate < 40 else "fail",
            "thresholds": [_threshold("error_rate", 0.01, 0.0 if rate < 40 else 0.5)],
            "figures": figures,
        }
        for rate in (10.0, 20.0, 40.0)
    ]
    return {**document, "steps": steps, "highest_rate_per_s": 20.0, "thresholds": steps[1]["thresholds"]}


@pytest.fixture
def hostile() -> str:
    return HOSTILE


def _check(clause: str, verdict: str) -> dict[str, Any]:
    return {
        "check": "load",
        "clause": clause,
        "verdict": verdict,
        "reason": "" if verdict == "pass" else "said",
        "expected": "",
        "received": "",
        "evidence": [],
        "duration_s": 0.0,
    }


def _rule(name: str, unit: str, value: float, limit: float, direction: str) -> dict[str, Any]:
    is_held = value <= limit if direction == "at most" else value >= limit
    return {
        "name": name,
        "unit": unit,
        "value": value,
        "limit": limit,
        "direction": direction,
        "verdict": "pass" if is_held else "fail",
        "why": "Beyond it the figures would be the generator's own.",
    }


def _threshold(measure: str, limit: float, value: float, *, direction: str = "at most") -> dict[str, Any]:
    is_held = value <= limit if direction == "at most" else value >= limit
    return {
        "measure": measure,
        "limit": limit,
        "value": value,
        "verdict": "pass" if is_held else "fail",
        "direction": direction,
        "reason": "",
    }


def _summary(values: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "mean": None, **dict.fromkeys(_STATISTICS), "max": None}
    found = {name: ordered[min(int(q * len(ordered)), len(ordered) - 1)] for name, q in _STATISTICS.items()}
    return {"count": len(ordered), "mean": sum(ordered) / len(ordered), **found, "max": ordered[-1]}


def _distribution(values: Sequence[float]) -> dict[str, list[int]]:
    counts: Counter[int] = Counter()
    for value in values:
        us = int(value * 1e6)
        shift = max(0, us.bit_length() - 8)
        counts[us >> shift << shift] += 1
    return {"us": sorted(counts), "count": [counts[us] for us in sorted(counts)]}


def _slow(number: int) -> dict[str, Any]:
    frames = [
        {"t_s": 0.4 + 0.03 * n, "text": f'data: {{"choices":[{{"delta":{{"content":"w{n} "}}}}]}}'} for n in range(30)
    ]
    return {
        "id": f"x{number + 1}",
        "check": "streaming",
        "clause": "",
        "started_at": "2026-11-22T20:00:12.000+00:00",
        "request": {
            "method": "POST",
            "url": "https://api.example.com/v1/chat/completions",
            "headers": [["Authorization", "Bearer {{api_key}}"], ["Content-Type", "application/json"]],
            "body": {
                "text": '{"model": "m", "stream": true}',
                "encoding": "utf-8",
                "size": 30,
                "is_cut": False,
                "sha256": None,
            },
        },
        "response": {
            "status": 200,
            "reason": "OK",
            "http_version": "HTTP/1.1",
            "headers": [["content-type", "text/event-stream"]],
            "body": {"text": "", "encoding": "utf-8", "size": 2_000, "is_cut": False, "sha256": None},
            "frames": frames,
        },
        "first_byte_s": 0.39,
        "total_s": 1.4 + number,
        "error": None,
        "attempt": 1,
    }
