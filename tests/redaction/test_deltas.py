"""A secret that a stream tells piece by piece is found, and only its pieces are replaced."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.redaction import Redactor

KEY = "sk-Ab9_x-Y7Q4tLmN8vWcZ2kP"


def chunk(content: str, *, index: int = 0) -> dict[str, Any]:
    return {"id": "chat_1", "choices": [{"index": index, "delta": {"content": content}, "finish_reason": None}]}


def stream(*values: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)


def redact(body: bytes) -> bytes:
    """A redactor remembers what it has looked through, so that each body gets a new one."""
    return Redactor([("api_key", KEY)]).data(body, is_event_stream=True)


def contents(body: bytes) -> list[str]:
    lines = [line.removeprefix("data: ") for line in body.decode().splitlines() if line.startswith("data: {")]
    return [choice["delta"]["content"] for line in lines for choice in json.loads(line)["choices"]]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(KEY) + 6)))
def test_secret_is_found_wherever_events_cut_it(cuts: list[int]) -> None:
    text = f"a {KEY} b"
    ends = sorted(min(cut, len(text)) for cut in cuts)
    pieces = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    found = contents(redact(stream(*map(chunk, pieces))))
    assert (len(found), "".join(found)) == (len(pieces), "a {{api_key}} b")


def test_name_stands_where_the_secret_begins() -> None:
    body = stream(chunk("key: " + KEY[:2]), chunk(KEY[2:9]), chunk(KEY[9:] + "."), chunk(" Bye"))
    assert contents(redact(body)) == ["key: {{api_key}}", "", ".", " Bye"]


def test_everything_but_the_pieces_stays_byte_by_byte() -> None:
    body = b': hi\r\nid: 7\r\ndata:{ "a" : "x%s" , "n":1}\r\n\r\ndata:{"a":"%sy"}\r\n\r\ndata: [DONE]\r\n\r\n'
    expected = body % (b"{{api_key}}", b"")
    assert redact(body % (KEY[:8].encode(), KEY[8:].encode())) == expected


def test_choices_are_told_apart_by_their_index() -> None:
    body = stream(chunk(KEY[:9]), chunk("another", index=1), chunk(KEY[9:]), chunk(" answer", index=1))
    assert contents(redact(body)) == ["{{api_key}}", "another", "", " answer"]


def test_pieces_are_joined_though_each_comes_in_another_choice() -> None:
    body = stream(chunk(f"a {KEY[:9]}"), chunk(f"{KEY[9:]} b", index=1))
    assert contents(redact(body)) == ["a {{api_key}}", " b"]


def test_pieces_are_found_between_all_that_an_event_holds_besides() -> None:
    def event(piece: str) -> dict[str, Any]:
        return {"a": {"b": ["c", {"d": "e"}]}, "f": [["g"], {"h": {"i": piece, "j": "k"}}, "l"], "m": "n"}

    found = redact(stream(event(f"x{KEY[:9]}"), event(KEY[9:])))
    assert found == stream(event("x{{api_key}}"), event(""))


def test_list_entries_without_an_index_are_told_apart_by_their_place() -> None:
    body = stream({"a": [KEY[:9], "x"]}, {"a": [KEY[9:], "y"]})
    assert redact(body) == stream({"a": ["{{api_key}}", "x"]}, {"a": ["", "y"]})


def test_index_that_is_no_number_is_passed_over() -> None:
    body = stream({"a": [{"index": "1", "b": KEY[:9]}]}, {"a": [{"index": None, "b": KEY[9:]}]})
    assert redact(body) == stream({"a": [{"index": "1", "b": "{{api_key}}"}]}, {"a": [{"index": None, "b": ""}]})


def test_texts_at_other_places_are_not_joined() -> None:
    body = stream({"a": KEY[:9]}, {"b": KEY[9:16]}, {"a": KEY[16:]})
    assert redact(body) == body


def test_names_are_no_values() -> None:
    body = stream({"x": {"name": KEY[:9]}}, {"x": {"name": KEY[9:]}})
    assert redact(body) == stream({"x": {"name": "{{api_key}}"}}, {"x": {"name": ""}})


def test_streamed_arguments_of_a_tool_call_are_joined() -> None:
    arguments = json.dumps({"header": f"Bearer {KEY}"})
    calls = [
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": part}}]}}]}
        for part in (arguments[:22], arguments[22:30], arguments[30:])
    ]
    joined = "".join(
        event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
        for event in (json.loads(line[6:]) for line in redact(stream(*calls)).splitlines() if line)
    )
    assert joined == json.dumps({"header": "Bearer {{api_key}}"})


def test_escaped_pieces_are_found() -> None:
    first = "".join(f"\\u{ord(char):04X}" for char in KEY[:9])
    body = f'data: {{"a":"é\\n{first}"}}\n\ndata: {{"a":"{KEY[9:]}\\"q"}}\n\n'.encode()
    assert redact(body).decode() == 'data: {"a":"é\\n{{api_key}}"}\n\ndata: {"a":"\\"q"}\n\n'


def test_surrogate_pairs_before_a_piece_do_not_shift_it() -> None:
    body = f'data: {{"a":"\\ud83d\\ude00{KEY[:9]}"}}\n\ndata: {{"a":"{KEY[9:]}"}}\n\n'.encode()
    assert redact(body).decode() == 'data: {"a":"\\ud83d\\ude00{{api_key}}"}\n\ndata: {"a":""}\n\n'


def test_json_over_several_data_lines_is_one_event() -> None:
    body = f'data: {{"b":"x",\ndata: "a":"{KEY[:9]}"}}\n\ndata: {{"a":"{KEY[9:]}",\ndata: "b":"y"}}\n\n'.encode()
    expected = b'data: {"b":"x",\ndata: "a":"{{api_key}}"}\n\ndata: {"a":"",\ndata: "b":"y"}\n\n'
    assert redact(body) == expected


def test_events_without_json_are_joined_as_they_are() -> None:
    body = f"data: a {KEY[:9]}\n\ndata: {KEY[9:15]}\ndata: {KEY[15:]} b\n\n".encode()
    assert redact(body) == b"data: a {{api_key}}\n\ndata: \ndata:  b\n\n"


def test_lines_of_a_single_event_without_json_are_joined() -> None:
    body = f"data: a {KEY[:9]}\ndata: {KEY[9:]} b\n\n".encode()
    assert redact(body) == b"data: a {{api_key}}\ndata:  b\n\n"


@pytest.mark.parametrize("odd", [b"\\ud800", b"\xff", b"\x01"])
def test_pieces_are_found_in_what_is_not_quite_json(odd: bytes) -> None:
    """A strict reader takes none of it, but many a reader does."""
    pieces = [f"a {KEY[:8]}".encode(), KEY[8:16].encode(), f"{KEY[16:]} b".encode()]
    form = b'data: {"i":[%d,{"n":"x"}],"a":"%s","b":"' + odd + b'"}\n\n'
    body = b"".join(form % (number, piece) for number, piece in enumerate(pieces))
    expected = b"".join(form % (number, piece) for number, piece in enumerate((b"a {{api_key}}", b"", b" b")))
    assert redact(body) == expected


def test_unfinished_last_event_is_searched_too() -> None:
    body = stream({"a": KEY[:9]}) + b'data: {"a":"' + KEY[9:].encode() + b'"}'
    assert redact(body) == stream({"a": "{{api_key}}"}) + b'data: {"a":""}'


def test_byte_order_mark_hides_no_event() -> None:
    body = b"\xef\xbb\xbf" + stream({"a": KEY[:9]}, {"a": KEY[9:]})
    assert redact(body) == b"\xef\xbb\xbf" + stream({"a": "{{api_key}}"}, {"a": ""})


def test_secret_in_one_piece_is_replaced_once() -> None:
    body = stream(chunk("a"), chunk(f"{KEY}{KEY}"), chunk("b"))
    assert contents(redact(body)) == ["a", "{{api_key}}{{api_key}}", "b"]


def test_last_part_that_would_count_alone_has_no_name_of_its_own() -> None:
    body = stream(chunk(KEY[:5]), chunk(KEY[5:]))
    assert contents(redact(body)) == ["{{api_key}}", ""]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"data: {}\n\n",
        b'data: {"a":"x","a":"y"}\n\ndata: {"a":"z"}\n\n',
        b"data: \xff\xfe\n\ndata: \xff\n\n",
        b"event: data\ndatax: y\nid: 1\n\n",
        b"data: " + b"[" * 5000 + b"]" * 5000 + b"\n\n",
        b"data: " + b'{"a":' * 900 + b'"x"' + b"}" * 900 + b"\n\ndata: {}\n\n",
    ],
)
def test_stream_without_secrets_stays_as_it_is(body: bytes) -> None:
    assert redact(body) == body


def test_event_that_names_a_value_twice_leaves_the_others_findable() -> None:
    twice = b'data: {"b":"1","b":"2"}\n\n'
    body = stream({"a": KEY[:9]}) + twice + stream({"a": KEY[9:]})
    assert redact(body) == stream({"a": "{{api_key}}"}) + twice + stream({"a": ""})
