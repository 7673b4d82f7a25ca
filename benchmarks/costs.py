"""Measure what a conformance run sends, makes and spends, area by area, and write it to spec/costs.json for `--plan`.

Usage: python benchmarks/costs.py [--area AREA]... [--side-by-side 4]

Each area is checked alone on the embedded server, so that what several areas find out together counts for each.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from assisters_verify import __version__
from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root

COSTS = content_root() / "spec" / "costs.json"
# About as many characters as one token has in English text; the assumption is told with the plan.
CHARACTERS_A_TOKEN = 4
# What a completion may take where neither request nor model bounds it.
TOKENS_WITHOUT_BOUND = 1000


def main() -> None:
    """Measure, and write the file anew; areas that were not named keep their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--area", action="append", dest="areas")
    parser.add_argument("--side-by-side", type=int, default=4)
    arguments = parser.parse_args()
    known = list(
        dict.fromkeys(clause.area for clause in load_catalogue(content_root() / "spec" / "clauses.yaml").clauses)
    )
    before: dict[str, Any] = json.loads(COSTS.read_bytes())["areas"] if COSTS.exists() else {}
    with ThreadPoolExecutor(arguments.side_by_side) as pool:
        names = arguments.areas or known
        measured = before | dict(zip(names, pool.map(measure, names), strict=True))
    areas = {area: measured[area] for area in known if area in measured}
    COSTS.write_text(json.dumps({"suite": __version__, "areas": areas}, indent=1) + "\n")
    print(json.dumps(areas, indent=1))


def measure(area: str) -> dict[str, int | float]:
    """Check one area on the embedded server, and return what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", "assisters_verify", "conformance", "--area", area, "--quiet", "--report-dir", folder]
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        return costs_of(Path(folder))


def costs_of(report_dir: Path) -> dict[str, int | float]:
    """Return what the run behind these reports cost.

    `tokens` are those that the embedded server told; `most_tokens` what the requests allowed: their texts, and
    `max_tokens` whole. Requests of a burst are not kept as evidence, so all that are not there are such.
    """
    results = json.loads((report_dir / "results.json").read_bytes())
    entries = json.loads((report_dir / "evidence.har").read_bytes())["log"]["entries"]
    sent = [entry for entry in entries if "127.0.0.1" in entry["request"]["url"]]
    return {
        "requests": results["requests"],
        "burst": max(0, results["requests"] - len(sent)),
        "tokens": results["usage"]["tokens"],
        "most_tokens": sum(_most_tokens(entry) for entry in sent),
        "keys": sum(_has_made(entry, "/v1/keys") for entry in sent),
        "webhooks": sum(_has_made(entry, "/v1/webhooks") for entry in sent),
        "bytes_sent": results["usage"]["bytes_sent"],
        "bytes_received": results["usage"]["bytes_received"],
        "duration_s": round(results["duration_s"], 1),
    }


def _has_made(entry: dict[str, Any], path: str) -> bool:
    request, status = entry["request"], entry["response"]["status"]
    return request["method"] == "POST" and request["url"].endswith(path) and 200 <= status < 300


def _most_tokens(entry: dict[str, Any]) -> int:
    """Return how many tokens a request may cost; one that was refused costs none."""
    body = entry["request"].get("postData", {}).get("text", "")
    if not 200 <= entry["response"]["status"] < 300 or not entry["request"]["url"].endswith(
        ("/completions", "/embeddings")
    ):
        return 0
    try:
        order = json.loads(body)
        bound = order.get("max_tokens") if isinstance(order, dict) else None
    except ValueError:
        bound = None
    is_completion = entry["request"]["url"].endswith("/completions")
    told = int(bound) if isinstance(bound, int | float) and bound > 0 else TOKENS_WITHOUT_BOUND
    return len(body) // CHARACTERS_A_TOKEN + (told if is_completion else 0)


if __name__ == "__main__":
    main()
