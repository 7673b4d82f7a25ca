"""Histograms are exact where they promise it, and within half a bucket elsewhere."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.measures.histogram import QUANTILES, Histogram, bounds, bucket

VALUES = st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=200)


def histogram_of(values: list[int]) -> Histogram:
    histogram = Histogram()
    histogram.record_many(values)
    return histogram


@given(st.integers(min_value=0, max_value=10**15))
def test_value_lies_in_its_bucket_which_is_narrow(value: int) -> None:
    least, most = bounds(bucket(value))

    assert least <= value <= most
    assert (most - least) / 2 <= 0.004 * max(value, 1)


def test_buckets_follow_each_other_without_gaps() -> None:
    assert all(bounds(index)[1] + 1 == bounds(index + 1)[0] for index in range(5_000))


@given(VALUES, st.floats(min_value=0, max_value=1))
def test_quantile_is_within_half_a_per_cent_of_the_nearest_rank(values: list[int], share: float) -> None:
    ordered = sorted(values)
    true = ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
    found = histogram_of(values).quantile_s(share)

    assert found is not None
    assert abs(found * 1e6 - true) <= 0.004 * true + 0.001


@given(VALUES, VALUES)
def test_merging_is_the_same_as_having_counted_everything_in_one_place(one: list[int], other: list[int]) -> None:
    merged = histogram_of(one)
    merged.merge(histogram_of(other))

    assert merged.to_wire() == histogram_of(one + other).to_wire()


@given(VALUES)
def test_wire_form_loses_nothing(values: list[int]) -> None:
    wire = json.loads(json.dumps(histogram_of(values).to_wire()))

    assert Histogram.from_wire(wire).to_wire() == histogram_of(values).to_wire()


@given(VALUES)
def test_percentiles_rise_and_never_pass_the_maximum(values: list[int]) -> None:
    summary = histogram_of(values).summary()
    rising = [summary[name] or 0.0 for name in (*QUANTILES, "max")]

    assert all(earlier <= later for earlier, later in pairwise(rising))


@given(VALUES)
def test_count_sum_and_ends_are_exact(values: list[int]) -> None:
    histogram = histogram_of(values)

    assert (histogram.count, histogram.sum_us, histogram.min_us, histogram.max_us) == (
        len(values),
        sum(values),
        min(values),
        max(values),
    )


def test_one_by_one_is_the_same_as_all_at_once() -> None:
    single = Histogram()
    for value in range(10_000):
        single.record(value)

    assert single.to_wire() == histogram_of(list(range(10_000))).to_wire()


def test_negative_values_count_as_nothing_spent() -> None:
    assert histogram_of([-5, 3]).to_wire() == histogram_of([0, 3]).to_wire()


def test_empty_histogram_has_no_figures() -> None:
    summary = Histogram().summary()

    assert summary == {"count": 0, "mean": None, "p50": None, "p90": None, "p95": None, "p99": None, "max": None}


def test_merging_with_an_empty_one_changes_nothing() -> None:
    merged = histogram_of([7, 9])
    merged.merge(Histogram())

    assert merged.to_wire() == histogram_of([7, 9]).to_wire()


def test_share_at_most_counts_whole_buckets() -> None:
    assert histogram_of([1, 2, 3, 4]).share_at_most(2e-6) == 0.5
