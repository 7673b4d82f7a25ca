"""Locust with its own two clients."""

import json
from pathlib import Path

from side_by_side.scenarios import KEY
from side_by_side.tools import Job, Reported, Tool

_LOCUSTFILE = Path(__file__).parent / "locustfile.py"
_STALL_USERS = 100


def _command(job: Job, executable: str, client: str) -> list[str]:
    scenario = job.scenario
    users = _STALL_USERS if scenario.rate else scenario.users
    variables = {
        "BENCH_BODY": json.dumps(scenario.body), "BENCH_KEY": KEY, "BENCH_CLIENT": client,
        "BENCH_RATE": str(scenario.rate / users),
    }  # fmt: skip
    options = ["--headless", "--only-summary", "-u", str(users), "-r", str(users), "-t", f"{scenario.seconds}s"]
    options += ["--stop-timeout", "5", "--host", job.base_url, "-f", str(_LOCUSTFILE)]
    return ["env", *(f"{name}={value}" for name, value in variables.items()), executable, *options]


def _http_user(job: Job, executable: str) -> list[str]:
    return _command(job, executable, "requests")


def _fast_http_user(job: Job, executable: str) -> list[str]:
    return _command(job, executable, "geventhttpclient")


def _read(job: Job, output: str) -> Reported:
    del output
    reported: Reported = json.loads((job.folder / "times.json").read_text())
    return reported


_REMARK = "json.loads on each chunk; `constant_throughput` with 100 users in the stall"
TOOLS = (
    Tool(name="Locust FastHttpUser", executable="locust", package="locust", command=_fast_http_user, read=_read,
         remark=_REMARK),
    Tool(name="Locust HttpUser", executable="locust", package="locust", command=_http_user, read=_read,
         remark=_REMARK),
)  # fmt: skip
