"""Distributions show all values but a few, with their quantiles, and refusals beside what the limit promises."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.reporting.load.distributions import Clock, refusal_chart, spread_chart

if TYPE_CHECKING:
    from tests.reporting.load.conftest import Document

QUANTILES = {"count": 3, "p50": 0.1, "p95": 0.2, "p99": 0.4, "max": 0.4}


def clock(us: list[int], count: list[int], **summary: Any) -> Clock:
    return Clock(distribution={"us": us, "count": count}, summary={**QUANTILES, **summary}, name="from due")


def test_nothing_measured_is_no_chart() -> None:
    assert spread_chart("x", title="X", clocks=[clock([], [])]) is None


def test_both_clocks_are_in_one_chart(document: "Document") -> None:
    clocks = [
        Clock(distribution=document["distributions"][name], summary=document["measures"][name], name=words)
        for name, words in {"ttft_s": "from due", "ttft_sent_s": "from sent"}.items()
    ]
    chart = spread_chart("x", title="X", clocks=clocks)
    assert chart is not None
    assert [name for _, name in chart.keys] == ["from due", "from sent"]


def test_quantiles_are_marked(document: "Document") -> None:
    summary = document["measures"]["gap_s"]
    only = Clock(distribution=document["distributions"]["gap_s"], summary=summary, name="all")
    chart = spread_chart("x", title="X", clocks=[only])
    assert chart is not None
    assert [rule.label.split()[0] for rule in chart.upright] == ["p50", "p95", "p99"]


def test_quantiles_apart_share_a_row_and_close_ones_do_not() -> None:
    apart = spread_chart("x", title="X", clocks=[clock([1_000, 2_000_000], [50, 50], p50=0.001, p95=0.02, p99=2.0)])
    close = spread_chart("x", title="X", clocks=[clock([100_000, 200_000, 400_000], [1, 1, 1], p95=0.11, p99=0.12)])
    assert apart is not None
    assert close is not None
    assert ([rule.row for rule in apart.upright], [rule.row for rule in close.upright]) == ([0, 0, 0], [0, 1, 2])


@pytest.mark.parametrize("us", [[5_000], [0], [1], [5_000, 5_016], [1, 60_000_000]], ids=str)
def test_any_values_can_be_drawn(us: list[int]) -> None:
    chart = spread_chart("x", title="X", clocks=[clock(us, [10] * len(us))])
    assert chart is not None
    assert re.search(r"nan|inf|e-", chart.shapes[0].path) is None


def test_refusals_stand_beside_a_limit_that_is_kept(limited_document: "Document") -> None:
    chart = refusal_chart(limited_document["lanes"], 1000 / 60)
    assert chart is not None
    assert (len(chart.dots), chart.dots[4].label) == (5, "5x: 5 times the limit offered, 80 % refused")


def test_without_keys_there_are_no_refusals_to_draw() -> None:
    assert refusal_chart([], 1.0) is None
