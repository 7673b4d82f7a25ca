"""Read the file in which a vendor lists the failures that are known."""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from assisters_verify.known_failures import KnownFailure
from assisters_verify.settings.errors import SettingsError, describe_problems, unknown_word
from assisters_verify.settings.target import Form
from assisters_verify.settings.yaml_file import read_yaml

_REMEDY = "See known-failures.example.yaml."
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


def _day(value: object) -> date:
    # A time of day, or a number, is no day.
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("should be a date like 2027-01-31")  # noqa: TRY004 - pydantic collects ValueError only
    return value


class ListedFailure(Form):
    """One entry of the file."""

    clause: Text = Field(description="Id of the clause.")
    check: Text | None = Field(
        default=None, description="Name of one check of the clause, as results.json has it, or without parameters."
    )
    reason: Text = Field(description="Why it fails, for whoever reads the report.")
    expires: Annotated[date, BeforeValidator(_day)] = Field(description="Last day on which it may fail.")


class KnownFailuresFile(Form):
    """The file."""

    known_failures: tuple[ListedFailure, ...] = Field(description="Failures that are known.")


def read_known_failures(path: Path, clause_ids: Collection[str]) -> tuple[KnownFailure, ...]:
    """Return what is listed. Raises SettingsError, also for a clause that there is not, or one listed twice."""
    content = read_yaml(path, remedy=_REMEDY)
    if not isinstance(content, dict):
        raise SettingsError(f"cannot use {path.name}: it has no `known_failures`. {_REMEDY}")
    entries = content.get("known_failures")
    count = len(entries) if isinstance(entries, list) else 0
    names = {"": tuple(KnownFailuresFile.model_fields)}
    names |= {f"known_failures.{at}": tuple(ListedFailure.model_fields) for at in range(count)}
    try:
        listed = KnownFailuresFile.model_validate(content).known_failures
    except ValidationError as error:
        problems = describe_problems(error, names).rstrip(".")
        raise SettingsError(f"cannot use {path.name}: {problems}. {_REMEDY}") from None
    seen: set[tuple[str, str | None]] = set()
    for each in listed:
        if each.clause not in clause_ids:
            raise SettingsError(
                f"{path.name}: there is no clause {unknown_word(each.clause, sorted(clause_ids))}. {_REMEDY}"
            )
        if (each.clause, each.check) in seen:
            raise SettingsError(f"{path.name} lists {each.clause} twice. Leave one entry.")
        seen.add((each.clause, each.check))
    return tuple(KnownFailure(**each.model_dump()) for each in listed)
