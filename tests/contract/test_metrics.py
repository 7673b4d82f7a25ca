"""Metrics are read in any form, and told by their names."""

import json
from typing import Any

import pytest

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.metrics import Metrics, Subject, expect_metrics
from assisters_verify.judgement import Broken

PROMETHEUS = """# TYPE http_requests_total counter
http_requests_total{status="200"} 7
http_requests_total{status="404"} 1
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.1"} 7
http_request_duration_seconds_bucket{le="+Inf"} 8
http_request_duration_seconds_sum 0.4
http_request_duration_seconds_count 8
"""


def read(body: Any, content_type: str = "application/json") -> Metrics:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return expect_metrics(
        Answer(
            exchange="x0001",
            method="GET",
            path="/v1/metrics",
            status=200,
            headers={"content-type": content_type},
            body=data,
            first_byte_s=0.0,
            total_s=0.0,
        )
    )


@pytest.mark.parametrize(
    "body",
    [
        {"latency_ms": 12},
        {"responseTime": {"avg": 1}},
        {"p95": 0.2},
        {"time_to_first_token": {"mean": "12.5 ms"}},
        {"metrics": [{"name": "request_duration", "value": 3}]},
        {"chat": {"avg_ms": 5}},
        {"time_ms": {"total": 3}},
    ],
)
def test_words_for_latency(body: Any) -> None:
    assert read(body).covers(Subject.LATENCY)


@pytest.mark.parametrize("body", [{"uptime_seconds": 5, "requests": 3}, {"latency": "soon"}, {"timestamp": 5}, {}])
def test_what_does_not_speak_of_latency(body: Any) -> None:
    assert not read(body).covers(Subject.LATENCY)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": 0},
        {"error_rate": 0.5},
        {"failedRequests": 1},
        {"requests": {"200": 5, "404": 1}},
        {"by_status": {"2xx": 5}},
        {"success_rate": "99.5 %"},
        [{"status": 404, "count": 1}],
        [{"metric": "errors_total", "value": 1}],
    ],
)
def test_words_for_errors(body: Any) -> None:
    assert read(body).covers(Subject.ERRORS)


@pytest.mark.parametrize("body", [{"status": "ok", "requests": 404}, {"default": 5}, {"failover": 1}, {}])
def test_what_does_not_speak_of_errors(body: Any) -> None:
    assert not read(body).covers(Subject.ERRORS)


@pytest.mark.parametrize("content_type", ["text/plain; version=0.0.4", "text/plain", ""])
def test_prometheus_text_is_read(content_type: str) -> None:
    metrics = read(PROMETHEUS, content_type)
    assert all(map(metrics.covers, Subject))


def test_openmetrics_text_is_read() -> None:
    text = "# TYPE latency_seconds gauge\nlatency_seconds 0.5\n# EOF\n"
    assert read(text, "application/openmetrics-text; version=1.0.0").covers(Subject.LATENCY)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html><body>latency 5 errors 3</body></html>", "text/html"),
        ("<html><body>latency 5 errors 3</body></html>", "text/plain"),
        ("", "text/plain"),
        ("# only a comment\n", "text/plain"),
        ("latency high\n", "text/plain"),
        ("latency,errors\n5,3\n", "text/csv"),
        ("latency_seconds 0.5\n", "application/openmetrics-text"),
    ],
)
def test_what_no_machine_can_read_is_broken(body: str, content_type: str) -> None:
    with pytest.raises(Broken):
        read(body, content_type)


@pytest.mark.parametrize("body", ['{"latency": NaN}', "{", '{"a": 1,}'])
def test_json_that_is_none_is_no_metrics(body: str) -> None:
    with pytest.raises(NotJson):
        read(body, "text/plain")


def test_time_and_machine_move_by_themselves() -> None:
    body = {"requests": 1, "uptime_seconds": 2, "process_cpu_seconds": 3, "timestamp": 4, "memory_bytes": 5}
    assert read(body).moving == {"requests": 1.0}


def test_figure_in_a_list_is_called_by_the_name_beside_it() -> None:
    names = [figure.name for figure in read({"series": [{"name": "latency", "p50": 1}]}).figures]
    assert names == ["series/0/latency/p50"]


def test_name_without_a_figure_is_a_name() -> None:
    metrics = read({"latency_ms": {"p95": None}})
    assert (metrics.names(Subject.LATENCY), metrics.covers(Subject.LATENCY)) == (True, False)
