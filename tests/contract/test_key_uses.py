"""A living key is waited for; a deleted one is given time only where its deletion was answered with 202."""

from typing import TYPE_CHECKING

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract import key_uses
from assisters_verify.contract.key_uses import expect_let_in, expect_shut_out
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Script, Serve

SECRET = "sk-created-7d1e4f9c2a8b"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_uses, "_PAUSES_S", (0.0, 0.0))


def answering(*statuses: str) -> "Script":
    left = list(statuses)

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(status=left.pop(0) if len(left) > 1 else left[0])

    return script


def deletion(status: int) -> Answer:
    return Answer(
        exchange="x0001",
        method="DELETE",
        path="/v1/keys/k1",
        status=status,
        headers={},
        body=b"",
        first_byte_s=0.0,
        total_s=0.0,
    )


async def let_in(probe: Probe) -> int:
    return (await expect_let_in(probe, SECRET)).status


@pytest.mark.parametrize("statuses", [["200 OK"], ["401 No", "401 No", "200 OK"], ["404 Not Found"]])
def test_living_key_is_let_in_now_or_soon(serve: "Serve", with_probe: "ProbeRun", statuses: list[str]) -> None:
    assert with_probe(serve(answering(*statuses)).url, let_in) in {200, 404}


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_key_that_is_never_let_in_is_broken(serve: "Serve", with_probe: "ProbeRun", status: str) -> None:
    with pytest.raises(Broken):
        with_probe(serve(answering(status)).url, let_in)


def shut_out(serve: "Serve", with_probe: "ProbeRun", deleted_with: int, *statuses: str) -> int:
    async def use(probe: Probe) -> int:
        return (await expect_shut_out(probe, SECRET, deletion=deletion(deleted_with))).status

    return int(with_probe(serve(answering(*statuses)).url, use))


@pytest.mark.parametrize(("deleted_with", "statuses"), [(204, ["401 No"]), (202, ["200 OK", "200 OK", "401 No"])])
def test_deleted_key_is_refused(serve: "Serve", with_probe: "ProbeRun", deleted_with: int, statuses: list[str]) -> None:
    assert shut_out(serve, with_probe, deleted_with, *statuses) == 401


@pytest.mark.parametrize(
    ("deleted_with", "statuses"),
    [(204, ["200 OK", "401 No"]), (200, ["200 OK", "401 No"]), (202, ["200 OK"]), (204, ["403 Forbidden"])],
)
def test_deleted_key_that_still_works_is_broken(
    serve: "Serve", with_probe: "ProbeRun", deleted_with: int, statuses: list[str]
) -> None:
    with pytest.raises(Broken):
        shut_out(serve, with_probe, deleted_with, *statuses)
