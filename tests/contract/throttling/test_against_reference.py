"""Real runs against the reference server: real sockets, real clocks, small windows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from assisters_verify.cli.load_fitting import fit
from assisters_verify.contract.load_keys import borrowed_keys
from assisters_verify.contract.throttling.judging import bench_of
from assisters_verify.load_run import run_load
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.server import ReferenceServer
from assisters_verify.settings import Secrets
from assisters_verify.settings.base_url import parse_base_url
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.target import RateLimit, Target

REQUESTS, WINDOW_S = 60, 1.0
Judged = Callable[..., dict[str, str]]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    def run(scenario: str, *faults: str, windows: int = 1, token_gap_s: float = 0.001) -> dict[str, str]:
        limit = RateLimit(requests=windows * REQUESTS, window_s=windows * WINDOW_S)
        options = ReferenceOptions(
            limit=limit.requests, window_s=limit.window_s, latency_s=0.02, faults=faults, token_gap_s=token_gap_s
        )
        with ReferenceServer(options) as server:
            target = Target(base_url=parse_base_url(server.base_url), rate_limit=limit)
            plain = LoadSettings(scenario=scenario, target=target, rate_per_s=1.0, drain_s=5.0, report_dir=tmp_path)
            settings = fit(plain, {})
            secrets = Secrets(api_key=SecretStr(server.api_key))
            finished = run_load(
                settings, keys=borrowed_keys(settings, secrets, say=print), bench=bench_of(scenario), on_event=_ignore
            )
        assert finished.document is not None
        assert finished.document["leftovers"] == []
        return {clause["id"]: clause["verdict"] for clause in finished.document["clauses"]}

    return run


def _ignore(_event: dict[str, Any]) -> None:
    pass


def test_conforming_server_breaks_nothing(judged: Judged) -> None:
    """On a busy machine not everything can be decided; nothing may be blamed."""
    found = judged("throttling")

    assert set(found.values()) & {"fail", "warn", "error"} == set()


def test_several_faults_are_each_found_in_one_run(judged: Judged) -> None:
    """The streams run for a fifth of a second, and are many: on a busy machine short ones end before any refusal."""
    faults = ("limit_is_half_more", "limit_lacks_envelope", "retry_after_is_too_short", "limit_cuts_running_streams")
    found = judged("throttling", *faults, windows=2, token_gap_s=0.005)

    assert {clause: found[clause] for clause in ("LOAD-01", "LOAD-06", "LOAD-10")} == {
        "LOAD-01": "fail",
        "LOAD-06": "fail",
        "LOAD-10": "fail",
    }


def test_refusals_with_another_status_are_found(judged: Judged) -> None:
    assert judged("throttling", "limit_answers_503")["LOAD-09"] == "fail"


def test_limit_that_keys_share_is_found(judged: Judged) -> None:
    found = judged("isolation", "limit_is_shared_by_keys")

    assert (found["LOAD-02"], found["LOAD-04"]) == ("fail", "fail")


def test_limit_of_a_connection_is_found(judged: Judged) -> None:
    assert judged("throttling", "limit_is_of_a_connection", "refusals_are_slow")["LOAD-01"] == "fail"


def test_retry_after_that_nobody_can_read_is_found(judged: Judged) -> None:
    assert judged("throttling", "retry_after_is_a_word")["LOAD-08"] == "fail"
