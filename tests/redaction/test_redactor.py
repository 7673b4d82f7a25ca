"""No secret survives in any form in which a server might repeat it, and nothing else is hidden."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from tests.growth import grows_evenly
from tests.redaction.spelling import (
    ENCODERS,
    KEY,
    OTHER,
    Encode,
    hex_digits,
    html_decimal,
    html_escaped,
    json_all,
    json_escaped,
    json_twice,
    percent_all,
    percent_lower,
)

from assisters_verify.redaction import Redactor, Span
from assisters_verify.redaction import redactor as redactor_module
from assisters_verify.redaction.escapes import pattern_for, unescaped_forms

secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
any_secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=30)


@pytest.mark.parametrize("encode", ENCODERS, ids=lambda encode: encode.__name__)
@settings(deadline=None)
@given(secret=secrets)
@example(secret=KEY)
@example(secret="12345678")
@example(secret='"quotes"\\and\\"more"')
@example(secret="own&unknown;&")
@example(secret="/begins-with-a-slash")
@example(secret="%80begins-inside-a-character\\")
@example(secret="own%41escapes&amp;here\\n")
@example(secret="\\000000%00")
@example(secret="H&G0OuE%ff\\")
@example(secret='"f%f3oi0j?')
def test_no_coded_form_survives(encode: Encode, secret: str) -> None:
    assume(all(len(form) >= 8 for form in unescaped_forms(secret.encode(), pattern_for([secret]))))
    text = Redactor([("api_key", secret)]).text(f"before <{encode(secret)}> after")
    assert text == "before <{{api_key}}> after"


@pytest.mark.parametrize("encode", [str, quote, percent_lower, json_escaped, json_twice, html_escaped, hex_digits])
@settings(deadline=None)
@given(secret=any_secrets)
@example(secret="schlüssel-😀-文字")
@example(secret="tab\tline\nend\x00")
def test_no_coded_form_of_other_scripts_survives(encode: Encode, secret: str) -> None:
    text = Redactor([("webhook_secret", secret)]).text(f"before <{encode(secret)}> after")
    assert text == "before <{{webhook_secret}}> after"


@settings(deadline=None)
@given(secret=secrets, before=st.binary(max_size=7), after=st.binary(max_size=7), is_url_safe=st.booleans())
@example(secret="????>>>>????>>>>", before=b"", after=b"", is_url_safe=True)
@example(secret="????>>>>????>>>>", before=b"a", after=b"b", is_url_safe=False)
def test_no_base64_of_a_secret_survives(secret: str, before: bytes, after: bytes, *, is_url_safe: bool) -> None:
    """Wherever it lies inside the coded text, at most the digits that also hold its neighbours' bits are left."""
    encode = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
    text = Redactor([("api_key", secret)]).text(encode(before + secret.encode() + after).decode())
    left, _, right = text.partition("{{api_key}}")
    end_of_secret = len(before) + len(secret)
    digits = -(-(end_of_secret + len(after)) * 8 // 6)
    # A secret that repeats itself may be found a little earlier or later than it stands.
    most_left, most_right = -(-len(before) * 8 // 6), digits - end_of_secret * 8 // 6
    found = (text.count("{{api_key}}"), len(left) <= most_left, len(right.rstrip("=")) <= most_right)
    assert found == (1, True, True)


def test_secret_that_was_coded_four_times_is_found() -> None:
    coded = KEY
    for encode in (percent_all, quote, json_all, html_decimal):
        coded = encode(coded)
    assert Redactor([("api_key", KEY)]).text(f"<{coded}>") == "<{{api_key}}>"


def test_basic_credentials_are_found_in_a_body() -> None:
    coded = base64.b64encode(f"user:{KEY}".encode()).decode()
    text = Redactor([("api_key", KEY)]).text(json.dumps({"received": f"Basic {coded}"}))
    assert text == '{"received": "Basic dXNlcjp{{api_key}}"}'


def test_base64_with_escaped_slashes_is_found() -> None:
    secret = "????????????"
    coded = base64.b64encode(secret.encode()).decode().replace("/", "\\/")
    assert Redactor([("api_key", secret)]).text(f'"{coded}"') == '"{{api_key}}"'


@settings(deadline=None)
@given(
    secret=st.text("ABCdef0123456789-_/+", min_size=20, max_size=40),
    encode=st.sampled_from([str, quote, hex_digits, json_all]),
    data=st.data(),
)
def test_beginning_or_end_of_a_long_secret_counts_as_the_secret(
    secret: str, encode: Encode, data: st.DataObject
) -> None:
    length = data.draw(st.integers(12, len(secret)))
    part = data.draw(st.sampled_from([secret[:length], secret[-length:]]))
    assert Redactor([("api_key", secret)]).text(f"<{encode(part)}>") == "<{{api_key}}>"


@pytest.mark.parametrize("before", [b"", b"a", b"ab"])
@pytest.mark.parametrize("part", [KEY[:12], KEY[-12:], KEY[:15], KEY[-15:]])
def test_part_of_a_secret_is_found_in_base64(before: bytes, part: str) -> None:
    coded = base64.b64encode(before + part.encode()).decode()
    text = Redactor([("api_key", KEY)]).text(coded)
    assert (text.count("{{api_key}}"), len(text) - len("{{api_key}}") <= 5) == (1, True)


@pytest.mark.parametrize("part", [KEY[:11], KEY[-11:], KEY[1:13], KEY[:11] + "!" + KEY[-11:]])
def test_less_than_twelve_characters_of_either_end_stay(part: str) -> None:
    assert Redactor([("api_key", KEY)]).text(f"<{part}>") == f"<{part}>"


@pytest.mark.parametrize(("length", "expected"), [(19, "<abcdefghijklmnop>"), (20, "<{{api_key}}>")])
def test_parts_count_from_twenty_characters_on(length: int, expected: str) -> None:
    secret = "abcdefghijklmnopqrstuvwxyz"[:length]
    assert Redactor([("api_key", secret)]).text("<abcdefghijklmnop>") == expected


@pytest.mark.parametrize(("secret", "expected"), [("abcdefg", "<abcdefg>"), ("abcdefgh", "<{{api_key}}>")])
def test_secret_of_fewer_than_eight_characters_stays(secret: str, expected: str) -> None:
    assert Redactor([("api_key", secret)]).text(f"<{secret}>") == expected


@settings(deadline=None)
@given(
    before=st.text("abc ", max_size=40), after=st.text("abc ", max_size=40), secret=st.sampled_from([KEY, "12345678"])
)
def test_secret_is_found_at_every_place(before: str, after: str, secret: str) -> None:
    assert Redactor([("api_key", secret)]).text(before + secret + after) == before + "{{api_key}}" + after


def test_every_occurrence_is_replaced() -> None:
    assert (
        Redactor([("api_key", KEY)]).text(f"{KEY}{KEY} {KEY[:13]} {KEY}")
        == "{{api_key}}{{api_key}} {{api_key}} {{api_key}}"
    )


def test_secrets_have_their_own_names() -> None:
    redactor = Redactor([("api_key", KEY), ("second_api_key", SecretStr(OTHER))])
    assert redactor.text(f"{OTHER} and {KEY}") == "{{second_api_key}} and {{api_key}}"


def test_text_that_was_looked_through_is_looked_through_anew_for_a_new_secret() -> None:
    redactor = Redactor([("key", KEY)])
    text = f"{KEY} and {OTHER}"
    before = redactor.text(text)
    redactor.add("other", OTHER)
    assert (before, redactor.text(text)) == (f"{{{{key}}}} and {OTHER}", "{{key}} and {{other}}")


def test_body_that_was_looked_through_is_looked_through_anew_as_a_stream() -> None:
    halves = [json.dumps({"choices": [{"delta": {"content": part}}]}) for part in (OTHER[:9], OTHER[9:])]
    stream = "".join(f"data: {half}\n\n" for half in halves).encode()
    redactor = Redactor([("key", OTHER)])
    assert (len(redactor.spans(stream)), len(redactor.spans(stream, is_event_stream=True))) == (1, 2)


def test_secret_that_needs_other_escapes_changes_what_is_seen_of_the_first() -> None:
    """A secret of other characters makes escapes count that no plain secret can hide behind."""
    odd = 'sk-"quoted"\\and-more'
    redactor = Redactor([("key", KEY)])
    redactor.text(KEY)
    redactor.add("odd", odd)
    coded = json.dumps(json.dumps([KEY, odd]))
    assert redactor.text(coded) == json.dumps(json.dumps(["{{key}}", "{{odd}}"]))


@pytest.mark.parametrize("written", [KEY, base64.b64encode(KEY.encode()).decode(), json_all(KEY), " ".join(KEY)])
@pytest.mark.parametrize("end", [458_760, 524_288, 524_300, 700_000, 983_050])
def test_secret_anywhere_in_a_long_text_is_hidden_once(written: str, end: int) -> None:
    redactor = Redactor([("key", KEY)])
    before, after = "." * (end - len(written)), "." * (1_100_000 - end)
    assert redactor.text(before + written + after) == before + redactor.text(written) + after


def test_secret_that_is_added_later_is_hidden_from_then_on() -> None:
    redactor = Redactor([("api_key", KEY)])
    before = redactor.text(OTHER)
    redactor.add("created_key_1", OTHER)
    assert (before, redactor.text(OTHER), redactor.text(KEY)) == (OTHER, "{{created_key_1}}", "{{api_key}}")


def test_first_name_of_a_value_stays() -> None:
    redactor = Redactor([("api_key", KEY), ("again", KEY)])
    assert redactor.text(KEY) == "{{api_key}}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key_cut", KEY[:-1]),
        ("api_key_longer", KEY + "x"),
        ("api_key_other_case", KEY.swapcase()),
        ("api_key_tail", KEY[1:]),
    ],
)
def test_wrong_key_made_from_the_right_one_has_its_own_name(name: str, value: str) -> None:
    """Evidence must tell which of the keys was presented, or a dispute about it cannot be settled."""
    redactor = Redactor([("api_key", KEY), (name, value)])
    assert redactor.text(f"{value} {KEY}") == f"{{{{{name}}}}} {{{{api_key}}}}"


