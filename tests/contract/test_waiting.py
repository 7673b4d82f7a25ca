"""Asking again ends with the first answer that is enough, or with the last."""

import asyncio

from assisters_verify.contract.waiting import ask_until


def asked(answers: list[int], pauses: int) -> tuple[int, list[int]]:
    left = list(answers)

    async def ask() -> int:
        return left.pop(0)

    return asyncio.run(ask_until(ask, lambda found: found > 1, pauses_s=[0.0] * pauses)), left


def test_the_first_answer_that_is_enough_ends_it() -> None:
    assert asked([1, 1, 2, 3], 5) == (2, [3])


def test_the_last_answer_is_returned_where_none_is_enough() -> None:
    assert asked([1, 1, 1, 3], 2) == (1, [3])


def test_without_pauses_one_answer_is_all() -> None:
    assert asked([1, 2], 0) == (1, [2])
