"""Times are found in any common form, and nothing else is taken for one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from assisters_verify.contract.timestamps import times_in

MOMENT = datetime(2026, 11, 22, 21, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "entry",
    [
        {"time": "2026-11-22T21:30:15Z"},
        {"time": "2026-11-22T21:30:15.000000+00:00"},
        {"when": "2026-11-22T16:30:15-05:00"},
        {"at": "2026-11-22 21:30:15"},
        {"at": "2026-11-22 21:30:15 UTC"},
        {"stamp": "20261122T213015Z"},
        {"date": "Sun, 22 Nov 2026 21:30:15 GMT"},
        {"created": int(MOMENT.timestamp())},
        {"ts": MOMENT.timestamp()},
        {"timestamp": int(MOMENT.timestamp() * 1000)},
        {"time_us": int(MOMENT.timestamp() * 1_000_000)},
        {"epoch_ns": int(MOMENT.timestamp()) * 1_000_000_000},
        {"occurred_at": str(int(MOMENT.timestamp()))},
        {"event": {"meta": {"logged_at": "2026-11-22T21:30:15Z"}}},
    ],
)
def test_time_is_found(entry: Any) -> None:
    assert times_in(entry) == [MOMENT]


def test_day_alone_is_a_time() -> None:
    assert times_in({"day": "2026-11-22"}) == [datetime(2026, 11, 22, tzinfo=UTC)]


@pytest.mark.parametrize(
    "entry",
    [
        {"status": 200, "latency_ms": 12.5},
        {"bytes": 1_790_000_000},
        {"time": 5},
        {"time": "soon"},
        {"time": "2026-13-45T00:00:00Z"},
        {"time": None, "at": True},
        {"id": "2026112221301512345"},
        {"model": "gpt-4.1-mini", "path": "/v1/models"},
        "2026-11-22T21:30:15Z",
    ],
)
def test_what_is_no_time_is_left_alone(entry: Any) -> None:
    assert times_in(entry) == []
