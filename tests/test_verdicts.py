"""How verdicts roll up: a broken must is red, an undecided one is never green."""

from enum import StrEnum

import pytest

from assisters_verify.verdicts import Basis, Level, Overall, Verdict, breaks, leaves_open, overall, worst

FAIL, NOT_IMPLEMENTED, ERROR = Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.ERROR
WARN, INCONCLUSIVE, SKIPPED = Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.SKIPPED
PASS, NOT_APPLICABLE = Verdict.PASS, Verdict.NOT_APPLICABLE
MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (Verdict, "fail not_implemented error warn inconclusive skipped pass not_applicable"),
        (Level, "must should may"),
        (Basis, "documented implied convention"),
        (Overall, "conformant nonconformant incomplete"),
    ],
)
def test_words_are_spelled_as_in_the_results(words: type[StrEnum], expected: str) -> None:
    assert " ".join(words) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([PASS], PASS),
        ([PASS, FAIL, WARN], FAIL),
        ([ERROR, FAIL], FAIL),
        ([ERROR, NOT_IMPLEMENTED], NOT_IMPLEMENTED),
        ([NOT_IMPLEMENTED, FAIL], FAIL),
        ([INCONCLUSIVE, ERROR], ERROR),
        ([PASS, WARN], WARN),
        ([WARN, NOT_IMPLEMENTED], NOT_IMPLEMENTED),
        ([SKIPPED, INCONCLUSIVE], INCONCLUSIVE),
        ([PASS, SKIPPED], SKIPPED),
        ([NOT_APPLICABLE, PASS], PASS),
        ([NOT_APPLICABLE, SKIPPED], SKIPPED),
        ([NOT_APPLICABLE, NOT_APPLICABLE], NOT_APPLICABLE),
    ],
)
@pytest.mark.parametrize("level", Level)
def test_worst_verdict_of_its_checks_is_a_clauses_verdict(
    verdicts: list[Verdict], expected: Verdict, level: Level
) -> None:
    assert worst(verdicts, level) == expected


@pytest.mark.parametrize("undecided", [INCONCLUSIVE, SKIPPED])
def test_warning_does_not_cover_that_a_must_is_undecided(undecided: Verdict) -> None:
    """A tolerated oddity in one check says nothing about what another check could not find out."""
    assert worst([WARN, PASS, undecided], MUST) == undecided


@pytest.mark.parametrize("level", [SHOULD, MAY])
def test_warning_counts_where_no_must_is_undecided(level: Level) -> None:
    assert worst([INCONCLUSIVE, WARN], level) == WARN


def test_worst_of_nothing_is_an_error() -> None:
    with pytest.raises(IndexError):
        worst([], MUST)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("level", Level)
def test_only_a_must_that_fails_or_is_missing_breaks(verdict: Verdict, level: Level) -> None:
    assert breaks(verdict, level) == (level is MUST and verdict in {FAIL, NOT_IMPLEMENTED})


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("level", Level)
def test_only_an_undecided_must_is_left_open(verdict: Verdict, level: Level) -> None:
    assert leaves_open(verdict, level) == (level is MUST and verdict in {INCONCLUSIVE, SKIPPED, ERROR})


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        ([(PASS, MUST)], Overall.CONFORMANT),
        ([(PASS, MUST), (NOT_APPLICABLE, MUST)], Overall.CONFORMANT),
        ([(PASS, MUST), (WARN, MUST)], Overall.CONFORMANT),
        ([(PASS, MUST), (WARN, SHOULD), (INCONCLUSIVE, SHOULD), (SKIPPED, MAY), (ERROR, MAY)], Overall.CONFORMANT),
        ([(PASS, MUST), (FAIL, SHOULD), (NOT_IMPLEMENTED, MAY)], Overall.CONFORMANT),
        ([(PASS, MUST), (FAIL, MUST)], Overall.NONCONFORMANT),
        ([(NOT_IMPLEMENTED, MUST), (PASS, MUST)], Overall.NONCONFORMANT),
        ([(INCONCLUSIVE, MUST), (FAIL, MUST)], Overall.NONCONFORMANT),
        ([(PASS, MUST), (INCONCLUSIVE, MUST)], Overall.INCOMPLETE),
        ([(PASS, MUST), (SKIPPED, MUST)], Overall.INCOMPLETE),
        ([(PASS, MUST), (ERROR, MUST)], Overall.INCOMPLETE),
        ([], Overall.INCOMPLETE),
        ([(NOT_APPLICABLE, MUST), (NOT_APPLICABLE, SHOULD)], Overall.INCOMPLETE),
    ],
)
def test_whole_follows_from_its_clauses(judged: list[tuple[Verdict, Level]], expected: Overall) -> None:
    assert overall(iter(judged)) == expected
