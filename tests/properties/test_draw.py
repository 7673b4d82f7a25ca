"""Requests are drawn by schemathesis, the same ones for the same seed, and nothing is left behind."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis.internal.charmap import charmap_file

from assisters_verify.isolation import isolated_hypothesis
from assisters_verify.properties.case import Mode
from assisters_verify.properties.draw import Draw, draw_requests

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 5}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": SCHEMA}}},
                "responses": {"200": {"description": "Success"}},
            }
        }
    },
}


def draw(mode: Mode, *, seed: int = 0, examples: int = 10) -> list[Draw]:
    with isolated_hypothesis():
        return draw_requests(DOCUMENT, mode, seed=seed, examples=examples)


def test_valid_requests_cover_both_ends_of_a_range() -> None:
    drawn = {each.body["n"] for each in draw(Mode.VALID) if not each.is_random}
    assert {1, 5} <= drawn <= {1, 2, 3, 4, 5}


def test_invalid_requests_cross_both_ends_of_a_range() -> None:
    drawn = [each.body.get("n") for each in draw(Mode.INVALID, examples=0) if isinstance(each.body, dict)]
    assert {0, 6} <= {value for value in drawn if isinstance(value, int)}


def test_every_draw_says_what_it_was_made_for() -> None:
    assert [each for each in draw(Mode.INVALID) if not each.note] == []


def test_as_many_random_requests_as_were_asked_for() -> None:
    assert sum(each.is_random for each in draw(Mode.INVALID, examples=10)) == 10


def test_no_random_requests() -> None:
    assert [each for each in draw(Mode.VALID, examples=0) if each.is_random] == []


@pytest.mark.parametrize("mode", list(Mode))
def test_same_seed_draws_the_same(mode: Mode) -> None:
    assert draw(mode, seed=4) == draw(mode, seed=4)


def test_another_seed_draws_others() -> None:
    assert draw(Mode.INVALID, seed=4) != draw(Mode.INVALID, seed=5)


def test_document_is_left_as_it_was() -> None:
    before = copy.deepcopy(DOCUMENT)
    draw(Mode.VALID)
    assert before == DOCUMENT


def test_hypothesis_stores_elsewhere_only_while_it_is_isolated() -> None:
    with isolated_hypothesis():
        inside = charmap_file()
    outside = charmap_file()
    assert (inside.is_relative_to(Path.cwd()), outside == inside) == (False, False)
