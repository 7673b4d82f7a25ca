"""Load tools for language models: guidellm, aiperf, inference-perf, evalscope and genai-bench."""

import json
from pathlib import Path
from typing import Any

from side_by_side.scenarios import KEY, MODEL, PROMPT, Scenario
from side_by_side.tools import Job, Reported, Tool

_PROMPT_TOKENS = 16
_SHARES = (50, 90, 99)
_CLOSED = frozenset({"plain", "stream", "paced"})
# Tools that are told a number of requests and no duration get what takes about as long as the duration at their speed.
_REQUESTS_PER_S = {"plain": 500, "stream": 300, "paced": 250, "stall": 100}


def _requests(scenario: Scenario) -> int:
    return scenario.seconds * _REQUESTS_PER_S[scenario.name]


def _guidellm_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    backend = {
        "kind": "openai_http", "target": job.base_url, "model": MODEL, "api_key": KEY, "http2": False,
        "validate_backend": False, "stream": scenario.is_stream,
    }  # fmt: skip
    profile = f"kind=constant,rate={scenario.rate}" if scenario.rate else f"kind=concurrent,streams={scenario.users}"
    data = f"kind=synthetic_text,prompt_tokens={_PROMPT_TOKENS},output_tokens={scenario.options.tokens}"
    words = ["run", "--backend", json.dumps(backend), "--profile", profile, "--data", data]
    words += ["--constraint", f"kind=max_duration,seconds={scenario.seconds}"]
    words += ["--tokenizer", f"kind=hf_auto,model={job.peers / 'tokenizer'}"]
    return [executable, *words, "--output", "kind=json,path=guidellm.json", "--disable-console"]


def _guidellm_read(job: Job, output: str) -> Reported:
    del output
    metrics = json.loads((job.folder / "guidellm.json").read_text())["benchmarks"][0]["metrics"]
    names = {
        "ttft": ("time_to_first_token_ms", 1e3),
        "gap": ("inter_token_latency_ms", 1e3),
        "latency": ("request_latency", 1.0),
    }
    return {
        f"{name}_p{share}": _divided(metrics[theirs]["successful"]["percentiles"][f"p{share}"], divisor)
        for name, (theirs, divisor) in names.items()
        for share in _SHARES
    }


def _aiperf_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    words = ["profile", "--model", MODEL, "--url", job.base_url, "--endpoint-type", "chat", "--api-key", KEY]
    words += ["--streaming"] if scenario.is_stream else []
    words += [
        "--tokenizer",
        str(job.peers / "tokenizer"),
        "--isl",
        str(_PROMPT_TOKENS),
        "--osl",
        str(scenario.options.tokens),
    ]
    words += ["--use-legacy-max-tokens", "--num-dataset-entries", "100", "--ui-type", "none"]
    words += ["--artifact-dir", "aiperf", "--benchmark-duration", str(scenario.seconds)]
    if scenario.rate:
        return [executable, *words, "--request-rate", str(scenario.rate), "--arrival-pattern", "constant"]
    return [executable, *words, "--concurrency", str(scenario.users)]


def _aiperf_read(job: Job, output: str) -> Reported:
    del output
    found = json.loads(_only(job.folder / "aiperf", "profile_export_aiperf.json").read_text())
    names = {"ttft": "time_to_first_token", "gap": "inter_token_latency", "latency": "request_latency"}
    return {
        f"{name}_p{share}": _divided(found.get(theirs, {}).get(f"p{share}"), 1e3)
        for name, theirs in names.items()
        for share in _SHARES
    }


def _evalscope_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    words = ["perf", "--model", MODEL, "--url", job.url, "--api", "openai", "--api-key", KEY, "--prompt", PROMPT]
    words += ["--tokenizer-path", str(job.peers / "tokenizer"), "--no-test-connection"]
    words += ["--max-tokens", str(scenario.options.tokens), "--outputs-dir", "evalscope", "--no-timestamp"]
    words += ["--stream" if scenario.is_stream else "--no-stream", "--duration", str(scenario.seconds)]
    if scenario.rate:
        words += ["--rate", str(scenario.rate), "--open-loop", "-n", str(scenario.rate * scenario.seconds)]
    else:
        words += ["--parallel", str(scenario.users), "-n", "1000000"]
    return [executable, *words]


