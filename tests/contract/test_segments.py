"""What a target calls something goes into a path as it is."""

import pytest

from assisters_verify.contract.segments import in_path


@pytest.mark.parametrize(
    ("name", "safe", "path"),
    [("a/b:c", "", "a%2Fb%3Ac"), ("a/b", "/", "a/b"), ("é", "", "%C3%A9"), ("\ud800", "", "%ED%A0%80")],
)
def test_name_of_any_characters_goes_into_a_path(name: str, safe: str, path: str) -> None:
    assert in_path(name, safe=safe) == path
