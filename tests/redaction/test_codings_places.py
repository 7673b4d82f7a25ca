"""What was decoded leads back to the digits that hold it, and to nothing else."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.redaction.codings import Decoded, Place, views


def at(first: int) -> Place:
    return lambda start, end: (first + start, first + end)


def three_texts() -> Decoded:
    decoded = Decoded()
    for text, first in ((b"abcdefgh", 100), (b"ijklmnop", 200), (b"qrstuvwx", 300)):
        decoded.add(text, at(first))
    return decoded


def decoded_from(text: bytes) -> Decoded:
    return next(view for view in views(text) if isinstance(view, Decoded))


def test_texts_stand_on_lines_of_their_own() -> None:
    assert three_texts().data == b"abcdefgh\nijklmnop\nqrstuvwx"


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [(0, 8, (100, 108)), (0, 1, (100, 101)), (9, 17, (200, 208)), (10, 12, (201, 203)), (20, 26, (302, 308))],
)
def test_part_of_a_text_stands_where_its_text_stood(start: int, end: int, place: tuple[int, int]) -> None:
    assert three_texts().origin(start, end) == place


@pytest.mark.parametrize(
    ("start", "end", "place"), [(5, 10, (105, 201)), (5, 12, (105, 203)), (8, 10, (107, 201)), (7, 19, (107, 301))]
)
def test_what_goes_over_texts_stands_from_the_first_to_the_last(start: int, end: int, place: tuple[int, int]) -> None:
    assert three_texts().origin(start, end) == place


@pytest.mark.parametrize(("text", "is_text"), [(b"abcdefghi\xff", True), (b"abcdefgh\xff\xff", False), (b"", True)])
def test_text_has_at_most_a_tenth_of_odd_bytes(text: bytes, is_text: bool) -> None:  # noqa: FBT001 - a parameter
    decoded = Decoded()
    decoded.add(b"first", at(0))
    decoded.add(text, at(10))
    assert decoded.data == (b"first\n" + text if is_text else b"first")


@given(
    text=st.binary(min_size=12, max_size=40).map(lambda data: bytes(32 + byte % 95 for byte in data)),
    before=st.sampled_from([b"", b"/", b"x/", b"xy/"]),
    data=st.data(),
)
def test_bytes_in_base64_stand_in_the_digits_that_hold_nothing_else(
    text: bytes, before: bytes, data: st.DataObject
) -> None:
    digits = b64encode(text).rstrip(b"=")
    decoded = decoded_from(b"<" + before + digits + b">")
    begin = decoded.data.index(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first_digit, last_digit = -(-8 * start // 6), 8 * end // 6
    assert decoded.origin(begin + start, begin + end) == (
        1 + len(before) + first_digit,
        1 + len(before) + last_digit,
    )


@pytest.mark.parametrize("size", [12, 13, 14, 15])
def test_last_bytes_in_base64_are_read_and_no_others(size: int) -> None:
    text = b"abcdefghijklmno"[:size]
    assert decoded_from(b64encode(text).rstrip(b"=")).data.split(b"\n")[0] == text


def test_digit_of_base64_that_holds_no_byte_adds_none() -> None:
    assert decoded_from(b64encode(b"abcdefghijkl") + b"A").data.split(b"\n")[0] == b"abcdefghijkl"


def test_bytes_in_hexadecimal_stand_in_their_digits() -> None:
    decoded = decoded_from(b"<" + b"secret-in-hex".hex(":").encode() + b">")
    begin = decoded.data.index(b"secret-in-hex")
    assert [decoded.origin(begin + start, begin + end) for start, end in ((0, 1), (2, 5), (7, 13))] == [
        (1, 3),
        (7, 15),
        (22, 39),
    ]


def test_numbers_up_to_the_largest_byte_are_bytes() -> None:
    numbers = [*b"eleven-bytes", 255]
    assert decoded_from(", ".join(map(str, numbers)).encode()).data.endswith(bytes(numbers))


def test_numbers_past_the_largest_byte_are_none() -> None:
    text = ", ".join(map(str, [*b"eleven-bytes", 256])).encode()
    assert [view for view in views(text) if isinstance(view, Decoded)] == []
