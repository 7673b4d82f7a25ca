from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from assisters_verify.reporting.page.ration import Ration

_TEXTS = st.text(st.characters(exclude_categories=()), max_size=300)


def test_a_short_text_is_whole() -> None:
    assert Ration(left=1_000).take("short", 100) == ("short", False)


def test_what_is_taken_is_gone() -> None:
    ration = Ration(left=100)
    ration.take("x" * 60, 80)
    assert ration.left == 40


def test_each_copy_is_paid_for() -> None:
    ration = Ration(left=100)
    ration.take("x" * 10, 80, copies=2)
    assert ration.left == 80


def test_a_cut_line_says_so() -> None:
    assert Ration(left=1_000).line("x" * 60, 50) == "x" * 50 + "…"


def test_what_html_makes_longer_costs_more() -> None:
    shown, is_cut = Ration(left=1_000).take('"' * 60, 50)
    assert (len(shown), is_cut) == (10, True)


def test_nothing_is_left_to_show_where_the_ration_is_used_up() -> None:
    assert Ration(left=10).take("text", 100) == ("", True)


def test_markup_is_refused_where_the_ration_is_used_up() -> None:
    ration = Ration(left=100)
    assert [ration.spend(60), ration.spend(60), ration.left] == [True, False, 40]


@given(text=_TEXTS, most=st.integers(40, 200))
def test_no_text_costs_more_than_it_may(text: str, most: int) -> None:
    ration = Ration(left=150)
    shown, _ = ration.take(text, most)
    assert len(str(escape(shown)).encode()) <= min(most, 150)


@given(text=_TEXTS)
def test_what_is_not_said_to_be_cut_is_whole(text: str) -> None:
    plain = "".join(character for character in text if character.isalnum())
    shown, is_cut = Ration(left=10_000).take(plain, 100)
    assert is_cut == (shown != plain)
