"""Draw the page of results from the runs alone."""

import os
import platform
import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from side_by_side.running import Outcome, median_of
from side_by_side.scenarios import SCENARIOS
from side_by_side.tools import Tool

_OURS = "assisters-verify"
_CLOSED_LOOP = 1.5
_SPEED = ("plain", "plain-tls", "stream", "stream-tls")


def write_page(
    outcomes: list[Outcome],
    versions: Mapping[str, str | None],
    tools: Mapping[str, Tool],
    path: Path,
    *,
    note: str = "",
) -> str:
    """Write and return the page."""
    runs: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        runs.setdefault((outcome.scenario, outcome.tool), []).append(outcome)
    names = [name for name in tools if any(tool == name for _, tool in runs)]
    parts = [_head(outcomes, note), _generators(tools, versions, names)]
    parts += [_speed(scenario, runs, names) for scenario in _SPEED if any(key[0] == scenario for key in runs)]
    parts += [_paced(runs, names), _stall(runs, names)]
    text = "\n\n".join(part for part in parts if part) + "\n"
    path.write_text(text, encoding="utf-8")
    return text


def _head(outcomes: list[Outcome], note: str) -> str:
    others = sorted(outcome.others_share for outcome in outcomes)
    machine = f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    words = (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}. Each generator has one core for itself, the exact server the other. "
        "Requests, chunks and true times are the server's own. Medians over the runs. Other work took "
        f"{others[0]:.0%} to {others[-1]:.0%} of the machine meanwhile (median {others[len(others) // 2]:.0%}): where "
        "that is much, compare CPU times, not rates."
    )
    origin = (
        "Written by `python benchmarks/load_generators.py` from measured figures only; [README.md](README.md) says how."
    )
    return f"# Load generators side by side\n\n{origin}\n\n{textwrap.fill(f'{words} {note}', 119)}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _generators(tools: Mapping[str, Tool], versions: Mapping[str, str | None], names: list[str]) -> str:
    rows = [(name, versions[name] or "", tools[name].remark) for name in names]
    missing = [name for name in tools if versions[name] is None]
    note = f"\n\nNot installed on this machine: {', '.join(missing)}." if missing else ""
    return "## Generators\n\n" + _table(("generator", "version", "remark"), rows) + note


def _speed(scenario: str, runs: Mapping[tuple[str, str], list[Outcome]], names: list[str]) -> str:
    ours = median_of(runs.get((scenario, _OURS), []), "per_s")
    our_cpu = median_of(runs.get((scenario, _OURS), []), "cpu_s_per_1000")
    unit = "chunks" if SCENARIOS[scenario].is_stream else "requests"
    rows = []
    for name in names:
        outcomes = runs.get((scenario, name), [])
        per_s, cpu_s = median_of(outcomes, "per_s"), median_of(outcomes, "cpu_s_per_1000")
        if per_s:
            rows.append((
                name, f"{per_s:,.0f}", _ratio(ours, per_s), _milli(cpu_s, 2), _ratio(cpu_s, our_cpu),
                _memory(outcomes), f"{median_of(outcomes, 'start_s') or 0:.1f} s",
                str(len(outcomes)),
            ))  # fmt: skip
    head = (
        "generator",
        f"{unit}/s",
        "ours is",
        f"CPU ms for 1000 {unit}",
        "ours needs less",
        "memory MB (largest process)",
        "first request after",
        "runs",
    )
    return f"## {SCENARIOS[scenario].title}\n\n" + _table(head, rows)


def _paced(runs: Mapping[tuple[str, str], list[Outcome]], names: list[str]) -> str:
    rows = []
    for name in names:
        outcomes = runs.get(("paced", name), [])
        if not median_of(outcomes, "per_s"):
            continue
        cells = [name, _percent(median_of(outcomes, "delivered"))]
        for measure in ("ttft", "gap"):
            for share in ("p50", "p99"):
                said = median_of(outcomes, f"reported.{measure}_{share}")
                true = median_of(outcomes, f"truth.{measure}_{share}")
                cells.append(f"{_milli(said, 2)} ({_milli(true, 2)})")
        cells += [
            _milli(median_of(outcomes, "cpu_s_per_1000"), 2),
            _memory(outcomes),
            str(len(outcomes)),
        ]
        rows.append(tuple(cells))
    head = (
        "generator",
        "delivered",
        "first token p50, ms (truth)",
        "p99",
        "gap p50, ms (truth)",
        "p99",
        "CPU ms for 1000 chunks",
        "memory MB (largest process)",
        "runs",
    )
    note = "First token after 50 ms, then one each 10 ms, 50 in all; in brackets what the server's log says of it."
    return f"## {SCENARIOS['paced'].title}\n\n{note}\n\n" + _table(head, rows) if rows else ""


def _stall(runs: Mapping[tuple[str, str], list[Outcome]], names: list[str]) -> str:
    rows = []
    for name in names:
        outcomes = runs.get(("stall", name), [])
        if not median_of(outcomes, "per_s"):
            continue
        sent = median_of(outcomes, "delivered") or 0.0
        # Some have a closed loop only, and send whatever the server answers.
        cells = [name, _percent(sent) if sent < _CLOSED_LOOP else "closed loop"]
        for share in ("p50", "p90", "p99"):
            said = median_of(outcomes, f"reported.latency_{share}")
            true = median_of(outcomes, f"truth.latency_{share}")
            cells.append(f"{_milli(said, 0)} ({_milli(true, 0)})")
        rows.append((*cells, str(len(outcomes))))
    head = ("generator", "arrivals sent", "latency p50, ms (server's log)", "p90", "p99", "runs")
    note = "Who arrives evenly waits 1,000 ms at p90 and 1,900 ms at p99. A log that shows less was not asked evenly."
    return f"## {SCENARIOS['stall'].title}\n\n{note}\n\n" + _table(head, rows) if rows else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(head)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _memory(outcomes: list[Outcome]) -> str:
    return f"{median_of(outcomes, 'memory_mb') or 0:.0f} ({median_of(outcomes, 'largest_mb') or 0:.0f})"


def _ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f} x" if value and base else ""


def _milli(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value * 1e3:,.{digits}f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.0f} %"
