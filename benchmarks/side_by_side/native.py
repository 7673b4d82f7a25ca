"""Generators that know HTTP and nothing of tokens: wrk, hey and k6."""

import json
import re

from side_by_side.scenarios import KEY
from side_by_side.tools import Job, Reported, Tool

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_CLOSED = frozenset({"plain", "plain-tls", "stream", "stream-tls"})


def _wrk_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    script = job.write(
        "wrk.lua",
        f"wrk.method = 'POST'\nwrk.body = '{json.dumps(scenario.body)}'\n"
        f"wrk.headers['Authorization'] = 'Bearer {KEY}'\nwrk.headers['Content-Type'] = 'application/json'\n",
    )
    users = scenario.users if not scenario.rate else 64
    options = ["-t1", f"-c{users}", f"-d{scenario.seconds}s", "--latency", "--timeout", "20s", "-s", str(script)]
    return [executable, *options, job.url]


def _wrk_read(job: Job, output: str) -> Reported:
    del job
    found = dict(re.findall(r"^\s+(50|90|99)%\s+([\d.]+(?:us|ms|s|m))", output, re.MULTILINE))
    return {f"latency_p{share}": _seconds(text) for share, text in found.items()}


def _seconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)([a-z]+)", text)
    assert match is not None
    return float(match[1]) * _UNITS[match[2]]


def _hey_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    options = ["-z", f"{scenario.seconds}s", "-c", str(scenario.users), "-m", "POST", "-T", "application/json"]
    return [executable, *options, "-H", f"Authorization: Bearer {KEY}", "-D", str(job.body_file), job.url]


def _hey_read(job: Job, output: str) -> Reported:
    del job
    found = dict(re.findall(r"^\s+(50|90|99)%+ in ([\d.]+) secs", output, re.MULTILINE))
    return {f"latency_p{share}": float(text) for share, text in found.items()}


def _k6_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    load = (
        {
            "executor": "constant-arrival-rate", "rate": scenario.rate, "timeUnit": "1s",
            "duration": f"{scenario.seconds}s", "preAllocatedVUs": scenario.users, "maxVUs": scenario.users,
        }
        if scenario.rate
        else {"executor": "constant-vus", "vus": scenario.users, "duration": f"{scenario.seconds}s"}
    )  # fmt: skip
    options = {
        "scenarios": {"load": load}, "insecureSkipTLSVerify": True, "summaryTrendStats": ["med", "p(90)", "p(99)"],
        "discardResponseBodies": True,
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    script = job.write(
        "script.js",
        f"import http from 'k6/http';\nexport const options = {json.dumps(options)};\n"
        f"const body = {json.dumps(json.dumps(scenario.body))};\nconst params = {json.dumps({'headers': headers})};\n"
        f"export default function () {{ http.post({json.dumps(job.url)}, body, params); }}\n",
    )
    return [executable, "run", "--quiet", "--no-usage-report", "--summary-export", "summary.json", str(script)]


def _k6_read(job: Job, output: str) -> Reported:
    del output
    times = json.loads((job.folder / "summary.json").read_text())["metrics"]["http_req_duration"]
    return {f"latency_p{share}": times[name] / 1e3 for share, name in ((50, "med"), (90, "p(90)"), (99, "p(99)"))}


TOOLS = (
    Tool(name="wrk", executable="wrk", package="wrk", command=_wrk_command, read=_wrk_read,
         scenarios=_CLOSED | {"stall"}, remark="bytes only; closed loop with 64 connections in the stall"),
    Tool(name="hey", executable="hey", package="hey", command=_hey_command, read=_hey_read, scenarios=_CLOSED,
         remark="bytes only"),
    Tool(name="k6", executable="k6", package="k6", command=_k6_command, read=_k6_read,
         scenarios=_CLOSED | {"stall"}, version_option="version", remark="bytes only"),
)  # fmt: skip
