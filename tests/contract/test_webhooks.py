"""Webhooks are recognised and taken back whatever a server calls their ids and secrets."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.webhooks import hidden_in, post_webhook, secrets_in, take_back, webhook_id
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

SECRET = "9f86d081884c7d659a2feaa0c55ad015"
BODY = {"url": "https://hooks.example/x", "events": ["chat.completion"]}


def answer_with(document: Any, **headers: str) -> Answer:
    return Answer(
        exchange="x0001",
        method="POST",
        path="/v1/webhooks",
        status=201,
        headers=headers,
        body=json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"id": "wh_1", "secret": SECRET}, "wh_1"),
        ({"webhook": {"id": "wh_1"}, "owner": {"id": "acct"}}, "wh_1"),
        ({"webhookId": "wh_1", "id": "request_9"}, "wh_1"),
        ({"id": 17}, "17"),
        ({"data": [{"uuid": "u-1"}]}, "u-1"),
        ({"ok": True}, None),
        ([], None),
    ],
)
def test_id_is_found(document: Any, expected: str | None) -> None:
    assert webhook_id(answer_with(document)) == expected


def test_id_is_found_in_the_location() -> None:
    assert webhook_id(answer_with({}, location="https://api.example/v1/webhooks/wh_1?x=1")) == "wh_1"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"id": "wh_1", "secret": SECRET}, [SECRET]),
        ({"id": "wh_1", "signing_secret": SECRET, "url": "https://hooks.example/aaaaaaaaaaaaaaaa"}, [SECRET]),
        ({"webhook": {"id": "wh_1"}, "signing": {"whsec": "whsec_abc="}}, ["whsec_abc="]),
        ({"endpoint": {"signature": {"value": "whsec_abc="}}}, ["whsec_abc="]),
        ({"id": "wh_1", "credential": SECRET, "created": "2026-11-22T10:00:00.000Z"}, [SECRET]),
        ({"id": "wh_1", "secret": "whsec_…9f86"}, []),
        ({"id": "9f86d081884c7d659a2feaa0c55ad015"}, []),
        ({"secret": None, "key": 5}, []),
        ({"error": {"type": "invalid_request_error", "code": "webhook_url_is_invalid_0"}}, []),
        ({"type": "unprocessable_entity", "title": "unprocessable_entity"}, []),
        ({"error": None, "id": "wh_1", "secret": SECRET}, [SECRET]),
        ("text", []),
    ],
)
def test_secret_is_found(document: Any, expected: list[str]) -> None:
    assert secrets_in(document) == expected


def test_secret_is_hidden_in_the_evidence(serve: "Serve", with_probe: "ProbeRun", tmp_path: Any) -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(json.dumps({"id": "wh_1", "secret": SECRET}).encode(), status="201 Created")

    async def use(probe: Probe) -> None:
        await post_webhook(probe, BODY)

    with_probe(serve(script).url, use)
    assert SECRET not in (tmp_path / "exchanges.jsonl").read_text()


def creates_and_deletes(deletion: str) -> Any:
    """Return a script for a server that creates, and answers a deletion with this status."""

    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.method == "POST":
                peer.answer(b'{"id": "wh_1"}', status="201 Created")
            else:
                peer.answer(b'{"error": {}}', status=deletion)

    return script


async def make_and_settle(probe: Probe) -> tuple[str, ...]:
    await post_webhook(probe, BODY)
    await post_webhook(probe, BODY)
    return await probe.session.settle_debts()


def test_webhook_is_deleted_when_the_run_ends(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(creates_and_deletes("200 OK"))
    leftovers = with_probe(server.url, make_and_settle)
    deleted = [request.target for request in server.received if request.method == "DELETE"]
    assert (leftovers, deleted) == ((), ["/v1/webhooks/wh_1"] * 2)


def test_webhook_is_deleted_once(serve: "Serve", with_probe: "ProbeRun") -> None:
    server = serve(creates_and_deletes("200 OK"))

    async def use(probe: Probe) -> tuple[str, ...]:
        made = await post_webhook(probe, BODY)
        await take_back(probe, made)
        await take_back(probe, made)
        return await probe.session.settle_debts()

    with_probe(server.url, use)
    assert [request.method for request in server.received] == ["POST", "DELETE"]


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed"])
def test_webhooks_that_no_route_deletes_are_told_of_once(serve: "Serve", with_probe: "ProbeRun", status: str) -> None:
    leftovers = with_probe(serve(creates_and_deletes(status)).url, make_and_settle)
    expected = "webhooks: there is no DELETE /v1/webhooks/{id}, so that these stay: wh_1, wh_1"
    assert leftovers == (expected,)


def test_webhooks_without_a_known_id_are_counted(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b'{"created": true}', status="201 Created")

    assert with_probe(serve(script).url, make_and_settle) == ("webhooks: these stay: 2 without a known id",)


def test_refused_webhook_leaves_nothing(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer(b"{}", status="400 Bad Request")

    assert with_probe(serve(script).url, make_and_settle) == ()


def test_secret_inside_of_a_longer_text_is_hidden() -> None:
    document = {
        "id": "wh_1",
        "secret": "whsec_jbN3x7Qw0pLk=<b>bold</b>",
        "url": "https://a.example/hooks/0123456789abc",
    }
    assert hidden_in(document)[1:] == ["whsec_jbN3x7Qw0pLk="]
