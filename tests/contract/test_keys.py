"""Keys are created, hidden and taken back, whatever happens in between."""

import asyncio
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.keys import CreatedKey, borrow_key, create_key, delete_key, post_key, temporary_key
from assisters_verify.judgement import Broken, NotThere, Undecided
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Script, Serve

SECRET = "sk-4f9c2a7d1e8b30561122"
ANSWER = {"id": "k/1", "key": SECRET}


def answering(document: Any = None, *, status: str = "201 Created", deletion: str = "204 No Content") -> "Script":
    def script(peer: "Peer") -> None:
        while True:
            if peer.read().method == "POST":
                peer.answer(json.dumps(ANSWER if document is None else document).encode(), status=status)
            else:
                peer.answer(b"", status=deletion)

    return script


def test_key_is_created_by_name(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering())
    created: CreatedKey = with_probe(server.url, lambda probe: create_key(probe, "dev"))
    sent = json.loads(server.received[0].body)
    assert (sent, created.id, created.secret, created.path) == ({"name": "dev"}, "k/1", SECRET, "/v1/keys/k%2F1")


def test_secret_is_hidden_from_the_first_exchange_on(serve: "Serve", with_probe: "ProbeRun", tmp_path: Path) -> None:
    """The answer that shows the secret becomes evidence itself."""
    with_probe(serve(answering()).url, create_key)
    assert SECRET not in (tmp_path / "exchanges.jsonl").read_text()


@pytest.mark.parametrize(
    ("script", "judgement"),
    [
        (answering({}, status="404 Not Found"), NotThere),
        (answering({}, status="405 Method Not Allowed"), NotThere),
        (answering({}, status="403 Forbidden"), Broken),
        (answering({"id": "k1"}), Broken),
        (answering({"key": SECRET}), Broken),
    ],
)
def test_what_is_no_created_key_is_told_of(
    serve: "Serve", with_probe: "ProbeRun", script: "Script", judgement: type[Exception]
) -> None:
    with pytest.raises(judgement):
        with_probe(serve(script).url, create_key)


def test_borrowing_blames_nobody(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided, match="no second key could be created"):
        with_probe(serve(answering({}, status="404 Not Found")).url, borrow_key)


async def create_and_settle(probe: Probe) -> tuple[str, ...]:
    await create_key(probe, "dev")
    return await probe.session.settle_debts()


def test_key_is_deleted_when_the_run_ends(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering())
    leftovers = with_probe(server.url, create_and_settle)
    assert (leftovers, server.received[-1].method, server.received[-1].target) == ((), "DELETE", "/v1/keys/k%2F1")


def test_key_that_cannot_be_deleted_is_told_of(serve: "Serve", with_probe: "ProbeRun") -> None:
    leftovers = with_probe(serve(answering(deletion="403 Forbidden")).url, create_and_settle)
    assert leftovers == ("the key 'dev', id 'k/1': 403",)


def test_deleted_key_is_owed_no_more(serve: "Serve", with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> list[Any]:
        await delete_key(probe, await create_key(probe))
        return probe.session.debts

    assert with_probe(serve(answering()).url, use) == []


def test_refused_creation_is_owed_nothing(serve: "Serve", with_probe: "ProbeRun") -> None:
    async def use(probe: Probe) -> list[Any]:
        await post_key(probe, {"name": 5})
        return probe.session.debts

    assert with_probe(serve(answering({}, status="400 Bad Request")).url, use) == []


def test_temporary_key_is_deleted_after_a_failure(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(answering())

    async def use(probe: Probe) -> None:
        async with temporary_key(probe):
            raise Undecided("something else")

    with pytest.raises(Undecided):
        with_probe(server.url, use)
    assert [request.method for request in server.received] == ["POST", "DELETE"]


def test_key_of_an_interrupted_check_is_deleted(serve: "Serve", with_probe: "ProbeRun") -> None:
    """The check is cancelled while the server makes the key: what it makes is taken back all the same, and stands under
    its id with what is owed until then, for a second signal may end the run meanwhile."""
    told: list[tuple[str, ...]] = []
    arrived, may_answer = threading.Event(), threading.Event()

    def script(peer: "Peer") -> None:
        while True:
            if peer.read().method == "POST":
                arrived.set()
                may_answer.wait(10)
                peer.answer(json.dumps(ANSWER).encode(), status="201 Created")
            else:
                peer.answer(b"")

    async def use(probe: Probe) -> tuple[str, ...]:
        probe.session.on_debts = told.append
        check = asyncio.create_task(create_key(probe, "dev"))
        await asyncio.to_thread(arrived.wait, 10)
        check.cancel()
        may_answer.set()
        return await probe.session.settle_debts()

    server = serve(script)
    leftovers = with_probe(server.url, use)
    assert (leftovers, [request.method for request in server.received]) == ((), ["POST", "DELETE"])
    assert told == [("the key 'dev'",), ("the key 'dev', id 'k/1'",), ()]


def test_of_several_candidates_the_one_that_is_let_in_is_the_secret(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.method == "POST":
                peer.answer(json.dumps({"id": "k1", "key": "key_12345678", "token": SECRET}).encode())
            else:
                is_key = request.headers["authorization"] == f"Bearer {SECRET}"
                peer.answer(status="200 OK" if is_key else "401 Unauthorized")

    created: CreatedKey = with_probe(serve(script).url, create_key)
    assert created.secret == SECRET


def test_key_that_was_never_asked_for_is_owed_nothing(with_probe: "ProbeRun") -> None:
    """Where the budget was spent before, there is nothing to be left over."""

    async def use(probe: Probe) -> tuple[str, ...]:
        with pytest.raises(Undecided, match="--max-requests"):
            await create_key(probe)
        return await probe.session.settle_debts()

    assert with_probe("http://127.0.0.1:1", use, budget={"max_requests": 1}) == ()


def test_key_that_a_dead_target_was_asked_for_is_owed_nothing(with_probe: "ProbeRun", refused_port: int) -> None:
    async def use(probe: Probe) -> tuple[str, ...]:
        with pytest.raises(Undecided, match="gone"):
            await create_key(probe)
        return await probe.session.settle_debts()

    assert with_probe(f"http://127.0.0.1:{refused_port}", use, retries=0) == ()


def test_key_of_a_request_that_broke_off_may_be_left_over(serve: "Serve", with_probe: "ProbeRun") -> None:
    """The target has got it, and may have made the key."""

    def script(peer: "Peer") -> None:
        if peer.read().method == "GET":
            peer.answer()
        else:
            peer.reset()

    async def use(probe: Probe) -> tuple[str, ...]:
        with pytest.raises(Broken):
            await create_key(probe, "dev")
        return await probe.session.settle_debts()

    (left,) = with_probe(serve(script).url, use, retries=0)
    assert left.startswith("the key 'dev': whether it was made is not known")
