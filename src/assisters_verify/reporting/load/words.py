"""The names of measures for people, in one place, so that all reports speak alike."""

from assisters_verify.reporting.load.figures import measure_of
from assisters_verify.settings.thresholds import KINDS, STATISTICS

MEASURES: dict[str, str] = {
    "ttft_s": "First token, from due",
    "ttft_sent_s": "First token, from sent",
    "gap_s": "Gap between tokens",
    "tpot_s": "Time per output token",
    "stream_tokens_per_s": "Tokens a second of a stream",
    "latency_s": "Whole answer, from due",
    "service_s": "Whole answer, from sent",
    "queue_s": "Queue: from due to sent",
    "refusal_s": "Refusal (429), from sent",
    "error_rate": "Requests without their answer",
    "failure_rate": "Requests that failed",
    "refused_rate": "Requests refused (429)",
    "goodput": "Good requests",
    "achieved_per_s": "Requests finished a second",
    "ok_per_s": "Requests answered a second",
    "tokens_per_s": "Tokens a second, overall",
    "delivered_share": "Load delivered of the load asked for",
}
MEANINGS: dict[str, str] = {
    "ttft_s": "until the first piece of content, not the first byte, counted from when the request was due",
    "ttft_sent_s": "the same, counted from when the request was sent",
    "gap_s": "between two pieces of content of one stream",
    "tpot_s": "from the first to the last piece of content, divided by the tokens after the first",
    "stream_tokens_per_s": "tokens of a stream by the time from its first to its last",
    "latency_s": "until the last byte, counted from when the request was due",
    "service_s": "until the last byte, counted from when the request was sent",
    "queue_s": "from when a request was due to when it was sent",
    "refusal_s": "until the last byte of a 429",
}


def of_threshold(name: str) -> str:
    """Return the dotted name of a threshold in words: `First token, from due: p95 (streaming)`."""
    parts = name.split(".")
    words = MEASURES.get(measure_of(name), measure_of(name))
    statistic = f": {parts[-1]}" if parts[-1] in STATISTICS else ""
    kind = f" ({parts[0].replace('_', ' ')})" if parts[0] in KINDS else ""
    return f"{words}{statistic}{kind}"
