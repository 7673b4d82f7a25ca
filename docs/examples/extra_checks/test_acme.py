"""Checks of our own house: what our handbook promises beyond the documentation."""

from assisters_verify.checks import clause
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

HOUSE_MODEL = "gpt-4.1-mini"


@clause("ACME-01", needs=["MODEL-01"])
async def test_house_model_is_listed(probe: Probe) -> None:
    """Our house model stands in the list of models."""
    answer = await probe.get("/v1/models")
    listed = [model.get("id") for model in answer.document["models"]]
    if HOUSE_MODEL not in listed:
        raise Broken(expected=f"`{HOUSE_MODEL}` in the list", received=", ".join(map(str, listed)), answer=answer)


@clause("ACME-02")
async def test_answers_carry_a_request_id(probe: Probe) -> None:
    """An answer can be found in our logs."""
    answer = await probe.get("/v1/models")
    if not answer.headers.get("x-request-id"):
        raise Broken(expected="a header `X-Request-Id`", received="none", answer=answer)
