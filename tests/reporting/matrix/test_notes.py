"""What keeps runs from being held against each other is said."""

from typing import Any

from assisters_verify.reporting.matrix.notes import notes_on

Results = dict[str, Any]


def test_runs_of_one_kind_need_no_note(results: Results) -> None:
    assert list(notes_on([results, results])) == []


def test_other_suites_are_told(results: Results, other: Results) -> None:
    note = next(notes_on([results, other, results]))
    told = "assisters-verify 0.1.0 (runs 1, 3); assisters-verify 0.2.0 (run 2)"
    assert note.startswith(f"Different suites judged: {told}.")


def test_other_scopes_and_promises_are_told(results: Results, other: Results) -> None:
    _, scopes, promises = notes_on([results, other])
    assert (scopes, promises.split(".")[0]) == (
        "The runs were not asked for the same: full profile (run 1); core profile (run 2).",
        "The runs do not cover the same promises: 7 of 10 are in all of them",
    )


def test_an_early_end_is_told(empty_results: Results) -> None:
    assert list(notes_on([empty_results])) == ["Run 1 ended early: Ctrl-C."]