def test_overlapping_secrets_leave_nothing_behind() -> None:
    first, second = "abcdefghijkl", "ijklmnopqrstuvw"
    assert Redactor([("a", first), ("b", second)]).text("<abcdefghijklmnopqrstuvw>") == "<{{b}}>"


@pytest.mark.parametrize("name", ["", "a b", "a-b", "{{x}}", "schlüssel"])
def test_name_that_makes_no_placeholder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="ASCII letters"):
        Redactor().add(name, KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"max_tokens": 1000, "completion_tokens": 7, "prompt": "key token secret password"}',
        "Idempotency-Key: abc123",
        "sk-ab9_x/y",
        "%41%zz &amp; &unknown; \\u0041 \\ud800 &#1114112; &#x110000;",
        "\ud800 lone surrogate",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert Redactor([("api_key", KEY), ("webhook_secret", "schlüssel-für-hooks")]).text(text) == text


@settings(deadline=None)
@given(st.text())
def test_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Redactor([("api_key", KEY)]).text(text) == text


def test_without_secrets_nothing_is_hidden() -> None:
    assert Redactor().text(KEY) == KEY


def test_body_that_is_no_text_keeps_its_other_bytes() -> None:
    assert Redactor([("api_key", KEY)]).data(b"\xff\x00" + KEY.encode() + b"\xfe") == b"\xff\x00{{api_key}}\xfe"


