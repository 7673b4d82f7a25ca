"""Lives of keys make sense, and are the same for the same seed."""

import asyncio
from pathlib import Path

import pytest

from assisters_verify.contract.key_lives import draw_lives
from assisters_verify.contract.key_steps import Act, Life, Step, draw_lives_apart, lives_from_json, lives_to_json
from assisters_verify.isolation import isolated_hypothesis


def drawn(seed: int) -> list[Life]:
    with isolated_hypothesis():
        return draw_lives(run_seed=seed, lives=3, steps=12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_only_living_keys_are_deleted_and_only_created_ones_used(seed: int) -> None:
    wrong = []
    for life in drawn(seed):
        created, deleted = 0, set()
        for step in life:
            if step.act is Act.CREATE:
                created += 1
            elif step.key >= created or (step.act is Act.DELETE and step.key in deleted):
                wrong.append((life, step))
            elif step.act is Act.DELETE:
                deleted.add(step.key)
    assert wrong == []


def test_every_life_deletes_several_keys() -> None:
    assert min(sum(step.act is Act.DELETE for step in life) for life in drawn(0)) >= 2


def test_process_of_its_own_draws_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    apart = asyncio.run(draw_lives_apart(seed=3, lives=3, steps=12))
    assert (apart, list(tmp_path.iterdir())) == (drawn(3), [])


def test_lives_survive_json() -> None:
    lives: list[Life] = [(Step(Act.CREATE, 0), Step(Act.DELETE, 0)), ()]
    assert lives_from_json(lives_to_json(lives)) == lives
