"""What all checks of a run share: it is bounded, it is looked after, and what was made is taken back."""

import asyncio
import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify import session as module
from assisters_verify.answer import Answer
from assisters_verify.judgement import Undecided
from assisters_verify.pacing import Pacer
from assisters_verify.session import tokens_told
from assisters_verify.wire import Order, Reply, Wire

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

    from assisters_verify.probe import Probe

NOWHERE = "http://127.0.0.1:1"


def answer_forever(peer: "Peer") -> None:
    while True:
        peer.read()
        peer.answer(b"{}")


def seen(body: bytes) -> Answer:
    return Answer(
        exchange="x0001",
        method="GET",
        path="/",
        status=200,
        headers={},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
    )


def test_no_more_exchanges_than_allowed_are_under_way(serve: "Serve", with_probe: "ProbeRun") -> None:
    under_way: list[int] = []
    count = itertools.count()

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            under_way.append(next(count))
            peer.pause(0.01)
            peer.answer(b"{}")

    most = 0

    async def use(probe: "Probe") -> None:
        nonlocal most
        running = 0

        async def send() -> None:
            nonlocal most, running
            order = Order(method="GET", path="/")
            # What is under way is counted on the wire, behind the places of the session.
            await probe.session.exchange(order, check="", clause="", attempt=1)

        original = probe.session.wire.send

        async def counted(order: Order, reply: Reply) -> None:
            nonlocal most, running
            running += 1
            most = max(most, running)
            try:
                await original(order, reply)
            finally:
                running -= 1

        probe.session.wire.send = counted  # type: ignore[method-assign]
        await asyncio.gather(*(send() for _ in range(20)))

    with_probe(serve(script).url, use, concurrency=3)
    assert (most, len(under_way)) == (3, 20)


def test_who_is_alone_has_the_target_to_itself(serve: "Serve", with_probe: "ProbeRun") -> None:
    """What waits for its turn is held back, and goes on afterwards; what is sent out of turn is not."""
    server = serve(answer_forever)

    async def use(probe: "Probe") -> None:
        async with probe.session.alone(at_most_s=60):
            held = asyncio.create_task(probe.get("/held"))
            await probe.get("/urgent", is_slotted=False)
        await held

    with_probe(server.url, use)
    assert [request.target for request in server.received] == ["/urgent", "/held"]


def test_nobody_is_held_back_for_longer_than_was_said(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answer_forever)

    async def use(probe: "Probe") -> None:
        async with probe.session.alone(at_most_s=0.01):
            await probe.get("/held")

    with_probe(server.url, use)
    assert [request.target for request in server.received] == ["/held"]


def test_who_waits_for_a_limit_keeps_no_place_from_others(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answer_forever)

    async def use(probe: "Probe") -> None:
        limits: dict[str, Any] = {"requests": 2, "window_s": 0.3}
        probe.session._pacers = {key: Pacer(**limits) for key in ("one", "other")}
        await probe.get("/one", key="one")
        again = asyncio.create_task(probe.get("/one/again", key="one"))
        await asyncio.sleep(0)
        await probe.get("/other", key="other")
        await again

    with_probe(server.url, use, concurrency=1)
    assert [request.target for request in server.received] == ["/one", "/other", "/one/again"]


def test_each_key_has_a_pacer_of_its_own(with_probe: "ProbeRun") -> None:
    async def use(probe: "Probe") -> tuple[bool, bool]:
        session = probe.session
        return session.pacer("a") is session.pacer("a"), session.pacer("a") is session.pacer("b")

    assert with_probe(NOWHERE, use) == (True, False)


def test_large_answers_are_not_kept_for_observers(with_probe: "ProbeRun", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_SEEN_BYTES", 10)
    monkeypatch.setattr(module, "_MAX_ALL_SEEN_BYTES", 25)

    async def use(probe: "Probe") -> list[int]:
        for size in (10, 11, 10, 9, 5, 1):
            probe.session.see(seen(b"x" * size))
        return [len(answer.body) for answer in probe.session.seen]

    assert with_probe(NOWHERE, use) == [10, 10, 5]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"usage": {"tokens": 12}}', 12),
        (b'{"usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}, "id": "x"}', 7),
        (b'{"usage": {"details": {"tokens": 1}, "total_tokens": 7}}', 7),
        (b'data: {"choices": []}\n\ndata: {"usage": {"total_tokens" : 9}}\n\ndata: [DONE]\n\n', 9),
        (b'{"max_tokens": 5, "choices": [{"message": {"content": "{\\"usage\\": {\\"tokens\\": 99}}"}}]}', 0),
        (b'{"tokens": 99}', 0),
        (b'{"usage": {"tokens": "many"}}', 0),
        (b'{"usage": null}', 0),
        (b"", 0),
    ],
)
def test_tokens_are_those_that_an_answer_says_it_used(body: bytes, expected: int) -> None:
    assert tokens_told(replace(seen(body), method="POST")) == expected


def test_tokens_that_others_used_are_not_ours() -> None:
    """As metrics tell of them."""
    assert tokens_told(seen(b'{"usage": {"tokens": 99999999}}')) == 0


def test_tokens_are_capped(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b'{"usage": {"tokens": 40}}')

    async def use(probe: "Probe") -> None:
        for _ in range(3):
            await probe.post("/v1/embeddings", {})
        with pytest.raises(Undecided, match="the budget of 100 tokens is spent"):
            await probe.post("/v1/embeddings", {})

    with_probe(serve(script).url, use, budget={"max_tokens": 100})