def test_whole_character_is_hidden_where_a_part_ends_inside_it() -> None:
    """In UTF-8, é and è begin with the same byte: what is left must still be a text."""
    secret = "abcdefghijklé" + "0123456789"
    assert Redactor([("api_key", secret)]).data("<abcdefghijklè>".encode()).decode() == "<{{api_key}}>"


def test_whole_character_is_hidden_where_a_part_begins_inside_it() -> None:
    secret = "0123456789é" + "abcdefghijkl"
    other = "\u0429"  # its last byte is that of é
    assert Redactor([("api_key", secret)]).data(f"<{other}abcdefghijkl>".encode()).decode() == "<{{api_key}}>"


def test_spans_are_places_in_the_body() -> None:
    data = f"é {KEY}, {percent_all(OTHER)}".encode()
    expected = [Span(3, 3 + len(KEY), "{{api_key}}"), Span(5 + len(KEY), len(data), "{{other}}")]
    assert Redactor([("api_key", KEY), ("other", OTHER)]).spans(data) == expected


def test_body_is_read_as_an_event_stream_only_where_it_is_one() -> None:
    body = "".join(f'data: {{"a":"{KEY[at : at + 5]}"}}\n\n' for at in range(0, len(KEY), 5)).encode()
    redactor = Redactor([("api_key", KEY)])
    found = (redactor.data(body), redactor.spans(body), b"{{api_key}}" in redactor.data(body, is_event_stream=True))
    assert found == (body, [], True)


