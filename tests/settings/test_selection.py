"""A run checks the clauses that were asked for: an unknown word is an error, never nothing."""

from collections.abc import Sequence

import pytest

from assisters_verify.catalogue import Catalogue, Clause, load_catalogue
from assisters_verify.content import content_root
from assisters_verify.settings import Profile, RunOptions, RunSettings, SettingsError, Target, select_clauses
from assisters_verify.settings.selection import profile_areas
from assisters_verify.verdicts import Basis, Level


def clause(clause_id: str, area: str) -> Clause:
    return Clause(id=clause_id, area=area, level=Level.MUST, basis=Basis.DOCUMENTED, section="s", title="t")


CATALOGUE = Catalogue(
    (clause("CHAT-01", "chat"), clause("KEY-01", "keys"), clause("CHAT-02", "chat"), clause("ERROR-01", "errors"))
)


def select(claimed: Sequence[str] | None = None, **options: object) -> list[str]:
    settings = RunSettings(
        target=Target(areas=None if claimed is None else tuple(claimed)), options=RunOptions.model_validate(options)
    )
    return [clause.id for clause in select_clauses(settings, CATALOGUE)]


@pytest.mark.parametrize(
    ("claimed", "options", "expected"),
    [
        (None, {}, ["CHAT-01", "KEY-01", "CHAT-02", "ERROR-01"]),
        (None, {"profile": "core"}, ["CHAT-01", "CHAT-02", "ERROR-01"]),
        (["keys", "errors"], {}, ["KEY-01", "ERROR-01"]),
        (["keys", "errors"], {"profile": "core"}, ["ERROR-01"]),
        (None, {"areas": ["keys"]}, ["KEY-01"]),
        (None, {"areas": ["keys"], "profile": "core"}, ["KEY-01"]),
        (["errors"], {"areas": ["keys"]}, ["KEY-01"]),
        (None, {"clauses": ["CHAT-02"]}, ["CHAT-02"]),
        (["errors"], {"clauses": ["CHAT-02"]}, ["CHAT-02"]),
        (None, {"clauses": ["CHAT-02"], "areas": ["errors"]}, ["CHAT-02", "ERROR-01"]),
    ],
)
def test_clauses_are_chosen(claimed: list[str] | None, options: dict[str, object], expected: list[str]) -> None:
    assert select(claimed, **options) == expected


@pytest.mark.parametrize(
    ("claimed", "options", "expected"),
    [
        (None, {"areas": ["chatt"]}, "there is no area `chatt` (the nearest is `chat`). See assisters-verify spec."),
        (None, {"areas": ["zzz"]}, "there is no area `zzz` (known: chat, keys, errors). See assisters-verify spec."),
        (["chatt"], {}, "there is no area `chatt` (the nearest is `chat`). See assisters-verify spec."),
        (
            ["chatt"],
            {"areas": ["chat"]},
            "there is no area `chatt` (the nearest is `chat`). See assisters-verify spec.",
        ),
        (
            None,
            {"clauses": ["CHAT-03"]},
            "there is no clause `CHAT-03` (the nearest is `CHAT-02`). See assisters-verify spec.",
        ),
        (
            None,
            {"clauses": ["chat-01"]},
            "there is no clause `chat-01` (the nearest is `CHAT-01`). See assisters-verify spec.",
        ),
    ],
)
def test_unknown_word_is_refused_with_the_nearest(
    claimed: list[str] | None, options: dict[str, object], expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        select(claimed, **options)
    assert str(caught.value) == expected


def test_nothing_left_to_check_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        select(["keys"], profile="core")
    assert str(caught.value) == (
        "nothing is left to check: no claimed area belongs to the profile core. "
        "Claim one of its areas in the target file, or take another --profile."
    )


def test_core_is_made_of_areas_of_the_real_catalogue() -> None:
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    core = profile_areas(Profile.CORE, catalogue)
    assert (len(core), [area for area in core if area not in catalogue.areas]) == (7, [])


def test_full_is_all_areas_of_the_real_catalogue() -> None:
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    assert profile_areas(Profile.FULL, catalogue) == catalogue.areas


@pytest.mark.parametrize(
    ("claimed", "options", "expected"),
    [
        (None, {"profile": "core"}, ["CHAT-01", "CHAT-02", "ERROR-01", "OWN-01"]),
        (["errors"], {}, ["ERROR-01", "OWN-01"]),
        (None, {"areas": ("errors",)}, ["ERROR-01"]),
        (None, {"clauses": ("OWN-01",)}, ["OWN-01"]),
    ],
)
def test_clauses_that_a_user_added_belong_to_every_profile(
    claimed: Sequence[str] | None, options: dict[str, object], expected: list[str]
) -> None:
    extended = Catalogue((*CATALOGUE.clauses, clause("OWN-01", "own")), extra=frozenset({"OWN-01"}))
    settings = RunSettings(
        target=Target(areas=None if claimed is None else tuple(claimed)), options=RunOptions.model_validate(options)
    )
    assert [each.id for each in select_clauses(settings, extended)] == expected