def test_exchange_that_is_not_kept_is_counted_all_the_same(serve: "Serve", with_probe: "ProbeRun") -> None:
    async def use(probe: "Probe") -> tuple[Any, ...]:
        session = probe.session
        async with Wire(session.wire.base_url) as wire:
            answer = await probe.get("/", wire=wire, is_kept=lambda reply: reply.status != 200)
        return answer.exchange, session.recorder.requests, session.recorder.bytes_received, session.seen, probe.evidence

    assert with_probe(serve(answer_forever).url, use) == ("", 1, 2, [], [])


def test_broken_exchange_is_kept_whatever_is_asked(with_probe: "ProbeRun", refused_port: int) -> None:
    async def use(probe: "Probe") -> list[str]:
        with pytest.raises(Undecided):
            await probe.get("/", is_kept=lambda _: False)
        return probe.evidence

    assert len(with_probe(f"http://127.0.0.1:{refused_port}", use, retries=0)) == 1


def test_target_that_came_back_is_not_gone_at_the_end(
    serve: "Serve", with_probe: "ProbeRun", refused_port: int
) -> None:
    async def use(probe: "Probe") -> list[bool]:
        session = probe.session
        session.wire.base_url = f"http://127.0.0.1:{refused_port}"
        await session.look_alive()
        found = [session.gone is not None]
        session.wire.base_url = live.url
        await session.look_again()
        return [*found, session.gone is not None]

    live = serve(answer_forever)
    assert with_probe(live.url, use) == [True, False]


def test_target_that_lives_is_not_looked_at_again(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answer_forever)
    with_probe(server.url, lambda probe: probe.session.look_again())
    assert server.received == []


def test_what_was_made_is_taken_back_last_first(with_probe: "ProbeRun") -> None:
    async def use(probe: "Probe") -> tuple[list[str], tuple[str, ...]]:
        done: list[str] = []

        async def undo(name: str) -> None:
            done.append(name)
            if name == "b":
                raise ValueError
            if name == "c":
                raise Undecided("the target is gone")

        debts = {name: probe.owe(name, lambda name=name: undo(name)) for name in "abcd"}  # type: ignore[misc]
        probe.forgive(debts["d"])
        probe.forgive(debts["d"])
        return done, await probe.session.settle_debts()

    assert with_probe(NOWHERE, use) == (["c", "b", "a"], ("c: the target is gone", "b: ValueError"))


def test_secret_that_nobody_asked_for_is_hidden_and_what_was_sent_is_not(
    serve: "Serve", with_probe: "ProbeRun", tmp_path: Path
) -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b'{"key": "ask_2ebc896de9b6be75fe72", "idempotency_key": "run-4f9c2a7d1e8b3056"}')

    async def use(probe: "Probe") -> str:
        answer = await probe.get("/v1/audit", headers=[("Idempotency-Key", "run-4f9c2a7d1e8b3056")])
        return probe.session.redactor.text(answer.describe())

    described = with_probe(serve(script).url, use)
    kept = (tmp_path / "exchanges.jsonl").read_text()
    assert ["ask_2ebc" in text for text in (described, kept)] == [False, False]
    assert ["run-4f9c2a7d1e8b3056" in text for text in (described, kept)] == [True, True]


def test_name_of_what_is_left_is_bounded(with_probe: "ProbeRun") -> None:
    async def use(probe: "Probe") -> tuple[str, ...]:
        async def undo() -> None: ...

        probe.owe("a" * 100_000, undo)
        probe.name_debt(probe.owe("key", undo), "b" * 100_000)
        return probe.session.owed

    assert [f"{name[0]} {len(name)} {name[-20:]}" for name in with_probe(NOWHERE, use)] == [
        "a 522 (100,000 characters)",
        "b 522 (100,000 characters)",
    ]


def test_debt_that_arises_while_others_are_settled_is_settled_too(with_probe: "ProbeRun") -> None:
    async def use(probe: "Probe") -> list[str]:
        done: list[str] = []

        async def second() -> None:
            done.append("second")

        async def first() -> None:
            done.append("first")
            probe.owe("second", second)

        probe.owe("first", first)
        await probe.session.settle_debts()
        return done

    assert with_probe(NOWHERE, use) == ["first", "second"]


def test_requests_side_by_side_pass_the_budget_of_tokens_by_one_answer_at_most(
    serve: "Serve", with_probe: "ProbeRun"
) -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b'{"usage": {"total_tokens": 100}}')

    async def use(probe: "Probe") -> tuple[int, int]:
        body = {"model": "m", "messages": [], "max_tokens": 100}
        sent = [probe.post("/v1/chat/completions", body) for _ in range(10)]
        results = await asyncio.gather(*sent, return_exceptions=True)
        return sum(isinstance(result, Undecided) for result in results), probe.session.tokens

    assert with_probe(serve(script).url, use, budget={"max_tokens": 250}) == (7, 300)


def test_answer_that_nobody_bounds_is_set_aside_as_the_plan_assumes(serve: "Serve", with_probe: "ProbeRun") -> None:
    """One alone is sent whatever is left; the next one waits for what the first one tells."""
    most_under_way: list[int] = []

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b'{"usage": {"total_tokens": 10}}')

    async def use(probe: "Probe") -> int:
        async def send() -> None:
            await probe.post("/v1/chat/completions", {"model": "m", "messages": []})
            most_under_way.append(probe.session.tokens)

        await asyncio.gather(*(send() for _ in range(4)))
        return probe.session.tokens

    assert (with_probe(serve(script).url, use, budget={"max_tokens": 500}), most_under_way) == (40, [10, 20, 30, 40])
