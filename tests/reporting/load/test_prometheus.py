"""Live figures are served as Prometheus text on this machine."""

import urllib.request

from prometheus_client import CollectorRegistry, generate_latest

from assisters_verify.reporting.load.prometheus import LiveFigures, serve


def text_of(figures: LiveFigures) -> str:
    registry = CollectorRegistry()
    registry.register(figures)
    return generate_latest(registry).decode()


def test_the_last_event_is_what_is_told() -> None:
    figures = LiveFigures("streaming")
    for sent in (5, 9):
        figures.take({"event": "second", "t_s": 2.0, "sent": sent, "running": 3, "ttft_p95_s": 0.25})
    text = text_of(figures)
    assert 'assisters_verify_load_sent_total{scenario="streaming"} 9.0' in text
    assert 'assisters_verify_load_ttft_p95_seconds{scenario="streaming"} 0.25' in text


def test_what_is_not_known_yet_is_left_out() -> None:
    assert "ttft_p95" not in text_of(LiveFigures("chat"))


def test_figures_are_served_on_a_port_of_this_machine() -> None:
    figures = LiveFigures("chat")
    figures.take({"event": "second", "sent": 7})
    port = serve(figures, 0)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    assert 'assisters_verify_load_sent_total{scenario="chat"} 7.0' in text
