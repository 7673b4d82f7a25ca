"""A plan tells ahead what a run costs, from figures that a real run confirms."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.costs import Cost, plan_lines, read_costs, total, without_burst
from assisters_verify.settings import RunSettings, Target

SPEC = content_root() / "spec"


def test_each_area_has_figures() -> None:
    areas = {clause.area for clause in load_catalogue(SPEC / "clauses.yaml").clauses if clause.untestable is None}
    assert set(read_costs(SPEC)) == areas


@pytest.mark.parametrize("area", ["embeddings"])
def test_a_real_run_costs_about_what_the_plan_says(tmp_path: Path, area: str) -> None:
    command = [sys.executable, "-m", "assisters_verify", "conformance", "--quiet", "--area", area]
    subprocess.run([*command, "--report-dir", str(tmp_path)], check=True, stdout=subprocess.DEVNULL, cwd=tmp_path)
    results = json.loads((tmp_path / "results.json").read_bytes())
    planned, usage = read_costs(SPEC)[area], results["usage"]
    ratios = {
        "requests": results["requests"] / planned.requests,
        "tokens": usage["tokens"] / planned.tokens,
        "bytes": usage["bytes_received"] / planned.bytes_received,
    }
    assert {name: ratio for name, ratio in ratios.items() if not 0.6 <= ratio <= 1.6} == {}


def test_areas_side_by_side_take_as_long_as_the_longest() -> None:
    whole = total([Cost(requests=10, duration_s=5.0), Cost(requests=20, keys=1, duration_s=7.0)], RunSettings())
    assert whole == Cost(requests=30, keys=1, duration_s=7.0)


def test_rate_limit_makes_many_requests_take_their_windows() -> None:
    settings = RunSettings(target=Target.model_validate({"rate_limit": {"requests": 10, "window_s": 60.0}}))
    assert total([Cost(requests=28, burst=1)], settings).duration_s == 120.0


def test_burst_that_nobody_allowed_is_left_out() -> None:
    assert without_burst(Cost(requests=1000, burst=900, keys=2)) == Cost(requests=100, keys=2)


def test_plan_says_what_it_assumes() -> None:
    costs = {"chat": Cost(requests=160, tokens=50, most_tokens=900, duration_s=3.0)}
    text = "\n".join(plan_lines(RunSettings(), {"chat": ["CHAT-01"], "own": ["OWN-01"]}, costs, may_burst=False))
    expected = ("adds about 10 s with 16 requests", "need --allow-burst", "No figures for own", "900")
    assert [words for words in expected if words not in text] == []
