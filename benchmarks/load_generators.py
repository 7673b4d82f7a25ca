"""Put load generators side by side: one exact server, one run, the same scenarios, medians and ratios.

Usage: python benchmarks/load_generators.py [--peers DIR [--install]] [--tool NAME]... [--scenario NAME]... [--rounds 5]

Each generator has the first core for itself, the exact server the last. Requests, chunks and true times are taken from
the server's log, so that no generator counts for itself. Rounds go around: every generator once, then again, so that a
busy minute of the machine hits all of them. Each run is appended to --raw as one JSON line; --draw writes RESULTS.md
from such a file without running anything.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from side_by_side import llm, locust_users, native, own
from side_by_side.page import write_page
from side_by_side.running import Outcome, run, wait_for_quiet
from side_by_side.scenarios import SCENARIOS
from side_by_side.tools import Tool

_HERE = Path(__file__).parent
TOOLS: dict[str, Tool] = {tool.name: tool for tool in (*own.TOOLS, *locust_users.TOOLS, *native.TOOLS, *llm.TOOLS)}


def main() -> None:
    """Install, run, draw."""
    arguments = _parser().parse_args()
    if arguments.install:
        for tool in llm.TOOLS:
            install(tool, arguments.peers)
        make_tokenizer(arguments.peers)
    if not arguments.draw:
        run_all(arguments)
    outcomes = [Outcome(**json.loads(line)) for line in arguments.raw.read_text().splitlines()]
    versions = {name: tool.version(arguments.peers) for name, tool in TOOLS.items()}
    print(write_page(outcomes, versions, TOOLS, _HERE / "RESULTS.md", note=arguments.note))


def run_all(arguments: argparse.Namespace) -> None:
    """Run each generator in each scenario, round by round."""
    names = arguments.tool or list(TOOLS)
    cores = sorted(os.sched_getaffinity(0))
    # What takes the samples must not disturb the generator.
    os.sched_setaffinity(0, {cores[-1]})
    for number in range(arguments.rounds):
        for scenario in arguments.scenario or list(SCENARIOS):
            for name in names:
                tool = TOOLS[name]
                if scenario not in tool.scenarios or tool.find(arguments.peers) is None:
                    continue
                wait_for_quiet(arguments.patience)
                outcome = run(
                    tool,
                    SCENARIOS[scenario],
                    peers=arguments.peers,
                    cores=(cores[0], cores[-1]),
                    is_first=arguments.realtime,
                )
                with arguments.raw.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(outcome)) + "\n")
                print(f"{number + 1}/{arguments.rounds} {scenario:11} {name:21} {outcome.per_s:12,.0f}/s"
                      f"  others took {outcome.others_share:.0%}  {outcome.problem[:200]}", flush=True)  # fmt: skip


def install(tool: Tool, peers: Path) -> None:
    """Install one generator from PyPI into an environment of its own."""
    folder = peers / tool.package.partition("[")[0]
    if tool.find(peers) is not None:
        return
    subprocess.run([tool.python or sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", tool.package], check=True)


def make_tokenizer(peers: Path) -> None:
    """Make the tokenizer that the tools for language models insist on; nothing is downloaded."""
    for folder in peers.glob("*/lib/*/site-packages/transformers"):
        python = folder.parents[3] / "bin" / "python"
        subprocess.run([python, _HERE / "side_by_side" / "tokenizer.py", peers / "tokenizer"], check=True)
        return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=_HERE / ".peers", help="folder with an environment for each peer")
    parser.add_argument("--install", action="store_true", help="install the peers of PyPI into it first")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only this generator; repeatable")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="only this scenario; repeatable")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=0.0, help="seconds to wait for a quiet machine, each time")
    parser.add_argument("--realtime", action="store_true", help="generator and server before all other work (root)")
    parser.add_argument("--raw", type=Path, default=Path("side-by-side.jsonl"), help="file that runs are appended to")
    parser.add_argument("--note", default="", help="what the page shall say of the circumstances")
    parser.add_argument("--draw", action="store_true", help="run nothing, write RESULTS.md from --raw")
    return parser


if __name__ == "__main__":
    main()
