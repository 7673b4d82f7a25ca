"""What a target calls something goes into a path as it is."""

import pytest

from assisters_verify.contract.segments import LONGEST_ID, in_path, is_usable_id
from assisters_verify.judgement import Undecided


@pytest.mark.parametrize(
    ("name", "safe", "path"),
    [("a/b:c", "", "a%2Fb%3Ac"), ("a/b", "/", "a/b"), ("é", "", "%C3%A9"), ("\ud800", "", "%ED%A0%80")],
)
def test_name_of_any_characters_goes_into_a_path(name: str, safe: str, path: str) -> None:
    assert in_path(name, safe=safe) == path


def test_name_too_long_for_a_path_is_not_sent() -> None:
    assert in_path("a" * LONGEST_ID) == "a" * LONGEST_ID
    with pytest.raises(Undecided, match="an id of 1,025 characters"):
        in_path("a" * (LONGEST_ID + 1))


@pytest.mark.parametrize(
    ("value", "is_usable"), [("", False), ("a", True), ("a" * LONGEST_ID, True), ("a" * 1025, False), (7, False)]
)
def test_what_a_request_can_name_something_by(value: object, is_usable: object) -> None:
    assert is_usable_id(value) == is_usable
