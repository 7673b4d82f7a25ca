"""The sample of a body leads to every form that stands in it, wherever it stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.redaction.finder import Finder
from assisters_verify.redaction.needles import Needle
from assisters_verify.redaction.spans import Span


def needle(
    text: bytes, *, name: str = "n", head: int | None = None, tail: int = 0, is_any_case: bool = False
) -> Needle:
    return Needle(name=name, text=text, head=head or len(text), tail=tail, is_any_case=is_any_case)


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(4, 30), min_size=1, max_size=4),
    before=st.integers(0, 40),
    after=st.integers(0, 5),
    choose=st.data(),
)
def test_form_is_found_at_every_place(lengths: list[int], before: int, after: int, choose: st.DataObject) -> None:
    texts = [bytes(range(65 + at, 65 + at + length)) for at, length in enumerate(lengths)]
    text = choose.draw(st.sampled_from(texts))
    data = b"." * before + text + b"." * after
    assert Span(before, before + len(text), "{{n}}") in Finder([needle(each) for each in texts]).find(data)


def test_form_alone_is_found() -> None:
    assert Finder([needle(b"abcdefgh")]).find(b"abcdefgh") == [Span(0, 8, "{{n}}")]


def test_head_grows_as_far_as_the_form_goes() -> None:
    finder = Finder([needle(b"abcdefghij", head=4)])
    assert finder.find(b"abcd abcdef abcdefghijk") == [Span(12, 22, "{{n}}"), Span(0, 4, "{{n}}"), Span(5, 11, "{{n}}")]


def test_tail_grows_backwards_as_far_as_the_form_goes() -> None:
    finder = Finder([needle(b"abcdefghij", head=5, tail=6)])
    assert finder.find(b"ghij efghij") == [Span(0, 4, "{{n}}"), Span(5, 11, "{{n}}")]


def test_tail_at_the_start_of_the_body_does_not_grow_past_it() -> None:
    assert Finder([needle(b"aaaaaaaa", head=5, tail=4)]).find(b"aaaa") == [Span(0, 4, "{{n}}")]


def test_case_counts_unless_the_form_has_none() -> None:
    data = b"ABCDEFGH abcdefgh AbCdEfGh"
    found = [len(Finder([needle(b"abcdefgh", is_any_case=is_any)]).find(data)) for is_any in (False, True)]
    assert found == [1, 3]


def test_whole_forms_come_before_parts() -> None:
    part, whole = needle(b"abcdefgh", head=5), Needle(name="whole", text=b"abcde", head=5, tail=0)
    assert Finder([part, whole]).find(b"abcde") == [Span(0, 5, "{{whole}}"), Span(0, 5, "{{n}}")]


def test_nothing_to_look_for_finds_nothing() -> None:
    assert Finder([]).find(b"abcdefgh") == []


def test_tail_is_found_wherever_it_stands() -> None:
    found = Finder([needle(b"abcdefghij", head=5, tail=6)]).find(b"ghij ghij ghij")
    assert found == [Span(0, 4, "{{n}}"), Span(5, 9, "{{n}}"), Span(10, 14, "{{n}}")]


def test_tail_that_begins_inside_a_character_takes_all_of_it() -> None:
    """Their second bytes are alike."""
    finder = Finder([needle("xxxéabcd".encode(), head=4, tail=5)])
    assert finder.find("....ũabcd".encode()) == [Span(4, 10, "{{n}}")]


def test_shorter_form_that_is_added_later_is_found() -> None:
    finder = Finder([needle(b"abcdefghijklmnop")])
    finder.add([needle(b"qrstuvwx")])
    assert [finder.find(data) for data in (b"..qrstuvwx", b"abcdefghijklmnop")] == [
        [Span(2, 10, "{{n}}")],
        [Span(0, 16, "{{n}}")],
    ]


def test_form_of_a_lower_rank_comes_first() -> None:
    finder = Finder()
    finder.add([needle(b"abcdefgh", name="odd")], rank=1)
    finder.add([needle(b"abcdefgh", name="plain")])
    assert [span.text for span in finder.find(b"abcdefgh")] == ["{{plain}}", "{{odd}}"]
