"""Read a target file, and say in one line what is wrong with one that cannot be used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from assisters_verify.settings.errors import SettingsError, describe_problems
from assisters_verify.settings.target import Target
from assisters_verify.settings.yaml_file import read_yaml

_REMEDY = "See target.example.yaml."
_PATHS = (("api_key_file",), ("second_api_key_file",), ("ca_file",), ("known_failures",), ("webhook", "secret_file"))


def read_target_file(path: Path) -> Target:
    """Return what the file says. Its relative paths start from its own folder. Raises SettingsError."""
    content = read_yaml(path, remedy=_REMEDY)
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise SettingsError(f"cannot use {path.name}: it is no list of settings with values. {_REMEDY}")
    for place in _PATHS:
        _start_from(path.parent, content, place)
    try:
        return Target.model_validate(content)
    except ValidationError as error:
        problems = describe_problems(error, known_names(Target)).rstrip(".")
        raise SettingsError(f"cannot use {path.name}: {problems}. {_REMEDY}") from None


def known_names(form: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Return the names of a form's settings, and under their dotted places those of the forms inside it."""
    names = {"": tuple(form.model_fields)}
    for name, field in form.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names[name] = tuple(field.annotation.model_fields)
    return names


def _start_from(folder: Path, content: Mapping[str, Any], place: tuple[str, ...]) -> None:
    *above, name = place
    part: Any = content
    for key in above:
        part = part.get(key) if isinstance(part, dict) else None
    if isinstance(part, dict) and isinstance(part.get(name), str):
        part[name] = str(folder / part[name])
