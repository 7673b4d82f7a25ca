"""Run one generator in one scenario: it on the first core, the exact server on the last, and both accounts kept."""

import os
import statistics
import subprocess
import tempfile
import threading
import time
from bisect import bisect_left
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from math import isnan
from pathlib import Path
from typing import Any

import psutil
from side_by_side.scenarios import Scenario
from side_by_side.tools import Job, Tool

from assisters_verify.exact import ExactProcess
from assisters_verify.exact.certificate import make_certificate
from assisters_verify.exact.truth import summarise

_SAMPLE_S = 0.2
_QUIET_PERCENT = 10.0
_START_UP_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run gave. Counts, rates and truths come from the server's log, never from the generator.

    `per_s` counts answers, or contents of streams. CPU and memory are of the generator's whole process tree,
    `largest_mb` of one process; CPU in seconds for each 1000 answers or contents while the load ran; `others_share` is
    what everything else on the machine took of its processors meanwhile.
    """

    tool: str
    scenario: str
    per_s: float
    delivered: float | None
    requests: int
    reported: dict[str, float | None]
    truth: dict[str, float | None]
    cpu_s_per_1000: float
    memory_mb: float
    largest_mb: float
    server_cpu_share: float
    start_s: float
    others_share: float
    problem: str = ""


class Sampler(threading.Thread):
    """Notes the CPU time and the memory of a process and its descendants, and puts each first where that is wanted."""

    def __init__(self, pid: int, *, is_first: bool) -> None:
        super().__init__(daemon=True)
        self._is_first = is_first
        self.samples: list[tuple[float, float, float]] = []
        self.peak_memory = self.largest = 0
        self._seen: dict[int, float] = {}
        self._root = psutil.Process(pid)
        self._over = threading.Event()

    def run(self) -> None:
        """Note until it is stopped."""
        ticks = 0
        while not self._over.wait(_SAMPLE_S):
            try:
                processes = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            memory = 0
            for process in processes:
                try:
                    if self._is_first and process.pid not in self._seen:
                        _put_first(process.pid)
                    times = process.cpu_times()
                    self._seen[process.pid] = times.user + times.system
                    if ticks % 5 == 0:
                        own = process.memory_full_info().pss
                        memory += own
                        self.largest = max(self.largest, own)
                except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
                    continue
            self.samples.append((time.time(), sum(self._seen.values()), _busy_s()))
            self.peak_memory = max(self.peak_memory, memory)
            ticks += 1

    def stop(self) -> None:
        """End the thread."""
        self._over.set()
        self.join()

    def cpu_s(self, since_s: float, until_s: float) -> float:
        """Return its CPU time between two moments, straight lines between samples."""
        return self._at(until_s, 1) - self._at(since_s, 1)

    def busy_s(self, since_s: float, until_s: float) -> float:
        """Return the CPU time that everything on the machine took between two moments."""
        return self._at(until_s, 2) - self._at(since_s, 2)

    def _at(self, moment_s: float, column: int) -> float:
        times = [sample[0] for sample in self.samples]
        index = bisect_left(times, moment_s)
        if index in {0, len(times)}:
            return self.samples[min(index, len(times) - 1)][column] if times else 0.0
        before, after = self.samples[index - 1], self.samples[index]
        share = (moment_s - before[0]) / (after[0] - before[0])
        return before[column] + (after[column] - before[column]) * share


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def wait_for_quiet(at_most_s: float) -> None:
    """Return once other work leaves nine tenths of the machine alone for two seconds, or when the time is over."""
    end_s = time.monotonic() + at_most_s
    while time.monotonic() < end_s and psutil.cpu_percent(interval=2.0) > _QUIET_PERCENT:
        pass


def run(tool: Tool, scenario: Scenario, *, peers: Path, cores: tuple[int, int], is_first: bool) -> Outcome:
    """Run one generator once; `is_first` puts it and the server before all other work of the machine (root)."""
    executable = tool.find(peers)
    assert executable is not None
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as name:
        folder = Path(name)
        certificate, key = make_certificate(folder)
        options = scenario.options
        if scenario.is_tls:
            options = replace(options, certificate_file=certificate, key_file=key)
        with ExactProcess(options, core=cores[1]) as server:
            job = Job(scenario=scenario, base_url=server.base_url, folder=folder, ca_file=certificate, peers=peers)
            if is_first:
                _put_first(server.pid)
            environ = os.environ | {"HF_HUB_OFFLINE": "1", "SSL_CERT_FILE": str(certificate)} | dict(tool.environ)
            command = ["taskset", "-c", str(cores[0]), *tool.command(job, executable)]
            began_s = time.time()
            process = subprocess.Popen(
                command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            sampler = Sampler(process.pid, is_first=is_first)
            sampler.start()
            try:
                output = process.communicate(timeout=_START_UP_S + scenario.seconds)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                output = process.communicate()[0]
            sampler.stop()
            log = server.read_log(with_rows=True)
        return _judge(tool, job, log, sampler, began_s, output)


def _put_first(pid: int) -> None:
    # Each thread by itself; those that it makes later are as it is.
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(10))


def _judge(tool: Tool, job: Job, log: dict[str, Any], sampler: Sampler, began_s: float, output: str) -> Outcome:
    scenario = job.scenario
    kind = "streaming" if scenario.is_stream else "chat"
    rows = sorted(row for row in log["rows"] if row[1] == kind and row[2])
    if len(rows) < 20:
        return _nothing(tool, scenario, f"hardly any answers ({len(rows)}): {output[-1500:]}")
    # The first and the last twentieth are left out: probes, start and drain are no steady load.
    since_s, until_s = rows[len(rows) // 20][0], rows[-len(rows) // 20 - 1][0]
    measured = rows[len(rows) // 20 : -len(rows) // 20 - 1]
    done = sum(row[4] for row in measured) if scenario.is_stream else len(measured)
    per_s = done / (until_s - since_s)
    cpu_s = sampler.cpu_s(since_s, until_s)
    # The server's CPU time is known as a whole only; nearly all of it lies between its first and its last answer.
    server_share = log["cpu_s"] / max(0.1, rows[-1][0] - rows[0][0])
    others_s = sampler.busy_s(since_s, until_s) - cpu_s - server_share * (until_s - since_s)
    try:
        said = tool.read(job, output)
        reported = {name: value for name, value in said.items() if value is not None and not isnan(value)}
        problem = ""
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        reported, problem = {}, f"{error!r}: {output[-1500:]}"
    return Outcome(
        tool=tool.name,
        scenario=scenario.name,
        per_s=per_s,
        delivered=_delivered(scenario, per_s, len(rows), done / len(measured)),
        requests=len(rows),
        reported=reported,
        truth=_truth(rows, is_stream=scenario.is_stream),
        cpu_s_per_1000=cpu_s / done * 1000,
        memory_mb=sampler.peak_memory / 1e6,
        largest_mb=sampler.largest / 1e6,
        server_cpu_share=server_share,
        start_s=rows[0][0] - began_s,
        others_share=max(0.0, others_s / (until_s - since_s) / (os.cpu_count() or 1)),
        problem=problem,
    )


def _delivered(scenario: Scenario, per_s: float, requests: int, tokens: float) -> float | None:
    if scenario.rate:
        return requests / (scenario.rate * scenario.seconds)
    if not scenario.options.gap_s or not scenario.is_stream:
        return None
    lasts_s = scenario.options.first_token_s + (tokens - 1) * scenario.options.gap_s
    return min(1.0, per_s * lasts_s / (scenario.users * tokens))


def _truth(rows: list[list[Any]], *, is_stream: bool) -> dict[str, float | None]:
    measures = {"latency": summarise(row[-1][-1] for row in rows)}
    if is_stream:
        measures["ttft"] = summarise(row[-1][-row[3]] for row in rows)
        measures["gap"] = summarise(later - earlier for row in rows for earlier, later in pairwise(row[-1][-row[3] :]))
    return {f"{name}_{share}": figures[share] for name, figures in measures.items() for share in ("p50", "p90", "p99")}


def _nothing(tool: Tool, scenario: Scenario, problem: str) -> Outcome:
    return Outcome(
        tool=tool.name, scenario=scenario.name, per_s=0.0, delivered=0.0, requests=0, reported={}, truth={},
        cpu_s_per_1000=0.0, memory_mb=0.0, largest_mb=0.0, server_cpu_share=0.0, start_s=0.0, others_share=0.0,
        problem=problem,
    )  # fmt: skip


def median_of(outcomes: list[Outcome], name: str) -> float | None:
    """Return the median of one figure, or of one that was reported, over several runs."""
    every = [asdict(outcome) for outcome in outcomes if not (outcome.problem and not outcome.requests)]
    group, _, inner = name.partition(".")
    values = [item[group].get(inner) if inner else item[group] for item in every]
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
