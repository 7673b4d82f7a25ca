"""Masking: personal data goes, everything else stays."""

import pytest

from assisters_verify.reference.model.masking import is_card_number, mask_all

PERSONAL = {
    "ann@example.com": "[EMAIL]",
    "ann.lee+test@mail.example.co.uk": "[EMAIL]",
    "555-867-5309": "[PHONE]",
    "(555) 867-5309": "[PHONE]",
    "+1 555 867 5309": "[PHONE]",
    "+1-555-867-5309": "[PHONE]",
    "+44 20 7946 0958": "[PHONE]",
    "555.867.5309": "[PHONE]",
    "+15558675309": "[PHONE]",
    "+49 30 901820": "[PHONE]",
    "219-09-9999": "[SSN]",
    "4111 1111 1111 1111": "[CARD]",
    "4111-1111-1111-1111": "[CARD]",
    "4111111111111111": "[CARD]",
    "378282246310005": "[CARD]",
    "5555 5555 5555 4444": "[CARD]",
}


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_is_masked(text: str) -> None:
    assert mask_all(f"Call {text}, please.") == f"Call {PERSONAL[text]}, please."


@pytest.mark.parametrize(
    "text",
    ["There are 12 apples and 365 days.", "On 2024-01-31 at 12:30 it was 15 degrees.", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
     "Version 1.2.3 of build 20240131", "1234567890123456 is no card"],
)  # fmt: skip
def test_other_text_stays(text: str) -> None:
    assert mask_all(text) == text


@pytest.mark.parametrize(("number", "is_card"), [("4111 1111 1111 1111", True), ("4111 1111 1111 1112", False)])
def test_luhn(number: str, is_card: bool) -> None:  # noqa: FBT001 - the parameter
    assert is_card_number(number) == is_card
