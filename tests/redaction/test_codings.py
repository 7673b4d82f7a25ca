"""Who wants to show a secret may write it in ways that nobody uses by accident: those that are cheap to see through."""

import base64
import codecs
import json
from collections.abc import Callable

import pytest

from assisters_verify.redaction import Redactor
from assisters_verify.redaction.codings import views

KEY = "sk-Ab9_x/Y+z=7Q.4tLmN8vWc"
NAME = "{{api_key}}"

ODD: dict[str, Callable[[str], str]] = {
    "lower_case": str.lower,
    "upper_case": str.upper,
    "swapped_case": str.swapcase,
    "backwards": lambda key: key[::-1],
    "turned": lambda key: codecs.encode(key, "rot13"),
    "base64_twice": lambda key: base64.b64encode(base64.b64encode(key.encode())).decode(),
    "base64_of_bearer_twice": lambda key: base64.b64encode(base64.b64encode(f"Bearer {key}".encode())).decode(),
    "base64_of_hex": lambda key: base64.b64encode(key.encode().hex().encode()).decode(),
    "base64_of_percent": lambda key: base64.b64encode("".join(f"%{ord(c):02x}" for c in key).encode()).decode(),
    "base64_of_utf_16": lambda key: base64.b64encode(key.encode("utf-16-le")).decode(),
    "hex_of_base64": lambda key: base64.b64encode(key.encode()).hex(),
    "hex_apart": lambda key: key.encode().hex(" "),
    "hex_with_colons": lambda key: key.encode().hex(":"),
    "hex_as_in_c": lambda key: ", ".join(f"0x{ord(c):02x}" for c in key),
    "quoted_printable": lambda key: "".join(f"={ord(c):02X}" for c in key),
    "numbers": lambda key: json.dumps(list(key.encode())),
    "apart": " ".join,
    "apart_by_nothing": "\u200b".join,
    "in_lines": lambda key: f"{key[:9]}\n{key[9:]}",
    "as_a_list": lambda key: json.dumps(list(key)),
    "as_a_list_of_pieces": lambda key: repr([key[at : at + 3] for at in range(0, len(key), 3)]),
    "out_of_its_middle": lambda key: key[4:20],
}


@pytest.mark.parametrize("coding", list(ODD))
def test_no_odd_form_of_a_secret_survives(coding: str) -> None:
    text = Redactor([("api_key", KEY)]).text(f"before {ODD[coding](KEY)} after")
    found = (NAME in text, len(text) - len(f"before {NAME} after") <= 24, "before" in text, "after" in text)
    assert found == (True, True, True, True), text


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_secret_in_utf_16_is_found(order: str) -> None:
    data = Redactor([("api_key", KEY)]).data(f'{{"a": "{KEY}"}}'.encode(order))
    assert (NAME.encode() in data, KEY[3:6].encode(order) in data) == (True, False)


@pytest.mark.parametrize("start", range(len(KEY) - 16))
def test_sixteen_characters_in_a_row_are_hidden_wherever_they_begin(start: int) -> None:
    text = Redactor([("api_key", KEY)]).text(f"<{KEY[start : start + 16]}>")
    assert (NAME in text, len(text) <= len(f"<{NAME}>") + 3) == (True, True)


def test_key_in_another_case_that_has_a_name_keeps_it() -> None:
    redactor = Redactor([("api_key", KEY), ("api_key_swapped", KEY.swapcase())])
    assert redactor.text(f"{KEY.swapcase()} {KEY}") == f"{{{{api_key_swapped}}}} {NAME}"


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ["one", "two"], "b": [101, 102, 103]}',
        "0123456789abcdef0123456789abcdef",
        "aGVsbG8gd29ybGQsIHRoaXMgaXMgdGV4dA==",
        'data: {"a": "b"}\n\ndata: [DONE]\n\n',
        "2026-11-23T06:00:00.123456Z, 10.0.0.1, 12 13 14 15 16 17 18 19",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor([("api_key", KEY)]).text(text) == text


def test_place_of_what_was_taken_apart_is_known() -> None:
    data = b'x ["a", "b", "c"] y'
    joined = next(view for view in views(data) if view.data == b'x["abc"]y')
    assert (joined.origin(3, 6), data[slice(*joined.origin(3, 6))]) == ((4, 15), b'a", "b", "c')
