"""What is offered can be satisfied, and what a careless server makes of it cannot pass."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.contract.tool_offers import Offer
from assisters_verify.contract.tool_parameters import OFFERS, SEVERAL_OFFERS
from assisters_verify.reference.model.schema_values import make_arguments

_ALL = [*OFFERS.values(), *SEVERAL_OFFERS]


def parameters(offer: Offer) -> dict[str, Any]:
    """Return the parameters of the function that the prompt asks for."""
    called = [tool["function"] for tool in offer.tools if tool["function"]["name"] in offer.prompt]
    return dict((called or [offer.tools[0]["function"]])[0]["parameters"])


@pytest.mark.parametrize("offer", _ALL, ids=lambda offer: offer.name)
def test_parameters_are_a_schema_that_can_be_satisfied(offer: Offer) -> None:
    schema = parameters(offer)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(make_arguments(schema, offer.prompt))


@pytest.mark.parametrize("kind", [kind for kind in OFFERS if kind not in ("documented", "nothing")])
def test_empty_arguments_do_not_pass(kind: str) -> None:
    assert not Draft202012Validator(parameters(OFFERS[kind])).is_valid({})


@pytest.mark.parametrize("kind", [kind for kind in OFFERS if kind not in ("documented", "required", "nothing")])
def test_texts_alone_do_not_pass(kind: str) -> None:
    schema = parameters(OFFERS[kind])
    texts = dict.fromkeys(schema["properties"], "x")
    assert not Draft202012Validator(schema).is_valid(texts)


def test_offers_have_names_of_their_own() -> None:
    assert len({offer.name for offer in _ALL}) == len(_ALL)
