"""The benchmarks' page says what was measured, and nothing else."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.content import content_root


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(content_root() / "benchmarks"))
    return importlib.import_module("load_generators")


def outcome(bench: Any, tool: str, per_s: float, **changes: Any) -> Any:
    figures: dict[str, Any] = {
        "scenario": "plain", "delivered": None, "requests": 1000, "reported": {}, "truth": {}, "cpu_s_per_1000": 0.03,
        "memory_mb": 60.0, "largest_mb": 50.0, "server_cpu_share": 0.3, "start_s": 1.2, "others_share": 0.1,
    }  # fmt: skip
    return bench.Outcome(tool=tool, per_s=per_s, **(figures | changes))


def page(bench: Any, outcomes: list[Any], folder: Path) -> str:
    versions = dict.fromkeys(bench.TOOLS, "1.0") | {"hey": None}
    return str(bench.write_page(outcomes, versions, bench.TOOLS, folder / "RESULTS.md"))


def test_rates_are_medians_with_their_ratio(side_by_side: Any, tmp_path: Path) -> None:
    runs = [("assisters-verify", 100), ("assisters-verify", 300), ("assisters-verify", 200), ("k6", 50)]

    text = page(side_by_side, [outcome(side_by_side, name, rate) for name, rate in runs], tmp_path)

    row = next(line for line in text.splitlines() if line.startswith("| k6 | 50 |"))
    assert row.split(" | ")[2] == "4.00 x"


def test_run_that_gave_nothing_is_not_counted(side_by_side: Any, tmp_path: Path) -> None:
    failed = outcome(side_by_side, "k6", 0.0, requests=0, problem="it did not start")

    text = page(side_by_side, [outcome(side_by_side, "k6", 50), failed], tmp_path)

    assert "| k6 | 50 |" in text


def test_generator_that_is_not_installed_is_named(side_by_side: Any, tmp_path: Path) -> None:
    text = page(side_by_side, [outcome(side_by_side, "k6", 50)], tmp_path)

    assert "Not installed on this machine: hey." in text


def test_truth_stands_beside_what_was_said(side_by_side: Any, tmp_path: Path) -> None:
    said = outcome(
        side_by_side, "aiperf", 9.0, scenario="paced", delivered=0.25, reported={"ttft_p50": 0.137},
        truth={"ttft_p50": 0.05},
    )  # fmt: skip

    assert "| aiperf | 25 % | 137.00 (50.00) |" in page(side_by_side, [said], tmp_path)
