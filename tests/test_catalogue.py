"""The catalogue is read whole, and found by id and by area."""

import re
from pathlib import Path

import pytest

from assisters_verify.catalogue import Catalogue, Clause, extend_catalogue, load_catalogue
from assisters_verify.content import content_root
from assisters_verify.verdicts import Basis, Level

TEXT = """\
version: 1
clauses:
- {id: CHAT-01, area: chat, level: must, basis: documented, section: Chat, title: "It answers."}
- {id: KEY-01, area: keys, level: should, basis: convention, section: Keys, title: "It says so."}
- {id: CHAT-02, area: chat, level: may, basis: implied, section: Chat, title: "At rest.", untestable: "nobody sees it"}
"""


def load(folder: Path, text: str = TEXT) -> Catalogue:
    (folder / "clauses.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(folder / "clauses.yaml")


def test_clauses_are_read_in_the_files_order(tmp_path: Path) -> None:
    assert [clause.id for clause in load(tmp_path)] == ["CHAT-01", "KEY-01", "CHAT-02"]


def test_clause_holds_all_that_the_file_says(tmp_path: Path) -> None:
    expected = Clause(
        id="CHAT-02",
        area="chat",
        level=Level.MAY,
        basis=Basis.IMPLIED,
        section="Chat",
        title="At rest.",
        untestable="nobody sees it",
    )
    assert load(tmp_path)["CHAT-02"] == expected


def test_clause_is_testable_unless_a_reason_says_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path)["CHAT-01"].untestable is None


def test_unknown_id_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="CHAT-99"):
        load(tmp_path)["CHAT-99"]


def test_ids_are_those_of_all_clauses(tmp_path: Path) -> None:
    assert load(tmp_path).ids == {"CHAT-01", "KEY-01", "CHAT-02"}


def test_areas_stand_once_in_the_files_order(tmp_path: Path) -> None:
    assert load(tmp_path).areas == ("chat", "keys")


@pytest.mark.parametrize(
    ("areas", "clause_ids", "expected"),
    [
        ([], [], ["CHAT-01", "KEY-01", "CHAT-02"]),
        (["chat"], [], ["CHAT-01", "CHAT-02"]),
        ([], ["KEY-01"], ["KEY-01"]),
        (["keys"], ["CHAT-02"], ["KEY-01", "CHAT-02"]),
        (["chat"], ["CHAT-01"], ["CHAT-01", "CHAT-02"]),
        (["none"], [], []),
    ],
)
def test_clauses_are_chosen_by_area_and_id_together(
    tmp_path: Path, areas: list[str], clause_ids: list[str], expected: list[str]
) -> None:
    assert [clause.id for clause in load(tmp_path).select(areas=areas, clause_ids=clause_ids)] == expected


def test_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^clauses\.yaml: these ids stand twice: CHAT-01, KEY-01$"):
        load(tmp_path, TEXT + "\n".join(line for line in TEXT.splitlines() if "-01" in line))


@pytest.mark.parametrize(("before", "after"), [("must", "shall"), ("documented", "guessed")])
def test_word_that_is_not_the_catalogues_is_refused(tmp_path: Path, before: str, after: str) -> None:
    with pytest.raises(ValueError, match=after):
        load(tmp_path, TEXT.replace(before, after))


def test_real_catalogue_is_read() -> None:
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    assert (catalogue["AUTH-01"].level, "sdk" in catalogue.areas) == (Level.MUST, True)


def test_only_a_convention_is_less_than_a_must_in_the_real_catalogue() -> None:
    """What the documentation says fails a target, and what it is silent about never does."""
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    observable = [clause for clause in catalogue if clause.untestable is None]
    wrong = [clause.id for clause in observable if (clause.basis is Basis.CONVENTION) == (clause.level is Level.MUST)]
    assert wrong == []


OWN = """\
clauses:
- {id: OWN-01, area: own, level: must, basis: documented, section: Ours, title: "Ours holds."}
"""


def extend(folder: Path, text: str = OWN) -> Catalogue:
    (folder / "own").mkdir()
    (folder / "own" / "clauses.yaml").write_text(text, encoding="utf-8")
    return extend_catalogue(load(folder), folder / "own")


def test_own_clauses_stand_behind_the_suites(tmp_path: Path) -> None:
    found = extend(tmp_path)
    assert ([clause.id for clause in found][-1], found.extra) == ("OWN-01", frozenset({"OWN-01"}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OWN.replace("OWN-01", "CHAT-01"), "CHAT-01 is one of the suite's own ids"),
        (OWN.replace("OWN-01", "own 1"), "ids are like OWN-01"),
        (OWN.replace("area: own", "area: Own"), "areas like own_area"),
        (OWN.replace("level: must, ", ""), "each entry of `clauses` needs id, area, level"),
        (OWN.replace("must", "shall"), "'shall' is not a valid Level"),
        ("- a", "each entry of `clauses` needs"),
        ("clauses: [", "it is not YAML"),
    ],
)
def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        extend(tmp_path, text)


def test_a_folder_without_clauses_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"clauses\.yaml: No such file or directory\. It says what"):
        extend_catalogue(load(tmp_path), tmp_path / "nowhere")
