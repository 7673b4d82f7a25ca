"""Choose the clauses that a run checks."""

from assisters_verify.catalogue import Catalogue, Clause
from assisters_verify.settings.errors import SettingsError, unknown_word
from assisters_verify.settings.options import Profile
from assisters_verify.settings.run import RunSettings

_CORE = ("authentication", "errors", "models", "chat", "streaming", "embeddings", "rate_limits")


def select_clauses(settings: RunSettings, catalogue: Catalogue) -> tuple[Clause, ...]:
    """Return the clauses that were asked for, in the catalogue's order.

    Areas and clauses of the command line take the place of the profile's areas, and also of the claimed ones. Clauses
    that a user added belong to every profile. Raises SettingsError where a word is unknown or nothing is left.
    """
    options, claimed = settings.options, settings.target.areas
    _check_words("area", (*options.areas, *(claimed or ())), catalogue.areas)
    _check_words("clause", options.clauses, [clause.id for clause in catalogue])
    if options.areas or options.clauses:
        return catalogue.select(areas=options.areas, clause_ids=options.clauses)
    wanted = profile_areas(options.profile, catalogue)
    areas = [area for area in wanted if claimed is None or area in claimed]
    if not areas:
        raise SettingsError(
            f"nothing is left to check: no claimed area belongs to the profile {options.profile}. "
            "Claim one of its areas in the target file, or take another --profile."
        )
    return catalogue.select(areas=areas, clause_ids=sorted(catalogue.extra))


def profile_areas(profile: Profile, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the areas of a profile."""
    return _CORE if profile is Profile.CORE else catalogue.areas


def _check_words(kind: str, words: tuple[str, ...], known: tuple[str, ...] | list[str]) -> None:
    for word in words:
        if word not in known:
            raise SettingsError(f"there is no {kind} {unknown_word(word, known)}. See assisters-verify spec.")
