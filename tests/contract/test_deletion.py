"""Deletions are judged by what was deleted, and made-up ids are nobody's."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.deletion import expect_deleted, is_route_missing, unknown_like
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve


def answer_of(status: int, body: bytes = b"", *, attempts: int = 1) -> Answer:
    return Answer(
        exchange="x0001",
        method="DELETE",
        path="/v1/data/d1",
        status=status,
        headers={},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
        attempts=attempts,
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b'{"deleted": true}'), (204, b""), (202, b"{}"), (200, b"OK"), (200, b"null"), (200, b'{"error": null}')],
)
def test_any_success_is_a_deletion(status: int, body: bytes) -> None:
    expect_deleted(answer_of(status, body))


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"{}"), (500, b""), (200, b'{"deleted": false}'), (200, b'{"error": {"type": "x"}}'), (302, b"")],
)
def test_what_says_otherwise_is_none(status: int, body: bytes) -> None:
    with pytest.raises(Broken):
        expect_deleted(answer_of(status, body))


def test_404_after_a_lost_answer_proves_nothing() -> None:
    with pytest.raises(Undecided):
        expect_deleted(answer_of(404, attempts=2))


@pytest.mark.parametrize(
    ("known", "form"),
    [
        ("chat_0a1b2c3d4e5f60718293", r"chat_[0-9a-f]{20}"),
        ("chatcmpl-9vX2bQ7LmN4kR8sT1wYz", r"chatcmpl-\d[a-zA-Z0-9]{19}"),
        ("01HV9Z3K7M2Q8R5T6W1X4Y0BCD", r"0[0-9A-Z]{25}"),
        (
            "7f9c24e8-3b1d-4f6a-9c0e-2d5b8a7e1f30",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("key_7f9c24e8-3b1d-4f6a-9c0e-2d5b8a7e1f30", r"key_[0-9a-f-]{36}"),
    ],
)
def test_unknown_id_has_the_form_of_a_known_one(known: str, form: str) -> None:
    unknown = unknown_like(known)
    assert unknown not in {None, known}
    assert re.fullmatch(form, str(unknown)) is not None


@pytest.mark.parametrize("known", ["17", "key_42", "chat_1234567", "abc", ""])
def test_no_id_is_made_up_that_a_counter_may_reach(known: str) -> None:
    """The neighbour of a counter's id may be a customer's own."""
    assert unknown_like(known) is None


NO_ROUTE = {"type": "not_found", "message": "No route {path}.", "param": None, "code": "no_route"}
NO_ID = {"type": "not_found", "message": "No such id.", "param": "id", "code": "no_id"}


@pytest.mark.parametrize(
    ("status", "error", "is_missing"),
    [
        ("404 Not Found", NO_ROUTE, True),
        ("404 Not Found", NO_ID, False),
        ("405 Method Not Allowed", NO_ID, True),
        ("403 Forbidden", NO_ROUTE, False),
    ],
)
def test_missing_route_is_told_from_a_missing_id(
    serve: "Serve", with_probe: "ProbeRun", *, status: str, error: dict[str, Any], is_missing: bool
) -> None:
    def script(peer: "Peer") -> None:
        while True:
            path = peer.read().target
            is_known = path.startswith("/v1/data/")
            told = error if is_known else NO_ROUTE
            body = json.dumps({"error": told}).replace("{path}", path)
            peer.answer(body.encode(), status=status if is_known else "404 Not Found")

    async def use(probe: Probe) -> bool:
        return await is_route_missing(probe, await probe.delete("/v1/data/d1"))

    assert with_probe(serve(script).url, use) is is_missing
