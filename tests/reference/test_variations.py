"""Variations: named changes that are put on a conforming behaviour, one after the other."""

import pytest

from assisters_verify.reference.app import build_behaviour
from assisters_verify.reference.behaviour import Behaviour
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.variations import Variation, apply, pick


def test_choice_is_replaced_and_others_stay() -> None:
    changed = apply(Behaviour(), [Variation(name="x", title="X.", choices={"keys.created_status": 299})])
    assert (changed.keys.created_status, changed.chat) == (299, Behaviour().chat)


def test_edits_add_up_in_order() -> None:
    one = Variation(name="one", title="One.", request=lambda _call, value: value)
    other = Variation(name="other", title="Other.", request=lambda _call, value: value)
    assert apply(Behaviour(), [one, other]).request_edits == (one.request, other.request)


def test_unknown_choice_is_an_error() -> None:
    with pytest.raises(TypeError):
        apply(Behaviour(), [Variation(name="x", title="X.", choices={"keys.no_such_choice": 1})])


def test_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"Did you mean .*deleted_key_still_works"):
        pick(FAULTS, ["deleted_key_stil_works"])


@pytest.mark.parametrize("name", FAULTS)
def test_fault_can_be_built(name: str) -> None:
    assert build_behaviour(ReferenceOptions(faults=(name,))) != Behaviour()


@pytest.mark.parametrize("name", READINGS)
def test_reading_can_be_built(name: str) -> None:
    assert build_behaviour(ReferenceOptions(readings=(name,))) != Behaviour()


def test_no_name_is_both_fault_and_reading() -> None:
    assert FAULTS.keys() & READINGS.keys() == set()


@pytest.mark.parametrize("variation", [*FAULTS.values(), *READINGS.values()], ids=lambda one: one.name)
def test_title_is_a_sentence(variation: Variation) -> None:
    assert (variation.title[0].isupper() or variation.title[0] in "`/3", variation.title[-1]) == (True, ".")
