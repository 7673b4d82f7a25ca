"""A client that is not there is said to be missing, with what would help."""

import resource
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.hostile.servers import started

from assisters_verify.contract.sdk_commands import curl_models, fetch_stream
from assisters_verify.judgement import NotApplicable, Undecided
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import ProbeRun

CALLS: dict[str, Callable[[Probe], Awaitable[Any]]] = {
    "node": lambda probe: fetch_stream(probe, Path("fetch.mjs")),
    "curl": curl_models,
}


@pytest.mark.parametrize("name", list(CALLS))
def test_missing_client_is_named_with_the_remedy(
    with_probe: "ProbeRun", monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotApplicable, match=f"{name} is not installed: install .* is on the PATH"):
        with_probe("http://127.0.0.1:1", CALLS[name])


@pytest.mark.skipif(
    not hasattr(resource, "prlimit") or not shutil.which("curl"), reason="nothing to bound, or nothing with"
)
def test_curl_is_kept_small(with_probe: "ProbeRun") -> None:
    with started("endless_trailers") as (server, _), pytest.raises(Undecided, match="status 27: curl"):
        with_probe(server.url, curl_models)
