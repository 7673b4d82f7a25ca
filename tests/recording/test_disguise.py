"""No secret stays in what is recorded, in any form, and everything else stays where it was."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from assisters_verify.recording.disguise import Disguise
from assisters_verify.redaction import Redactor

KEY = "sk-7d1e4f9c/a8b30561234+"
OTHER = "sk-k3v9x2mq/w7t5zj8hn4r+"


def disguise() -> Disguise:
    return Disguise({KEY: OTHER}, Redactor([("api_key", KEY)]))


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in_json": lambda key: json.dumps({"key": key, "n": 1}),
    "in_json_with_escaped_slash": lambda key: json.dumps(key).replace("/", "\\/"),
    "percent_coded": lambda key: quote(key, safe=""),
    "in_hex": lambda key: key.encode().hex(),
    "its_head": lambda key: f"{key[:16]}…",
    "its_tail": lambda key: f"…{key[-15:]}",
    "twice": lambda key: f"{key} {key}",
}


@pytest.mark.parametrize("form", list(FORMS))
def test_each_form_of_a_secret_becomes_that_of_its_stand_in(form: str) -> None:
    assert disguise().text(f"a {FORMS[form](KEY)} z") == f"a {FORMS[form](OTHER)} z"


@pytest.mark.parametrize("before", ["", "u", "us"])
def test_secret_in_base64_becomes_its_stand_in_in_base64(before: str) -> None:
    coded = base64.b64encode(f"{before}{KEY}".encode()).decode()

    found = base64.b64decode(disguise().text(coded), validate=True)

    assert found[len(before) + 1 : -1] == OTHER[1:-1].encode()


def test_form_of_which_nobody_thought_is_lost_and_not_shown() -> None:
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in KEY)

    assert disguise().text(escaped) == "x" * len(escaped)


def test_secret_across_pieces_is_replaced_in_both() -> None:
    body = f"data {KEY} end".encode()

    assert b"".join(disguise().pieces([body[:12], body[12:]])) == f"data {OTHER} end".encode()


def test_pieces_keep_their_sizes() -> None:
    body = f"data {KEY} end".encode()

    assert [len(piece) for piece in disguise().pieces([body[:12], b"", body[12:]])] == [12, 0, len(body) - 12]


def test_value_is_searched_to_its_leaves() -> None:
    assert disguise().value({"a": [KEY, KEY.encode(), 1, None]}) == {"a": [OTHER, OTHER.encode(), 1, None]}


@pytest.mark.parametrize("safe", ["", "/", "+", "/+="])
def test_secret_that_is_percent_coded_in_part_leaves_nothing(safe: str) -> None:
    """Of a form that is known but for one character, the end was replaced, and the beginning stayed."""
    found = disguise().text(f"/v1/x?key={quote(KEY, safe=safe)}&n=1")
    rests = [KEY[at : at + 6] for at in range(3, len(KEY) - 5) if KEY[at : at + 6] in found]
    assert (rests, found[:10], found[-4:]) == ([], "/v1/x?key=", "&n=1")


def test_secret_that_events_spell_out_leaves_nothing() -> None:
    body = "".join(f'data: {{"a": "{KEY[at : at + 4]}"}}\n\n' for at in range(0, len(KEY), 4))
    found = disguise().text(body)
    assert ([part for at in range(4, len(KEY), 4) if (part := f'"{KEY[at : at + 4]}"') in found], len(found)) == (
        [],
        len(body),
    )
