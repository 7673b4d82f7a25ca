"""Fields are found in a document of any shape."""

from typing import Any

import pytest

from assisters_verify.contract.fields import Field, fields_in, plain_name


@pytest.mark.parametrize("name", ["key_id", "keyId", "Key-ID", "KEY ID", "key.id"])
def test_plain_name_knows_no_convention(name: str) -> None:
    assert plain_name(name) == "keyid"


def test_fields_come_outermost_first_with_their_place() -> None:
    document = {"data": [{"Key_Id": 1}], "ok": True}
    assert fields_in(document) == [
        Field(name="ok", shown="ok", parent=(), value=True),
        Field(name="keyid", shown="Key_Id", parent=("data", 0), value=1),
    ]


@pytest.mark.parametrize("document", [None, 5, "text", [], [1, "a"], {}])
def test_values_without_a_name_are_no_fields(document: Any) -> None:
    assert fields_in(document) == []


def test_depth_is_bounded() -> None:
    document: Any = 1
    for _ in range(500):
        document = {"a": document}
    assert fields_in(document) == []
