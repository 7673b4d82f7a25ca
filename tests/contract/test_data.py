"""A completion's id is taken from where it stands, and from nowhere else."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.data import completion_id, delete_data

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"id": "chat_1", "choices": []}, "chat_1"),
        ({"completion_id": "chat_1"}, "chat_1"),
        ({"choices": [{"id": "choice_1"}]}, None),
        ({"id": None}, None),
        ({"id": " "}, None),
        ({"choices": []}, None),
    ],
)
def test_id_of_a_completion(document: Any, expected: str | None) -> None:
    answer = Answer(
        exchange="x0001",
        method="POST",
        path="/v1/chat/completions",
        status=200,
        headers={},
        body=json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
    )
    assert completion_id(answer) == expected


def test_odd_ids_stay_one_part_of_the_path(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        peer.read()
        peer.answer()

    server = serve(script)
    with_probe(server.url, lambda probe: delete_data(probe, "a/b?c d"))
    assert server.received[0].target == "/v1/data/a%2Fb%3Fc%20d"
