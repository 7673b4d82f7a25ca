"""What stands for a secret looks like it and gives none of it away, also where it is cut short or spelt otherwise."""

from collections.abc import Callable

import pytest

from assisters_verify.recording.stand_ins import stand_ins

KEY = "sk-7d1e4f9c2a8b305612Ab"
SECRETS = [KEY, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "0123456789abcdef0123456789abcdef", "12345678"]


@pytest.mark.parametrize("secret", SECRETS)
def test_stand_in_is_another_text_of_the_same_length(secret: str) -> None:
    other = stand_ins([secret])[secret]

    assert (other != secret, len(other)) == (True, len(secret))


@pytest.mark.parametrize("secret", SECRETS)
def test_stand_in_holds_no_long_piece_of_the_secret(secret: str) -> None:
    other = stand_ins([secret])[secret]

    assert [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in other] == []


@pytest.mark.parametrize(("secret", "start"), [(SECRETS[0], "sk-"), (SECRETS[1], "whsec_")])
def test_prefix_that_names_the_kind_of_secret_stays(secret: str, start: str) -> None:
    assert stand_ins([secret])[secret].startswith(start)


def test_stand_in_of_hexadecimal_digits_consists_of_them() -> None:
    bytes.fromhex(stand_ins([SECRETS[2]])[SECRETS[2]])


@pytest.mark.parametrize(
    "alter",
    [
        lambda key: key[:-1],
        lambda key: key[1:],
        lambda key: key[: len(key) // 2],
        lambda key: key + "x",
        lambda key: key + key,
        str.swapcase,
        str.upper,
    ],
    ids=["head", "tail", "half", "longer", "twice", "swapped", "upper"],
)
def test_what_is_made_of_a_secret_is_made_of_its_stand_in(alter: Callable[[str], str]) -> None:
    found = stand_ins([KEY, alter(KEY)])

    assert found[alter(KEY)] == alter(found[KEY])


def test_keys_that_begin_alike_are_strangers() -> None:
    one, other = "eyJhbGciOiJIUzI1NiJ9.a7d1e4f9c2a8b305", "eyJhbGciOiJIUzI1NiJ9.k3v9x2mq0w7t5zj8"

    assert other[-8:] not in stand_ins([one, other])[other]


def test_secrets_that_have_nothing_to_do_with_each_other_have_stand_ins_that_have_not() -> None:
    assert len(set(stand_ins(SECRETS).values())) == len(SECRETS)


@pytest.mark.parametrize(
    "secret",
    ["1" * 40, "a" * 40, "sk-" + "a" * 2_048, "........12345678", "12345678........", "é" * 9, "deadbeefcafe" * 3],
    ids=["digits", "letters", "long", "marks first", "marks last", "no ASCII", "letters of hex"],
)
def test_there_is_one_for_whatever_a_server_calls_a_secret(secret: str) -> None:
    other = stand_ins([secret])[secret]
    assert (len(other), other[:8] != secret[:8], other[-8:] in secret) == (len(secret), True, False)


def test_digits_stay_digits() -> None:
    assert stand_ins(["4" * 30])["4" * 30].isdigit()


def test_long_strangers_have_stand_ins_of_their_own() -> None:
    """Each is compared with all before it: letter by letter that would take minutes."""
    keys = [f"{number:04}" + "Zq9" * 600 for number in range(100)]
    assert len(set(stand_ins(keys).values())) == len(keys)
