"""What a check found can be read by somebody who never saw the check."""

import pytest

from assisters_verify.answer import Answer
from assisters_verify.judgement import Broken, Judgement, LeftOut, NotApplicable, NotThere, Undecided
from assisters_verify.verdicts import Verdict

ANSWER = Answer(
    exchange="x0001",
    method="POST",
    path="/v1/embeddings",
    status=200,
    headers={},
    body=b"{}",
    first_byte_s=0.0,
    total_s=0.0,
    label="POST /v1/embeddings without Authorization",
)


def test_broken_promise_says_expected_received_and_where() -> None:
    broken = Broken(expected="401", received="200", answer=ANSWER)
    assert broken.reason == "expected 401, received 200 (POST /v1/embeddings without Authorization)"
    assert (str(broken), broken.expected, broken.received, broken.answer) == (broken.reason, "401", "200", ANSWER)


def test_place_that_is_named_goes_before_the_answers_own() -> None:
    assert Broken(expected="a", received="b", answer=ANSWER, where="GET /").reason == "expected a, received b (GET /)"


def test_broken_promise_without_a_place_names_none() -> None:
    assert Broken(expected="a", received="b").reason == "expected a, received b"


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (Undecided, Verdict.INCONCLUSIVE),
        (NotThere, Verdict.NOT_IMPLEMENTED),
        (NotApplicable, Verdict.NOT_APPLICABLE),
        (LeftOut, Verdict.SKIPPED),
    ],
)
def test_each_kind_has_its_verdict(kind: type[Judgement], verdict: Verdict) -> None:
    found = kind("why", answer=ANSWER)
    assert (found.verdict, found.reason, found.answer, found.expected, found.received) == (
        verdict,
        "why",
        ANSWER,
        "",
        "",
    )


def test_broken_promise_is_a_fail_until_its_clause_says_less() -> None:
    assert Broken(expected="a", received="b").verdict is Verdict.FAIL
