"""Large bodies are read a few at a time, and those that somebody still has leave less room for the next."""

import asyncio
import gc

from assisters_verify.body_room import SMALL_BYTES, BodyRoom

_MOST = 4 * SMALL_BYTES


class Owner:
    """Somebody who has a body."""


def room_left(room: BodyRoom) -> int:
    async def ask() -> int:
        async with room.turn() as most:
            return most

    return asyncio.run(ask())


def test_first_large_body_may_take_all_that_there_is() -> None:
    assert room_left(BodyRoom(_MOST)) == _MOST


def test_body_that_is_held_leaves_less_room() -> None:
    room, owner = BodyRoom(_MOST), Owner()
    room.hold(owner, 2 * SMALL_BYTES)
    assert room_left(room) == 2 * SMALL_BYTES


def test_small_body_counts_for_nothing() -> None:
    room, owner = BodyRoom(_MOST), Owner()
    room.hold(owner, SMALL_BYTES)
    assert room_left(room) == _MOST


def test_small_body_has_room_however_much_is_held() -> None:
    room, owner = BodyRoom(_MOST), Owner()
    room.hold(owner, 9 * _MOST)
    assert room_left(room) == SMALL_BYTES


def test_room_comes_back_when_its_owner_goes() -> None:
    room, owner = BodyRoom(_MOST), Owner()
    room.hold(owner, 2 * SMALL_BYTES)
    del owner
    gc.collect()
    assert room_left(room) == _MOST


def test_two_large_bodies_are_read_at_a_time() -> None:
    room = BodyRoom(_MOST)
    reading: list[int] = []
    most: list[int] = []

    async def read() -> None:
        async with room.turn():
            reading.append(1)
            most.append(len(reading))
            await asyncio.sleep(0)
            reading.pop()

    async def run() -> None:
        await asyncio.gather(*(read() for _ in range(5)))

    asyncio.run(run())
    assert max(most) == 2
