"""A request that several checks would send goes out once, and each of them has the answer as its evidence."""

import asyncio
from typing import TYPE_CHECKING

from assisters_verify.answer import Answer
from assisters_verify.contract.asking_once import post_once
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

PATH = "/v1/embeddings"


def refuse_all(peer: "Peer") -> None:
    while True:
        peer.read()
        peer.answer(status="400 Bad Request")


def test_same_request_is_sent_once(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(refuse_all)

    async def ask_side_by_side(probe: Probe) -> list[Answer]:
        asked = (post_once(probe, PATH, {"input": 5}, label=label) for label in ("with a number", "once more"))
        return await asyncio.gather(*asked)

    answers = with_probe(server.url, ask_side_by_side)
    assert len(server.received) == 1
    assert [answer.where for answer in answers] == [f"POST {PATH} with a number", f"POST {PATH} once more"]


def test_other_bodies_and_other_bytes_are_other_requests(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(refuse_all)

    async def ask_each(probe: Probe) -> None:
        await post_once(probe, PATH, {"input": 5})
        await post_once(probe, PATH, {"input": "5"})
        await post_once(probe, PATH, content=b'{"input":5}')
        await post_once(probe, "/v1/keys", {"input": 5})

    with_probe(server.url, ask_each)
    assert [request.body for request in server.received] == [
        b'{"input": 5}',
        b'{"input": "5"}',
        b'{"input":5}',
        b'{"input": 5}',
    ]


def test_shared_answer_is_evidence_of_whoever_asks(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(refuse_all)

    async def ask_twice(probe: Probe) -> list[str]:
        other = Probe(probe.session, check="other", clause="X-02")
        await post_once(probe, PATH, {"input": 5})
        await post_once(other, PATH, {"input": 5})
        return other.evidence

    assert with_probe(server.url, ask_twice) == ["x0001"]
