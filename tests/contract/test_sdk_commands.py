"""A client that is not there is said to be missing, with what would help."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.sdk_commands import curl_models, fetch_stream
from assisters_verify.judgement import NotApplicable
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
