"""Drawn parameters are the same for the same seed, rich, and easy to satisfy."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.contract.tool_schemas import draw_offers
from assisters_verify.reference.model.schema_values import make_arguments


def test_same_seed_draws_the_same() -> None:
    assert draw_offers(count=5, seed=3) == draw_offers(count=5, seed=3)


def test_other_seed_draws_others() -> None:
    assert draw_offers(count=5, seed=3) != draw_offers(count=5, seed=4)


@pytest.mark.parametrize("seed", range(4))
def test_drawn_parameters_can_be_satisfied(seed: int) -> None:
    for offer in draw_offers(count=40, seed=seed):
        schema = offer.tools[0]["function"]["parameters"]
        Draft202012Validator.check_schema(schema)
        arguments = make_arguments(schema, offer.prompt)
        assert Draft202012Validator(schema).is_valid(arguments), (schema, arguments)


@pytest.mark.parametrize("seed", range(4))
def test_a_handful_uses_most_keywords(seed: int) -> None:
    text = json.dumps([offer.tools for offer in draw_offers(count=5, seed=seed)])
    keywords = ("required", "additionalProperties", "enum", "pattern", "minimum", "multipleOf", "anyOf", "items")
    assert sum(f'"{keyword}"' in text for keyword in keywords) >= 7


def test_drawing_in_a_thread_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(draw_offers, count=1, seed=0).result()
    assert list(tmp_path.iterdir()) == []
