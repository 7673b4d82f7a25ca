"""Wherever a text was cut, no part of a secret that is worth anything is left at the cut."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.redaction import Redactor
from assisters_verify.redaction.edges import Edges
from assisters_verify.redaction.needles import Needle
from assisters_verify.redaction.spans import Span

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


# Which part of a key a text still shows, and where it was cut; the pieces of six are what counts.
SHOWN_AT_A_CUT = {
    "up to the end": ("received Y+z=7Q.4tLmN", "received {{api_key}}"),
    "from the beginning on": ("Y+z=7Q.4tLmN (GET /)", "{{api_key}} (GET /)"),
    "all of a text": ("z=7Q.4t", "{{api_key}}"),
    "up to an ellipsis": ("received /Y+z=7Q…", "received {{api_key}}…"),
    "behind an ellipsis": ("…z=7Q.4tL received", "…{{api_key}} received"),
    "up to half an escape": ("received /Y+z=7%2", "received {{api_key}}"),
    "up to half an escape with its quote": ("'/Y+z=7\\u00' (GET /)", "'{{api_key}}' (GET /)"),
    "capital digits": ("received " + KEY.encode().hex().upper()[8:22], "received {{api_key}}"),
    "less than six": ("received Y+z=7", "received Y+z=7"),
    "less than six behind a cut": ("Y+z=7 received", "Y+z=7 received"),
    "six that go on otherwise": ("received Y+z=7Qx", "received Y+z=7Qx"),
}


@pytest.mark.parametrize("case", SHOWN_AT_A_CUT)
def test_exactly_the_part_of_a_secret_at_a_cut_is_hidden(case: str) -> None:
    text, expected = SHOWN_AT_A_CUT[case]
    assert Redactor([("api_key", KEY)]).excerpt(text) == expected


@pytest.mark.parametrize(
    ("data", "spans"),
    [
        (b"abcdef", [Span(0, 6, "{{n}}"), Span(0, 6, "{{n}}")]),
        (b"-cdefghi", [Span(1, 8, "{{n}}")]),
        (b"cdefghi-", [Span(0, 7, "{{n}}")]),
        (b"xcdefghi", [Span(1, 8, "{{n}}")]),
        (b"mnopqrst", [Span(0, 8, "{{n}}"), Span(0, 8, "{{n}}")]),
        (b"-mnopqrstu", []),
        (b"bcdef", []),
        (b"pqrst", []),
    ],
)
def test_part_reaches_as_far_as_the_form_goes(data: bytes, spans: list[Span]) -> None:
    parts = Edges([Needle(name="n", text=b"abcdefghijklmnopqrst", head=12, tail=8)])
    assert list(parts.spans(data)) == spans
