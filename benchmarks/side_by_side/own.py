"""Our own generator: `assisters-verify load`."""

import json

from side_by_side.scenarios import KEY, PROMPT
from side_by_side.tools import Job, Reported, Tool

_SHARES = (50, 90, 99)


def _command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    profile = {
        "duration_s": scenario.seconds, "prompt_words": len(PROMPT.split()), "answer_tokens": scenario.options.tokens,
        "max_requests": 10**9, "max_tokens": 10**12, "max_rate_per_s": 10**6,
        **({"rate_per_s": scenario.rate} if scenario.rate else {"users": scenario.users}),
    }  # fmt: skip
    words = [
        "load",
        "streaming" if scenario.is_stream else "chat",
        "--base-url",
        job.base_url,
        "--report-dir",
        "report",
    ]
    words += ["--profile", str(job.write("profile.yaml", json.dumps(profile))), "--quiet"]
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
