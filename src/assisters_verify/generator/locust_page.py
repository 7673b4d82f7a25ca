"""Show our figures on Locust's own page: its statistics are filled from ours, never measured again."""

import time
from collections import Counter
from typing import Any

from locust.env import Environment
from locust.stats import StatsEntry

from assisters_verify.measures.group import Group
from assisters_verify.measures.histogram import Histogram
from assisters_verify.measures.measures import Measures

_US_PER_MS = 1_000
# Names of measures that are no whole request, each a line of its own beside the kinds of requests.
_MORE = {"ttft_s": "first token", "gap_s": "gap between tokens"}


def feed_page(environment: Environment, measures: Measures) -> None:
    """Put the totals so far into the statistics that the page shows, where there is one."""
    if environment.web_ui is None:
        return
    stats = environment.stats
    start_s = stats.total.start_time
    stats.entries.clear()
    per_second = {int(start_s) + number: second.counts["finished"] for number, second in measures.series.items()}
    for kind, group in sorted(measures.kinds.items()):
        entry = stats.get(kind, "POST")
        _fill(entry, group, group.histograms["latency_s"])
        for name, words in _MORE.items():
            if group.histograms[name].count:
                _fill_times(stats.get(f"{kind}: {words}", ""), group.histograms[name])
    whole = measures.whole()
    _fill(stats.total, whole, whole.histograms["latency_s"])
    stats.total.num_reqs_per_sec = Counter(per_second)


def _fill(entry: StatsEntry, group: Group, histogram: Histogram) -> None:
    _fill_times(entry, histogram)
    counters: dict[str, Any] = group.counters
    entry.num_requests = counters["ok"] + counters["refused"] + counters["failed"]
    entry.num_failures = counters["refused"] + counters["failed"]
    entry.total_content_length = counters["bytes_received"]


def _fill_times(entry: StatsEntry, histogram: Histogram) -> None:
    entry.num_requests = histogram.count
    entry.total_response_time = histogram.sum_us // _US_PER_MS
    entry.min_response_time = (histogram.min_us or 0) // _US_PER_MS
    entry.max_response_time = (histogram.max_us or 0) // _US_PER_MS
    times = Counter[int]()
    for least, most, count in histogram.buckets():
        times[round((least + most) / 2 / _US_PER_MS)] += count
    entry.response_times = dict(times)
    # Locust divides by the time between these two.
    entry.last_request_timestamp = time.time()
