"""Find out what a conformance run sends, makes and spends, area by area, and write it to spec/costs.json for `--plan`.

Usage: python benchmarks/costs.py [WHOLE CLIENTS]

WHOLE and CLIENTS are report directories of runs against the embedded server: of all areas, and of `sdk`. Without them
the server is checked first, which takes three minutes. What several areas find out together counts for the one that
asked first.
"""

import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from assisters_verify.content import content_root

COSTS = content_root() / "spec" / "costs.json"
# About as many characters as one token has in English text; the assumption is told with the plan.
CHARACTERS_A_TOKEN = 4
# What a completion may take where its request does not bound it.
TOKENS_WITHOUT_BOUND = 1000
# Requests of bursts past the limit are counted, but not kept as evidence; this area sends them.
BURSTING = "rate_limits"
# What other people's clients send is counted too, and not kept either.
CLIENTS = "sdk"


def main() -> None:
    """Write the file."""
    if len(sys.argv) > 1:
        COSTS.write_text(as_text(*map(Path, sys.argv[1:])))
        return
    with tempfile.TemporaryDirectory() as folder:
        whole, clients = Path(folder) / "whole", Path(folder) / "clients"
        for options in (["--report-dir", str(whole)], ["--report-dir", str(clients), "--area", CLIENTS]):
            subprocess.run([sys.executable, "-m", "assisters_verify", "conformance", "--quiet", *options], check=True)
        COSTS.write_text(as_text(whole, clients))


def as_text(whole: Path, clients: Path) -> str:
    """Return the file's text for the run behind these reports, and one of the clients alone."""
    results, areas = _read(whole, "results.json"), costs_of(whole)
    if CLIENTS in areas:
        apart = _read(clients, "results.json")["requests"] - len(_sent(clients))
        areas[CLIENTS]["requests"] += apart
        for name in ("requests", "burst"):
            areas[BURSTING][name] -= apart
    return json.dumps({"suite": results["suite"]["version"], "areas": areas}, indent=1) + "\n"


def _read(report_dir: Path, name: str) -> Any:
    return json.loads((report_dir / name).read_bytes())


def _sent(report_dir: Path) -> list[dict[str, Any]]:
    """Return what was sent to the target, and not what it sent to a receiver."""
    base_url = _read(report_dir, "results.json")["target"]["base_url"]
    entries = _read(report_dir, "evidence.har")["log"]["entries"]
    return [entry for entry in entries if entry["request"]["url"].startswith(base_url)]


def costs_of(report_dir: Path) -> dict[str, dict[str, int | float]]:
    """Return what each area of the run behind these reports cost.

    `tokens` are those that the embedded server told; `most_tokens` what the requests allowed: their texts, and
    `max_tokens` whole.
    """
    results, sent = _read(report_dir, "results.json"), _sent(report_dir)
    area_of = {clause["id"]: clause["area"] for clause in results["clauses"]}
    areas = {area: [entry for entry in sent if area_of.get(entry["_clause"]) == area] for area in results["areas"]}
    costs = {area: _cost(part) for area, part in areas.items()}
    unkept = results["requests"] - len(sent)
    if unkept > 0 and BURSTING in costs:
        costs[BURSTING]["burst"] += unkept
        costs[BURSTING]["requests"] += unkept
    return costs


def _cost(entries: list[dict[str, Any]]) -> dict[str, int | float]:
    began = [datetime.fromisoformat(entry["startedDateTime"]).timestamp() for entry in entries]
    ended = [at + entry["time"] / 1000 for at, entry in zip(began, entries, strict=True)]
    return {
        "requests": len(entries),
        "burst": 0,
        "tokens": sum(_tokens_told(entry) for entry in entries),
        "most_tokens": sum(_most_tokens(entry) for entry in entries),
        "keys": sum(_has_made(entry, "/v1/keys") for entry in entries),
        "webhooks": sum(_has_made(entry, "/v1/webhooks") for entry in entries),
        "bytes_sent": sum(entry["request"]["bodySize"] for entry in entries),
        "bytes_received": sum(entry["response"]["content"]["size"] for entry in entries),
        "duration_s": round(max(ended, default=0.0) - min(began, default=0.0), 1),
    }


def _is_success(entry: dict[str, Any]) -> bool:
    return 200 <= int(entry["response"]["status"]) < 300


def _has_made(entry: dict[str, Any], path: str) -> bool:
    request = entry["request"]
    return request["method"] == "POST" and request["url"].endswith(path) and _is_success(entry)


def _tokens_told(entry: dict[str, Any]) -> int:
    """Return the tokens in the last `usage` of an answer."""
    _, _, usage = entry["response"]["content"].get("text", "").rpartition('"usage"')
    for name in ('"total_tokens":', '"tokens":'):
        _, found, rest = usage.replace(" ", "").partition(name)
        digits = rest.split("}")[0].split(",")[0]
        if found and digits.isdigit():
            return int(digits)
    return 0


def _most_tokens(entry: dict[str, Any]) -> int:
    """Return how many tokens a request may cost; one that was refused costs none."""
    url, body = entry["request"]["url"], entry["request"].get("postData", {}).get("text", "")
    if not _is_success(entry) or not url.endswith(("/completions", "/embeddings")):
        return 0
    return len(body) // CHARACTERS_A_TOKEN + (_bound(body) if url.endswith("/completions") else 0)


def _bound(body: str) -> int:
    try:
        order = json.loads(body)
    except ValueError:
        return TOKENS_WITHOUT_BOUND
    bound = order.get("max_tokens") if isinstance(order, dict) else None
    return int(bound) if isinstance(bound, int | float) and bound > 0 else TOKENS_WITHOUT_BOUND


if __name__ == "__main__":
    main()
