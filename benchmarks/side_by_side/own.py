"""Our own generator: `assisters-verify load`."""

import json

from side_by_side.scenarios import KEY
from side_by_side.tools import Job, Reported, Tool

_SHARES = (50, 90, 99)


def _command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    words = ["load", "streaming" if scenario.is_stream else "chat", "--base-url", job.base_url]
    words += ["--rate", str(scenario.rate)] if scenario.rate else ["--users", str(scenario.users)]
    words += ["--duration", str(scenario.seconds), "--max-requests", "100000000", "--max-tokens", "10000000000"]
    words += ["--max-rate", "1000000", "--report-dir", "report"]
    words += ["--ca-file", str(job.ca_file)] if scenario.is_tls else []
    return [executable, *words]


def _read(job: Job, output: str) -> Reported:
    del output
    measures = json.loads((job.folder / "report" / "load.json").read_text())["measures"]
    names = {"ttft": "ttft_s", "gap": "gap_s", "latency": "latency_s"}
    return {
        f"{name}_p{share}": measures[ours][f"p{share}"]
        for name, ours in names.items()
        if ours in measures
        for share in _SHARES
    }


TOOLS = (
    Tool(name="assisters-verify", executable="assisters-verify", package="assisters-verify", command=_command,
         read=_read, environ={"ASSISTERS_API_KEY": KEY}),
)  # fmt: skip