def test_large_body_is_searched_in_linear_time() -> None:
    """Of ordinary text, a megabyte of it and ten secrets."""

    def search(messages: int) -> bool:
        redactor = Redactor([(f"key_{number}", f"sk-{number:032x}") for number in range(10)])
        text = "The quick brown fox\njumps over the lazy dog."
        body = json.dumps([{"role": "user", "content": text}] * messages).encode()
        return redactor.data(body) == body

    assert search(13_000)
    assert grows_evenly(search, 812)


@pytest.mark.parametrize("unit", [b"\\", b"%25", b"&amp;", b"a", b'"', b"&#0"])
def test_hostile_body_is_searched_in_linear_time(unit: bytes) -> None:
    """What begins many searches that come to nothing."""

    def search(size: int) -> bytes:
        body = b"data: " + unit * (size // len(unit)) + b"\n\ndata: " + b"b" * 40 + b"a" * 40 + b"\n\n"
        return Redactor([("api_key", "a" * 40)]).data(body, is_event_stream=True)

    assert search(300_000).endswith(b"b{{api_key}}\n\n")
    assert grows_evenly(search, 19_000)


def test_half_a_character_stays_where_a_secret_is_hidden() -> None:
    assert Redactor([("api_key", KEY)]).text(f"\ud800 {KEY}") == "\ud800 {{api_key}}"


def test_half_a_character_stays_in_an_excerpt_without_secrets() -> None:
    assert Redactor([("api_key", KEY)]).excerpt("\ud800 and more") == "\ud800 and more"


def test_half_a_character_of_an_excerpt_is_replaced_where_a_part_of_a_secret_is_hidden() -> None:
    assert Redactor([("api_key", KEY)]).excerpt(f"\ud800 '{KEY[4:14]}'") == "\ufffd\ufffd\ufffd '{{api_key}}'"


def test_refused_name_of_a_secret_is_told_what_names_consist_of() -> None:
    with pytest.raises(ValueError, match=r"^a name of a secret consists of ASCII letters, digits and underscores$"):
        Redactor([("api key", KEY)])


def test_secret_with_half_a_character_is_hidden() -> None:
    assert Redactor([("api_key", "\ud800secret-one")]).text("<\ud800secret-one>") == "<{{api_key}}>"


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "coded",
    [
        base64_of(percent_all(KEY)),
        base64_of(json_all(KEY)),
        json_all(base64_of(base64_of(KEY[:24]))),  # else padding is left of it
        percent_all(base64_of(percent_all(KEY))),
        base64_of(base64_of(base64_of(KEY))),
    ],
    ids=["percent-coded, coded", "escaped, coded", "coded twice, escaped", "between two escapes", "coded three times"],
)
def test_nothing_is_left_of_what_is_coded_and_escaped_in_turns(coded: str) -> None:
    shown = Redactor([("api_key", KEY)]).text(f"before <{coded}> after")
    assert [at for at in range(len(coded) - 16) if coded[at : at + 16] in shown] == []


def _coded(times: int) -> str:
    text = KEY
    for _ in range(times):
        text = base64.b64encode(text.encode()).decode()
    return text


def _escaped(times: int) -> str:
    text = "".join(f"%{byte:02x}" for byte in KEY.encode())
    for _ in range(times - 1):
        text = text.replace("%", "%25")
    return text


@pytest.mark.parametrize(
    ("text", "is_found"), [(_coded(3), True), (_coded(4), False), (_escaped(5), True), (_escaped(6), False)]
)
def test_what_is_coded_within_each_other_is_undone_so_often_and_no_more(text: str, is_found: bool) -> None:  # noqa: FBT001 - a parameter
    """A bound, since each level is a search of its own: a target chooses how deep its texts go."""
    assert ("{{api_key}}" in Redactor([("api_key", KEY)]).text(text)) is is_found


def test_no_more_is_remembered_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked through is found again without a search, and let go of when it is too much, or a secret comes."""
    monkeypatch.setattr(redactor_module, "_MOST_REMEMBERED_BYTES", 1000)
    redactor = Redactor([("api_key", KEY)])
    remembered = []
    for number in range(50):
        assert redactor.text(f"{number:099d} {KEY}"[-100:]) == redactor.text(f"{number:099d} {KEY}"[-100:])
        remembered.append(sum(len(data) for data, _ in redactor._found))
    redactor.text("x" * 1001)
    redactor.add("second", OTHER)
    assert (max(remembered), min(remembered), len(redactor._found)) == (1000, 100, 0)
