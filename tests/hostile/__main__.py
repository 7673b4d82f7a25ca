"""Run the command with every check against each hostile server, and print a line of figures for each: takes an hour.

`python -m tests.hostile [--deadline 60] [--side-by-side 2] [NAME...] [-- OPTION...]`; exit status 1 where one is wrong.
`--load SCENARIO` puts load on each instead, which then answers those well who only look.
"""

import argparse
import sys
import tempfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.hostile.harness import Ran, run_conformance, run_load
from tests.hostile.inspection import NEVER_GREEN, faults_of, faults_of_load
from tests.hostile.secrecy import find_secrets
from tests.hostile.servers import (
    API_KEY,
    NAMES,
    SECOND_API_KEY,
    WEBHOOK_SECRET,
    started,
)


def examine(
    name: str, folder: Path, *options: str, deadline_s: float, statuses: Collection[int] = NEVER_GREEN
) -> tuple[Ran, list[str]]:
    """Run the command against one server, and return how it ended and what is wrong."""
    with started(name) as (server, beside):
        ran = run_conformance(server.url, folder, "--deadline", f"{deadline_s:g}", *options)
        secrets = (API_KEY, SECOND_API_KEY, WEBHOOK_SECRET)
        faults = faults_of(ran, deadline_s=deadline_s, secrets=(*secrets, *server.told), statuses=statuses)
        for request in beside.received:
            faults += [f"elsewhere came {found}" for found in find_secrets(request.raw, secrets)]
    return ran, faults


_LOADED = ("--users", "20", "--duration", "4", "--warm-up", "0", "--timeout", "4", "--processes", "1")
# Some answer well enough for a load run, which judges little of an answer.
_STATUSES_OF_LOAD = frozenset({0, 1, 3, 5})


def examine_under_load(name: str, folder: Path, *options: str, scenario: str) -> tuple[Ran, list[str]]:
    """Put load on a server that turns on whoever wants more than a look; return how it ended and what is wrong."""
    secrets = (API_KEY, SECOND_API_KEY, WEBHOOK_SECRET)
    with started(name, is_met_late=True) as (server, beside):
        ran = run_load(server.url, folder, *_LOADED, *options, scenario=scenario)
        faults = faults_of_load(ran, secrets=(*secrets, *server.told), statuses=_STATUSES_OF_LOAD)
        for request in beside.received:
            faults += [f"elsewhere came {found}" for found in find_secrets(request.raw, secrets)]
    return ran, faults


def main() -> int:
    """Examine all servers that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.hostile")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(NAMES)}")
    parser.add_argument("--deadline", type=float, default=60.0, help="of each run, in seconds")
    parser.add_argument("--side-by-side", type=int, default=2, help="how many runs at a time")
    parser.add_argument("--keep", type=Path, help="a folder for what the runs wrote")
    parser.add_argument("--load", metavar="SCENARIO", help="put this load on each, in place of the checks")
    arguments, options = parser.parse_known_args()
    names = arguments.names or NAMES
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(arguments.side_by_side) as pool:
        folder = arguments.keep or Path(temporary)
        if arguments.load:
            run = partial(examine_under_load, scenario=arguments.load)
        else:
            run = partial(examine, deadline_s=arguments.deadline)
        work = {name: pool.submit(run, name, folder / name, *options) for name in names}
        wrong = sum([_tell(name, *found.result()) for name, found in work.items()])
    print(f"{wrong} of {len(names)} wrong")
    return min(wrong, 1)


def _tell(name: str, ran: Ran, faults: list[str]) -> bool:
    reports = sum(path.stat().st_size for path in ran.reports.glob("*")) / 1e6 if ran.reports.exists() else 0.0
    figures = f"status {ran.status}, {ran.duration_s:6.1f} s, {ran.peak_mb:5.0f} MB, reports {reports:5.1f} MB"
    print(f"{name:32} {figures}", *(f"    {fault}" for fault in faults), sep="\n", flush=True)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
