"""Redact personal data: e-mail addresses, telephone, social security and card numbers."""

import re
from collections.abc import Callable

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_SSN = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
# 13 to 19 digits, alone or in groups.
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
# Groups of digits with a country code or brackets, or at least three groups; a date such as 2024-01-31 is none.
_PHONE = re.compile(
    r"(?<![\w.-])(?!\d{4}-\d{2}-\d{2}(?!\d))"
    r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?|\d{2,4}[ .-])\d{2,4}(?:[ .-]?\d{2,4}){1,3}(?![\w-])"
)
_BARE_PHONE = re.compile(r"(?<![\w+])\+?\d{10,12}(?!\w)")


def is_card_number(text: str) -> bool:
    """Tell whether the digits pass Luhn's check."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]  # noqa: PLR2004 - Luhn's rule
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def mask_email(text: str) -> str:
    """Redact e-mail addresses."""
    return _EMAIL.sub("[EMAIL]", text)


def mask_card(text: str) -> str:
    """Redact numbers that pass Luhn's check."""
    return _CARD.sub(lambda match: "[CARD]" if is_card_number(match.group()) else match.group(), text)


def mask_ssn(text: str) -> str:
    """Redact social security numbers."""
    return _SSN.sub("[SSN]", text)


def mask_phone(text: str) -> str:
    """Redact telephone numbers."""
    return _BARE_PHONE.sub("[PHONE]", _PHONE.sub("[PHONE]", text))


# Cards come before telephone numbers, which would match a part of them.
MASKS: dict[str, Callable[[str], str]] = {
    "email": mask_email,
    "card": mask_card,
    "ssn": mask_ssn,
    "phone": mask_phone,
}


def mask_all(text: str) -> str:
    """Return the text without personal data."""
    for mask in MASKS.values():
        text = mask(text)
    return text
