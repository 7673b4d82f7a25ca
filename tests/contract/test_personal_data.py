"""Made-up values look like what they are, and are found again however a server writes them."""

import re

import pytest

from assisters_verify.contract.personal_data import (
    FORMS,
    RARE_FORMS,
    Datum,
    Kind,
    draw_data,
    draw_one,
    find_data,
    is_luhn,
    is_repeated_around,
    write_letter,
)
from assisters_verify.reference.model.masking import mask_all

_TABLES = {"usual": FORMS, "rare": RARE_FORMS}


def datum(kind: Kind, text: str) -> Datum:
    return Datum(kind=kind, form="", text=text)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("forms", _TABLES)
def test_each_form_is_drawn_anew(kind: Kind, forms: str) -> None:
    one, other = ({each.text for each in draw_data(kind, forms=forms)} for _ in range(2))
    assert (len(one), one & other) == (len(_TABLES[forms][kind]), set())


@pytest.mark.parametrize("forms", _TABLES)
def test_card_numbers_pass_the_check(forms: str) -> None:
    numbers = [re.sub(r"\D", "", each.text) for each in draw_data(Kind.CARD, forms=forms)]
    assert [is_luhn(number) for number in numbers] == [True] * len(numbers)


@pytest.mark.parametrize(("digits", "expected"), [("4111111111111111", True), ("4111111111111112", False)])
def test_check_is_that_of_card_numbers(digits: str, expected: bool) -> None:  # noqa: FBT001
    assert is_luhn(digits) is expected


def test_social_security_numbers_could_be_issued() -> None:
    drawn = [draw_one(Kind.SSN).text for _ in range(200)]
    assert all(re.fullmatch(r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}", text) for text in drawn)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.EMAIL, "ba.do@example.com", "Write to <Ba.Do@EXAMPLE.com>."),
        (Kind.PHONE, "(212) 555-0147", "212 555 0147"),
        (Kind.PHONE, "+1 212 555 0147", "call 212-555-0147"),
        (Kind.PHONE, "+44 20 7946 0123", "(0)20 7946 0123"),
        (Kind.SSN, "773-12-3456", '{"ssn": 773123456}'),
        (Kind.CARD, "4111 1111 1111 1111", "4111\u20111111\u20111111\u20111111"),
    ],
)
def test_value_is_found_in_another_spelling(kind: Kind, value: str, text: str) -> None:
    assert datum(kind, value).is_in(text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.EMAIL, "ba+do@example.com", "ba+[EMAIL]"),
        (Kind.EMAIL, "ba@example.com", "***@example.com"),
        (Kind.PHONE, "+1 212 555 0147", "+1 [PHONE]"),
        (Kind.PHONE, "(212) 555-0147", "(***) ***-0147"),
        (Kind.SSN, "773-12-3456", "XXX-XX-3456"),
        (Kind.CARD, "4111 1111 1111 1111", "4111 11** **** 1111"),
    ],
)
def test_what_a_mask_leaves_is_not_the_value(kind: Kind, value: str, text: str) -> None:
    assert not datum(kind, value).is_in(text)


@pytest.mark.parametrize("forms", _TABLES)
def test_letter_holds_all_values_and_the_first_one_twice(forms: str) -> None:
    data = draw_data(*Kind, forms=forms)
    letter = write_letter(data)
    assert (find_data(data, [letter]), letter.count(data[0].text)) == (data, 2)


def test_good_mask_leaves_no_value_of_the_usual_forms() -> None:
    for _ in range(50):
        data = draw_data(*Kind)
        assert find_data(data, [mask_all(write_letter(data))]) == []


def test_letter_with_blanks_is_told_from_another_text() -> None:
    data = draw_data(*Kind)
    letter = write_letter(data)
    texts = [f"Here it is: {mask_all(letter)}", letter, "I cannot repeat that.", letter[: len(letter) // 2]]
    assert [is_repeated_around(data, letter, text) for text in texts] == [True, True, False, False]


@pytest.mark.parametrize("kind", Kind)
def test_plainest_form_is_the_first_one(kind: Kind) -> None:
    drawn = draw_one(kind)
    assert (drawn.kind, drawn.form) == (kind, next(iter(FORMS[kind])))


def test_letter_may_come_back_over_several_lines() -> None:
    data = draw_data(Kind.SSN)
    letter = write_letter(data)
    masked = letter
    for each in data:
        masked = masked.replace(each.text, "[SSN,\nhidden]")
    assert is_repeated_around(data, letter, masked)


def test_letter_names_each_kind_once_before_its_values() -> None:
    data = [datum(Kind.EMAIL, "a@b.c"), datum(Kind.EMAIL, "d@e.f"), datum(Kind.SSN, "773-12-3456")]
    assert write_letter(data) == (
        "About the e-mail address: The first is a@b.c. Before that it was d@e.f, as far as we know. "
        'About the social security number: Somebody wrote "773-12-3456" on the door. '
        "Once more the first one: a@b.c and that is all."
    )


@pytest.mark.parametrize("forms", _TABLES)
def test_drawn_value_says_how_it_is_written(forms: str) -> None:
    expected = [(kind, form) for kind in Kind for form in _TABLES[forms][kind]]
    assert [(each.kind, each.form) for each in draw_data(*Kind, forms=forms)] == expected


def test_phone_numbers_are_those_kept_for_fiction() -> None:
    assert all(re.fullmatch(r"\(\d{3}\) 555-01\d\d", draw_one(Kind.PHONE).text) for _ in range(20))