def _evalscope_read(job: Job, output: str) -> Reported:
    del output
    rows = json.loads(_only(job.folder / "evalscope", "benchmark_percentile.json").read_text())
    found = {row["Percentiles"]: row for row in rows}
    names = {"ttft": ("TTFT (ms)", 1e3), "gap": ("ITL (ms)", 1e3), "latency": ("Latency (s)", 1.0)}
    return {
        f"{name}_p{share}": _divided(found[f"{share}%"].get(theirs), divisor)
        for name, (theirs, divisor) in names.items()
        for share in _SHARES
    }


def _genai_bench_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    words = ["benchmark", "--api-backend", "openai", "--api-base", job.base_url, "--api-key", KEY]
    words += ["--api-model-name", MODEL, "--model-tokenizer", str(job.peers / "tokenizer"), "--task", "text-to-text"]
    words += ["--max-time-per-run", "1", "--max-requests-per-run", str(_requests(scenario))]
    words += ["--num-concurrency", str(scenario.users)]
    words += ["--traffic-scenario", f"D({_PROMPT_TOKENS},{scenario.options.tokens})"]
    return [executable, *words, "--experiment-base-dir", "genai", "--experiment-folder-name", "one"]


def _genai_bench_read(job: Job, output: str) -> Reported:
    del output
    found = json.loads(_only(job.folder / "genai", "D*concurrency*.json").read_text())
    stats = found["aggregated_metrics"]["stats"]
    # Its `tpot` is a mean over each stream, not a gap between two contents.
    return {
        f"{name}_p{share}": stats[theirs][f"p{share}"]
        for name, theirs in {"ttft": "ttft", "latency": "e2e_latency"}.items()
        for share in _SHARES
    }


def _inference_perf_command(job: Job, executable: str) -> list[str]:
    scenario = job.scenario
    stage = (
        {"rate": scenario.rate, "duration": scenario.seconds}
        if scenario.rate
        else {"num_requests": _requests(scenario), "concurrency_level": scenario.users}
    )
    load = {"type": "constant" if scenario.rate else "concurrent", "stages": [stage], "num_workers": 1,
            "worker_max_concurrency": 1000}  # fmt: skip
    config: dict[str, Any] = {
        "api": {"type": "chat", "streaming": scenario.is_stream},
        "data": {"type": "mock"},  # the only prompts without a download that it sends as chat; of 30 tokens each
        "load": load,
        "server": {"type": "vllm", "model_name": MODEL, "base_url": job.base_url, "api_key": KEY},
        "tokenizer": {"pretrained_model_name_or_path": str(job.peers / "tokenizer")},
        "storage": {"local_storage": {"path": str(job.folder / "inference-perf")}},
    }
    return [executable, "-c", str(job.write("inference-perf.yaml", json.dumps(config)))]


def _inference_perf_read(job: Job, output: str) -> Reported:
    del output
    path = job.folder / "inference-perf" / "summary_lifecycle_metrics.json"
    latency = json.loads(path.read_text())["successes"]["latency"]
    names = {"ttft": "time_to_first_token", "gap": "inter_token_latency", "latency": "request_latency"}
    return {
        f"{name}_p{share}": (latency.get(theirs) or {}).get("median" if share == 50 else f"p{share}")
        for name, theirs in names.items()
        for share in _SHARES
    }


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.rglob(pattern))
    if not found:
        raise FileNotFoundError(f"{folder.name} wrote no {pattern}")
    return found[0]


def _divided(value: float | None, divisor: float) -> float | None:
    return None if value is None else value / divisor


TOOLS = (
    Tool(name="guidellm", executable="guidellm", package="guidellm", command=_guidellm_command, read=_guidellm_read,
         scenarios=_CLOSED | {"stall"}),
    Tool(name="aiperf", executable="aiperf", package="aiperf", command=_aiperf_command, read=_aiperf_read,
         environ={"HF_HUB_OFFLINE": ""}, scenarios=_CLOSED | {"stall"}),
    Tool(name="evalscope", executable="evalscope", package="evalscope[perf]", command=_evalscope_command,
         read=_evalscope_read, scenarios=_CLOSED | {"stall"}),
    Tool(name="genai-bench", executable="genai-bench", package="genai-bench", command=_genai_bench_command,
         read=_genai_bench_read, scenarios=frozenset({"stream", "paced"}), remark="streams only"),
    Tool(name="inference-perf", executable="inference-perf", package="inference-perf",
         command=_inference_perf_command, read=_inference_perf_read, scenarios=_CLOSED | {"stall"},
         python="python3.12"),
)  # fmt: skip
