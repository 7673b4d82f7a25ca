"""Runs that differ in suite, scope and promises, and two of which the target writes as harmfully as it can."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.reporting.matrix import Source
from assisters_verify.reporting.matrix.table import Matrix, side_by_side

Results = dict[str, Any]
HOSTILE_URL = 'http://a.example/"><script>alert(3)</script>|`x`'


@pytest.fixture
def other(results: Results) -> Results:
    """Return the result of a later suite, of the core profile, that knows fewer clauses and one more."""
    later = copy.deepcopy(results)
    later["suite"]["version"] = "0.2.0"
    later["options"] = {"profile": "core"}
    later["target"]["base_url"] = HOSTILE_URL
    later["clauses"] = [each for each in later["clauses"] if each["area"] != "metrics"]
    later["clauses"][0] |= {"verdict": "fail", "reason": "expected 200, received 500"}
    later["clauses"].insert(1, {**copy.deepcopy(later["clauses"][0]), "id": "CHAT-09"})
    return later


@pytest.fixture
def matrix(results: Results, other: Results, green_results: Results) -> Matrix:
    """Return the matrix of three runs."""
    return side_by_side(
        [
            Source(name="first", results=results),
            Source(name="<b>second</b>", results=other),
            Source(name="third", results=green_results),
        ]
    )


@pytest.fixture
def full_matrix(full_run: Callable[..., tuple[Results, Any]]) -> Callable[..., Matrix]:
    """Return a function that makes the matrix of six runs over the whole catalogue, every `nth` clause broken."""

    def make(*, nth: int, text: str) -> Matrix:
        results, _ = full_run(nth=nth, text=text)
        return side_by_side([Source(name=f"run-{n}", results=results) for n in range(6)])

    return make
