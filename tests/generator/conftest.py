"""Drives of a few requests against servers of a few lines."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from assisters_verify.generator.clock import now_us
from assisters_verify.generator.drive import Drive
from assisters_verify.generator.lanes import Lane, Recorded, RetryPolicy
from assisters_verify.generator.requests import Request
from assisters_verify.measures.ledger import Row
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings

KEY = "sk-test-51c0ffee51c0ffee"
DriveRun = Callable[..., tuple[Measures, list[Row]]]


def settings_for(url: str, **values: Any) -> LoadSettings:
    target = {"base_url": url, "timeout_s": 5.0, **values.pop("target", {})}
    loop = {} if {"users", "rate_per_s"} & set(values) else {"rate_per_s": 100.0}
    return LoadSettings.model_validate({"scenario": "x", "target": target, "duration_s": 30.0, **loop, **values})


def request(_random: object, number: int, *, is_stream: bool = False, **more: Any) -> Request:
    kind = "streaming" if is_stream else "chat"
    body = b'{"model": "m", "number": %d}' % number
    return Request(kind=kind, path="/v1/chat/completions", body=body, is_stream=is_stream, **more)


def lane_of(
    times_s: Sequence[float] = (0.0,), *, is_stream: bool = False, retry: RetryPolicy | None = None, **more: Any
) -> Lane:
    return Lane(
        name="lane",
        kind="streaming" if is_stream else "chat",
        request=lambda random, number: request(random, number, is_stream=is_stream, **more),
        arrivals=Recorded(times_s=tuple(times_s)),
        retry=retry,
    )


@pytest.fixture
def drive() -> DriveRun:
    """Return a function that drives lanes to their end, and returns what was measured, and the ledger's rows."""

    def run(url: str, *lanes: Lane, **values: Any) -> tuple[Measures, list[Row]]:
        settings = settings_for(url, **values)
        whole = Drive(lanes, settings, (KEY, f"{KEY}-2"), started_us=now_us(), keeps_ledger=True)
        whole.run()
        measures, rows = whole.take_last()
        return measures, list(unpack(rows))

    return run


def unpack(rows: bytes) -> list[Row]:
    size = len(Row(*([0] * 16)).pack())
    return [Row.unpack(rows[at : at + size]) for at in range(0, len(rows), size)]


@pytest.fixture
def lane() -> Callable[..., Lane]:
    """Return what makes a lane of requests that are due at given times."""
    return lane_of
