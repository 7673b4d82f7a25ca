"""Histograms are exact where they promise it, and within half a bucket elsewhere."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.measures.histogram import COARSE, FINE, QUANTILES, Histogram, bounds, bucket

VALUES = st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=200)


PRECISIONS = {FINE: 0.0005, COARSE: 0.004}


def histogram_of(values: list[int], bits: int = FINE) -> Histogram:
    histogram = Histogram(bits=bits)
    histogram.record_many(values)
    return histogram


@pytest.mark.parametrize(("bits", "error"), PRECISIONS.items())
@given(value=st.integers(min_value=0, max_value=10**15))
def test_value_lies_in_its_bucket_which_is_narrow(bits: int, error: float, value: int) -> None:
    least, most = bounds(bucket(value, bits), bits)

    assert least <= value <= most
    assert (most - least) / 2 <= error * max(value, 1)


@pytest.mark.parametrize("bits", PRECISIONS)
def test_buckets_follow_each_other_without_gaps(bits: int) -> None:
    assert all(bounds(index, bits)[1] + 1 == bounds(index + 1, bits)[0] for index in range(20_000))


@pytest.mark.parametrize(("bits", "error"), PRECISIONS.items())
@given(values=VALUES, share=st.floats(min_value=0, max_value=1))
def test_quantile_is_within_half_a_bucket_of_the_nearest_rank(
    bits: int, error: float, values: list[int], share: float
) -> None:
    ordered = sorted(values)
    true = ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
    found = histogram_of(values, bits).quantile_s(share)

    assert found is not None
    assert abs(found * 1e6 - true) <= error * true + 0.001


@given(value=st.integers(min_value=60_000, max_value=400_000), spread=st.integers(min_value=0, max_value=200))
def test_median_of_long_times_is_within_a_fifth_of_a_millisecond(value: int, spread: int) -> None:
    found = histogram_of(list(range(value - spread, value + spread + 1))).quantile_s(0.5)

    assert found is not None
    assert abs(found * 1e6 - value) <= 200


@given(VALUES, VALUES)
def test_merging_is_the_same_as_having_counted_everything_in_one_place(one: list[int], other: list[int]) -> None:
    merged = histogram_of(one)
    merged.merge(histogram_of(other))

    assert merged.to_wire() == histogram_of(one + other).to_wire()


@given(VALUES, VALUES)
def test_fine_and_coarse_make_what_had_been_coarse_all_along(fine: list[int], coarse: list[int]) -> None:
    whole = histogram_of(fine + coarse, COARSE).to_wire()
    one, other = histogram_of(fine), histogram_of(coarse, COARSE)
    one.merge(histogram_of(coarse, COARSE))
    other.merge(histogram_of(fine))

    assert (one.to_wire(), other.to_wire()) == (whole, whole)


@given(VALUES, VALUES)
def test_what_became_coarse_goes_on_counting(fine: list[int], more: list[int]) -> None:
    merged = histogram_of(fine)
    merged.merge(histogram_of([1], COARSE))
    merged.record_many(more)

    assert merged.to_wire() == histogram_of([*fine, 1, *more], COARSE).to_wire()


@given(VALUES)
def test_wire_form_loses_nothing(values: list[int]) -> None:
    wire = json.loads(json.dumps(histogram_of(values).to_wire()))

    assert Histogram.from_wire(wire).to_wire() == histogram_of(values).to_wire()


@given(VALUES, st.lists(st.floats(min_value=0, max_value=1)))
def test_several_quantiles_are_those_of_each(values: list[int], shares: list[float]) -> None:
    histogram = histogram_of(values)

    assert histogram.quantiles_s(shares) == [histogram.quantile_s(share) for share in shares]


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
