"""The command against hostile servers: it ends, tells the truth, stays small and keeps the secret.

A part of `python -m tests.hostile`, with few checks each; that runs all checks against all servers.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from tests.hostile.__main__ import examine
from tests.hostile.harness import Ran, run_conformance
from tests.hostile.inspection import NEVER_GREEN

_DEADLINE_S = 8.0
_CLAUSES = ("MODEL-01", "CHAT-22", "CHAT-01", "STREAM-01")
_FEW = (*(word for name in _CLAUSES for word in ("--clause", name)), "--timeout", "3", "--retries", "1")
_UNREACHABLE = frozenset({"closes_after_request", "header_of_10_mb", "headers_100000", "never_answers", "no_http"})
# What is late is so by the deadline, or by the time of one exchange.
_LATE_OR_BROKEN = frozenset({"drips_body", "drips_events", "endless_tiny_chunks", "every_body_cut"})
_BROKEN = frozenset(
    {
        "brotli_bomb",
        "cut_chunks",
        "echoes_coded",
        "echoes_in_fragments",
        "echoes_oddly",
        "echoes_packed",
        "echoes_in_pieces",
        "echoes_plain",
        "endless_stream",
        "gzip_bomb",
        "json_200000_digits",
        "json_200000_lists_deep",
        "json_lone_surrogates",
        "json_nulls",
        "line_of_10_mb",
        "redirect_307_with_the_key",
        "redirects_elsewhere_307",
        "reset_in_body",
        "status_999",
        "zstd_bomb",
    }
)
# A server may be conforming in what these few clauses ask, and hostile beside that.
_ANY = frozenset(
    {
        "payloads_in_messages",
        "keys_in_every_text",
        "payloads_everywhere",
        "payloads_in_models",
        "echoes_beside_good_answers",
    }
)
_MAY_HOLD = NEVER_GREEN | {0}
_NAMES = sorted(_UNREACHABLE | _LATE_OR_BROKEN | _BROKEN | _ANY)
Found = tuple[Ran, list[str]]


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Future[Found]"]]:
    """Return what came of each server; several are examined at a time, since most of it is waiting."""
    folder = tmp_path_factory.mktemp("hostile")
    with ThreadPoolExecutor(4) as pool:
        yield {
            name: pool.submit(
                partial(examine, deadline_s=_DEADLINE_S, statuses=_MAY_HOLD if name in _ANY else NEVER_GREEN),
                *(name, folder / name, *_FEW),
            )
            for name in _NAMES
        }


@pytest.mark.parametrize("name", _NAMES)
def test_hostile_server_does_no_harm(examined: dict[str, "Future[Found]"], name: str) -> None:
    _, faults = examined[name].result()
    assert faults == []


@pytest.mark.parametrize("name", sorted(_UNREACHABLE))
def test_server_that_speaks_no_http_is_unreachable(examined: dict[str, "Future[Found]"], name: str) -> None:
    ran, _ = examined[name].result()
    assert (ran.status, len(ran.stderr.splitlines()), ran.reports.exists()) == (3, 1, False)


@pytest.mark.parametrize("name", sorted(_BROKEN))
def test_server_that_breaks_its_answers_is_broken(examined: dict[str, "Future[Found]"], name: str) -> None:
    ran, _ = examined[name].result()
    assert ran.status == 1, ran.stdout.decode()


@pytest.mark.parametrize("name", sorted(_LATE_OR_BROKEN))
def test_server_that_never_ends_is_never_green(examined: dict[str, "Future[Found]"], name: str) -> None:
    ran, _ = examined[name].result()
    assert ran.status in {1, 3}, ran.stdout.decode()


def test_name_that_is_never_resolved_is_told(tmp_path: Path) -> None:
    ran = _with_hanging_resolver(tmp_path)
    (line,) = ran.stderr.decode().splitlines()
    told = "cannot reach https://nowhere.example: the name nowhere.example was not resolved within 10 s. Is it right"
    assert (ran.status, line) == (3, f"assisters-verify: {told}, and does this machine's resolver work?")


def _with_hanging_resolver(folder: Path) -> Ran:
    code = "import socket, threading\nsocket.getaddrinfo = lambda *_a, **_k: threading.Event().wait()\n"
    (folder / "sitecustomize.py").write_text(code)
    return run_conformance("https://nowhere.example", folder, variables={"PYTHONPATH": str(folder)})
