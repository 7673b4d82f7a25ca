"""Every form of a secret holds all that the secret alone decides, and nothing that its neighbours decide."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.redaction.needles import needles, odd_needles

LONG = b"sk-????>>>>Ab9_xY7Q4tLmN"
SHORT = b"short-?>?>~~~~19char"[:19]


def digits_decided_by(secret: bytes, *, shift: int, is_url_safe: bool) -> bytes:
    """The base64 digits that stay the same whatever stands before and after the secret: the definition itself."""
    encode = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
    texts = [encode(fill * shift + secret + fill * 3) for fill in (b"\x00", b"\xff")]
    return bytes(one for one, other in zip(*texts, strict=True) if one == other).rstrip(b"=")


@settings(deadline=None)
@given(st.binary(min_size=8, max_size=40))
def test_base64_forms_are_the_digits_that_the_secret_decides(secret: bytes) -> None:
    expected = {
        digits_decided_by(secret, shift=shift, is_url_safe=is_safe) for shift in range(3) for is_safe in (False, True)
    }
    assert {needle.text for needle in needles("n", secret)} - {secret, secret.hex().encode()} == expected


@pytest.mark.parametrize("is_url_safe", [False, True])
@pytest.mark.parametrize("shift", range(3))
def test_base64_of_a_long_secret_counts_from_its_first_and_last_twelve_bytes(shift: int, *, is_url_safe: bool) -> None:
    text = digits_decided_by(LONG, shift=shift, is_url_safe=is_url_safe)
    (needle,) = (needle for needle in needles("n", LONG) if needle.text == text)
    head = digits_decided_by(LONG[:12], shift=shift, is_url_safe=is_url_safe)
    tail = digits_decided_by(LONG[-12:], shift=(shift + len(LONG) - 12) % 3, is_url_safe=is_url_safe)
    assert needle.seeds == (head, tail)


def test_long_secret_counts_from_its_first_and_last_twelve_bytes() -> None:
    seeds = {needle.text: needle.seeds for needle in needles("n", LONG)}
    assert seeds[LONG] == (LONG[:12], LONG[-12:])


def test_long_secret_in_hexadecimal_counts_from_its_first_and_last_twelve_bytes() -> None:
    (needle,) = (needle for needle in needles("n", LONG) if needle.is_any_case)
    assert (needle.text, needle.seeds) == (LONG.hex().encode(), (LONG[:12].hex().encode(), LONG[-12:].hex().encode()))


def test_short_secret_counts_whole_only() -> None:
    assert {needle.seeds == (needle.text, needle.text) for needle in needles("n", SHORT)} == {True}


def test_forms_that_are_alike_stand_once() -> None:
    texts = [needle.text for needle in needles("n", b"abcdefgh")]
    assert (len(texts), len(set(texts))) == (5, 5)


def test_cut_short_the_odd_forms_of_a_long_secret_are_looked_for_by_their_first_and_last_twelve() -> None:
    secret = b"sk-live-0123456789AB"
    turned, wide = b"fx-yvir-0123456789NO", b"\0".join(bytes([byte]) for byte in secret)
    assert [found.seeds for found in odd_needles("n", secret)] == [
        (secret[4:16], secret[4:]),
        (secret[8:20], secret[8:]),
        (b"sk-live-0123", b"0123456789ab"),
        (b"BA9876543210", b"3210-evil-ks"),
        (turned[:12], turned[-12:]),
        (wide[:23], wide[-23:]),
    ]


def test_odd_forms_of_a_short_secret_are_looked_for_whole() -> None:
    secret = b"hunter22-hunter22-h"
    wide = b"\0".join(bytes([byte]) for byte in secret)
    forms = [secret, b"h-22retnuh-22retnuh", b"uhagre22-uhagre22-u", wide]
    assert [found.seeds for found in odd_needles("n", secret)] == [(form, form) for form in forms]


def test_secret_of_twenty_counts_from_its_first_and_last_twelve_bytes() -> None:
    assert next(needles("n", b"sk-live-0123456789AB")).seeds == (b"sk-live-0123", b"0123456789AB")
