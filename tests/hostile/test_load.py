"""A load run against hostile servers: it ends, is never green, and keeps the secret."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from tests.hostile.harness import Ran, run_load
from tests.hostile.inspection import faults_of_load
from tests.hostile.servers import API_KEY, SECOND_API_KEY, WEBHOOK_SECRET, started

_SHORT = ("--users", "2", "--duration", "2", "--warm-up", "0", "--timeout", "3")
# What speaks no HTTP is out of reach; what answers badly fails, or is void where the machine was the limit.
_UNREACHABLE = ("headers_100000", "never_answers", "no_http", "reset_after_request")
_SPOILT = (
    "cut_chunks",
    "dies_in_the_middle",
    "echoes_coded",
    "echoes_in_pieces",
    "echoes_plain",
    "endless_stream",
    "gzip_bomb",
    "json_200000_digits",
    "line_of_10_mb",
    "redirects_elsewhere_307",
    "reset_in_stream",
)
_SCENARIOS = {"echoes_in_pieces", "endless_stream", "line_of_10_mb", "reset_in_stream"}
_BADLY = frozenset({1, 5})
# These would be out of reach, if they were as bad to who only looks.
_MET_LATE = ("endless_trailers", "headers_of_10_mb")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Future[Ran]"]]:
    """Return what came of each server; several are loaded at a time, since most of it is waiting."""
    folder = tmp_path_factory.mktemp("loaded")

    def load(name: str) -> Ran:
        with started(name, is_met_late=name in _MET_LATE) as (server, beside):
            ran = run_load(server.url, folder / name, *_SHORT, scenario="streaming" if name in _SCENARIOS else "chat")
            assert not [request for request in beside.received if API_KEY.encode() in request.raw]
        return ran

    with ThreadPoolExecutor(3) as pool:
        yield {name: pool.submit(load, name) for name in (*_UNREACHABLE, *_SPOILT, *_MET_LATE)}


@pytest.mark.parametrize("name", _UNREACHABLE)
def test_server_that_speaks_no_http_is_out_of_reach_of_load(loaded: dict[str, "Future[Ran]"], name: str) -> None:
    ran = loaded[name].result()
    faults = faults_of_load(ran, secrets=(API_KEY, SECOND_API_KEY, WEBHOOK_SECRET), statuses={3})
    assert (faults, len(ran.stderr.splitlines()), ran.reports.exists()) == ([], 1, False)


@pytest.mark.parametrize("name", [*_SPOILT, *_MET_LATE])
def test_server_that_answers_badly_is_never_green_under_load(loaded: dict[str, "Future[Ran]"], name: str) -> None:
    ran = loaded[name].result()
    faults = faults_of_load(ran, secrets=(API_KEY, SECOND_API_KEY, WEBHOOK_SECRET), statuses=_BADLY)
    assert faults == []
