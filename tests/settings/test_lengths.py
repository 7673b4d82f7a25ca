"""Lengths are drawn as they were asked for, and what cannot be drawn from is refused."""

from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from assisters_verify.settings.lengths import Lengths


def drawn(value: Any) -> list[int]:
    lengths, random = Lengths.model_validate(value), Random(7)  # noqa: S311 - lengths, no secrets
    return [lengths.draw(random) for _ in range(2_000)]


def test_a_number_is_always_that_number() -> None:
    assert set(drawn(12)) == {12}


def test_uniform_reaches_both_ends_and_nothing_beyond() -> None:
    found = drawn({"uniform": [3, 5]})
    assert set(found) == {3, 4, 5}


def test_normal_stays_within_its_bounds() -> None:
    found = drawn({"normal": [100, 50], "least": 20, "most": 150})
    assert (min(found), max(found), 90 < sum(found) / len(found) < 110) == (20, 150, True)


def test_lognormal_has_its_median() -> None:
    found = sorted(drawn({"lognormal": [100, 0.5]}))
    assert 95 < found[1_000] < 105


def test_choices_come_by_their_weights() -> None:
    found = drawn({"choices": {20: 3, 400: 1}})
    assert (set(found), 0.7 < found.count(20) / len(found) < 0.8) == ({20, 400}, True)


def test_the_same_seed_draws_the_same() -> None:
    assert drawn({"uniform": [1, 1000]}) == drawn({"uniform": [1, 1000]})


@pytest.mark.parametrize("value", [12, {"choices": {20: 3, 400: 1}}, {"lognormal": [100, 0.5], "most": 900}])
def test_json_and_back_changes_nothing(value: Any) -> None:
    lengths = Lengths.model_validate(value)
    assert Lengths.model_validate_json(lengths.model_dump_json()) == lengths


def test_the_mean_of_an_estimate_is_about_right() -> None:
    assert 95 < Lengths.model_validate({"uniform": [1, 200]}).mean < 106


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        True,
        1.5,
        "12",
        {},
        {"fixed": 1, "uniform": [1, 2]},
        {"uniform": [5, 3]},
        {"fixed": 1, "least": 2, "most": 1},
    ],
    ids=str,
)
def test_what_is_no_distribution_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Lengths.model_validate(value)
