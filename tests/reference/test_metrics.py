"""Metrics: latency and errors of an account, as JSON or Prometheus text."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families


def test_metrics_count_requests_errors_and_latency(api: Any) -> None:
    api.chat()
    api.get("/v1/no-such-route")
    shown = api.get("/v1/metrics").json
    assert (shown["requests"], shown["latency_ms"]["count"]) == ({"total": 2, "errors": 1, "error_rate": 0.5}, 2)


def test_accept_header_asks_for_prometheus_text(api: Any) -> None:
    api.get("/v1/no-such-route")
    seen = api.get("/v1/metrics", headers={"Accept": "text/plain"})
    samples = {sample.name: sample.value for family in text_string_to_metric_families(seen.body.decode())
               for sample in family.samples}  # fmt: skip
    assert (samples["assisters_requests_total"], samples["assisters_errors_total"]) == (1, 1)


def test_latency_is_measured(make_api: Any) -> None:
    api = make_api(latency_s=0.02)
    api.chat()
    assert api.get("/v1/metrics").json["latency_ms"]["mean"] >= 20


def test_new_account_has_empty_metrics(api: Any) -> None:
    assert api.get("/v1/metrics").json["requests"]["total"] == 0
