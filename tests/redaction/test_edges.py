"""Wherever a text was cut, no part of a secret that is worth anything is left at the cut."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.redaction import Redactor

KEY = "sk-Ab9_x/Y+z=7Q.4tLmN8vWc"
CODINGS = {
    "plain": KEY,
    "percent": "".join(f"%{byte:02x}" for byte in KEY.encode()),
    "quoted": quote(KEY, safe=""),
    "json": "".join(f"\\u{ord(character):04x}" for character in KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "hex": KEY.encode().hex(),
}
FRAMES = ("expected 'a', received {!r} (POST /v1/x)", "received 200 {}…", "received {} (GET /v1)", "{}", "['{}', 'b']")
_FEWEST = 6


@given(st.sampled_from(sorted(CODINGS)), st.data(), st.sampled_from(FRAMES))
def test_part_of_a_secret_at_a_cut_is_hidden(coding: str, data: st.DataObject, frame: str) -> None:
    form = CODINGS[coding]
    start = data.draw(st.integers(0, len(form) - 1))
    shown = Redactor([("api_key", KEY)]).excerpt(frame.format(form[start : data.draw(st.integers(start, len(form)))]))
    width = _FEWEST * len(form) // len(KEY) + 8
    assert [at for at in range(len(form) - width) if form[at : at + width] in shown] == []


@pytest.mark.parametrize("text", ["expected 'model', received 'models' (GET /v1/models)", "sk-…", "no key", ""])
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor([("api_key", KEY)]).excerpt(text) == text


def test_half_of_a_short_secret_is_hidden_at_a_cut() -> None:
    assert Redactor([("api_key", "hunter22")]).excerpt("received 'hunter' (GET /)") == "received '{{api_key}}' (GET /)"
