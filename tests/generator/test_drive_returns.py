"""Clients come back after refusals and errors as documented, and what is asked next follows."""

from itertools import pairwise
from typing import TYPE_CHECKING

from tests.generator.answering import COMPLETION, ENVELOPE, JSON, MakeLane, answering

from assisters_verify.generator.lanes import RetryPolicy
from assisters_verify.generator.requests import Request
from assisters_verify.measures.ledger import NEVER

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve
    from tests.generator.conftest import DriveRun


def test_refusal_is_no_failure_and_has_its_own_figure(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    script = answering(ENVELOPE, status="429 Too Many Requests", headers=JSON + "Retry-After: 3\r\n")
    measures, rows = drive(serve(script).url, lane())
    counters = measures.counters

    assert (counters["refused"], counters["failed"], measures.histograms["refusal_s"].count) == (1, 0, 1)
    assert (rows[0].status, rows[0].envelope, rows[0].retry_after_ms) == (429, 1, 3000)


def test_error_in_another_form_is_noted(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    _, rows = drive(serve(answering(b"Too many", status="429 Too Many Requests")).url, lane())

    assert (rows[0].envelope, rows[0].retry_after_ms) == (0, NEVER)


def test_client_returns_after_a_refusal_as_documented(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    def script(peer: "Peer") -> None:
        for _ in range(2):
            peer.read()
            peer.answer(ENVELOPE, status="429 Too Many Requests", headers=JSON)
        peer.read()
        peer.answer(COMPLETION, headers=JSON)

    policy = RetryPolicy(after_429_s=(0.05, 0.1))
    measures, rows = drive(serve(script).url, lane(retry=policy))
    waits_s = [round((later.due_us - earlier.end_us) / 1e6, 3) for earlier, later in pairwise(rows)]

    assert ([row.attempt for row in rows], waits_s, measures.counters["retries"]) == ([1, 2, 3], [0.05, 0.1], 2)


def test_client_gives_up_where_its_waits_end(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    script = answering(ENVELOPE, status="429 Too Many Requests")
    _, rows = drive(serve(script).url, lane(retry=RetryPolicy(after_429_s=(0.01,))))

    assert [row.attempt for row in rows] == [1, 2]


def test_client_tries_a_500_three_times_again(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    script = answering(ENVELOPE, status="500 Internal Server Error")
    _, rows = drive(serve(script).url, lane(retry=RetryPolicy(jitter_s=0.01)))

    assert [row.attempt for row in rows] == [1, 2, 3, 4]


def test_patient_client_waits_as_long_as_it_is_told(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    script = answering(ENVELOPE, status="429 Too Many Requests", headers="Retry-After: 1\r\n")
    _, rows = drive(serve(script).url, lane(retry=RetryPolicy(after_429_s=(0.01,), is_patient=True)))

    assert round((rows[1].due_us - rows[0].end_us) / 1e6, 3) == 1.0


def test_clients_that_return_together_are_due_at_one_moment(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    script = answering(ENVELOPE, status="429 Too Many Requests")
    policy = RetryPolicy(after_429_s=(1.0,), together_s=0.4)
    _, rows = drive(serve(script).url, lane([0.0, 0.05, 0.1], retry=policy), duration_s=0.6)

    assert {round(row.due_us, -3) for row in rows if row.attempt == 2} == {400_000}


def test_clients_that_return_together_are_not_late_for_each_other(
    serve: "Serve", drive: "DriveRun", lane: MakeLane
) -> None:
    script = answering(ENVELOPE, status="429 Too Many Requests")
    policy = RetryPolicy(after_429_s=(1.0,), together_s=0.4)
    measures, rows = drive(serve(script).url, lane([0.0, 0.05, 0.1], retry=policy), duration_s=0.6)

    assert len(rows) > measures.own_histograms()["lateness_s"].count == 3


def test_answer_is_followed_up(serve: "Serve", drive: "DriveRun", lane: MakeLane) -> None:
    asked = Request(kind="chat", path="/v1/next", body=b"{}")
    server = serve(answering())
    drive(server.url, lane(follow=lambda answer: asked if answer["choices"] else None))

    assert [received.target for received in server.received] == ["/v1/chat/completions", "/v1/next"]
