"""What a careful user of plain Locust writes: each chunk parsed, the first content timed from the moment of sending."""

import json
import os
import time
from pathlib import Path

from locust import FastHttpUser, HttpUser, constant_throughput, events, task

BODY = json.loads(os.environ["BENCH_BODY"])
HEADERS = {"Authorization": f"Bearer {os.environ['BENCH_KEY']}", "Accept-Encoding": "identity"}
PATH = "/v1/chat/completions"
IS_STREAM = bool(BODY.get("stream"))
TIMES: dict[str, list[float]] = {"ttft": [], "gap": [], "latency": []}


class Times:
    """The times of one stream."""

    def __init__(self) -> None:
        self.began_s = self.last_s = time.perf_counter()
        self.is_first = True

    def note(self, line: bytes) -> None:
        """Look at one line of the stream."""
        if not line.startswith(b"data: {"):
            return
        choices = json.loads(line[6:])["choices"]
        if not choices or not choices[0]["delta"].get("content"):
            return
        now_s = time.perf_counter()
        TIMES["ttft" if self.is_first else "gap"].append(now_s - self.last_s)
        self.is_first = False
        self.last_s = now_s


class Requests(HttpUser):
    """Locust's usual client."""

    abstract = os.environ["BENCH_CLIENT"] != "requests"

    @task
    def chat(self) -> None:
        """Send one request."""
        times = Times()
        response = self.client.post(PATH, json=BODY, headers=HEADERS, stream=IS_STREAM, verify=False)
        if IS_STREAM:
            for line in response.iter_lines():
                times.note(line)
        TIMES["latency"].append(time.perf_counter() - times.began_s)


class Fast(FastHttpUser):
    """Locust's faster client."""

    abstract = os.environ["BENCH_CLIENT"] != "geventhttpclient"
    insecure = True

    @task
    def chat(self) -> None:
        """Send one request."""
        times = Times()
        if IS_STREAM:
            with self.client.post(PATH, json=BODY, headers=HEADERS, stream=True, catch_response=True) as response:
                while line := response.stream.readline(b"\n"):
                    times.note(line)
        else:
            self.client.post(PATH, json=BODY, headers=HEADERS)
        TIMES["latency"].append(time.perf_counter() - times.began_s)


if rate := float(os.environ["BENCH_RATE"]):
    Requests.wait_time = Fast.wait_time = constant_throughput(rate)


@events.quitting.add_listener
def write_times(**_: object) -> None:
    """Write the percentiles down."""
    found = {}
    for name, values in TIMES.items():
        ordered = sorted(values)
        for share in (50, 90, 99):
            found[f"{name}_p{share}"] = ordered[len(ordered) * share // 100] if ordered else None
    Path("times.json").write_text(json.dumps(found), encoding="utf-8")
