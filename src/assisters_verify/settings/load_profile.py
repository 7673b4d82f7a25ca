"""Profiles of load runs: a shape, its thresholds, and what single scenarios need otherwise."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assisters_verify.settings.errors import SettingsError, describe_problems, unknown_word
from assisters_verify.settings.load import LoadShape
from assisters_verify.settings.target_file import known_names
from assisters_verify.settings.yaml_file import read_yaml

_REMEDY = "See docs/load.md."
_FILES = ("replay", "keys_file")
_LOOPS = ("users", "rate_per_s")

Values = dict[str, Any]


def find_profile(word: str, folder: Path) -> Path:
    """Return the file of a profile, named by its word or by its path. Raises SettingsError."""
    ready = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if word in ready:
        return ready[word]
    if "/" in word or word.endswith((".yaml", ".yml")) or Path(word).exists():
        return Path(word)
    raise SettingsError(
        f"there is no profile {unknown_word(word, ready)}. Take one of {', '.join(ready)}, or name a file."
    )


def read_profile(path: Path, scenario: str, scenarios: Sequence[str]) -> Values:
    """Return what the profile says about this scenario, checked, by the names of LoadShape. Raises SettingsError."""
    content = read_yaml(path, remedy=_REMEDY)
    if not isinstance(content, dict):
        raise SettingsError(f"cannot use {path.name}: it is no list of settings with values. {_REMEDY}")
    content.pop("description", None)
    parts = content.pop("scenarios", None) or {}
    if not isinstance(parts, dict) or not all(isinstance(part, dict) for part in parts.values()):
        raise SettingsError(f"cannot use {path.name}: `scenarios` should hold settings by scenario. {_REMEDY}")
    for name in parts:
        if name not in scenarios:
            raise SettingsError(f"cannot use {path.name}: there is no scenario {unknown_word(name, scenarios)}.")
        # Of all of them, so that a mistake shows at once and not in the night when that scenario is due.
        _check(path, override(content, parts[name]))
    _check(path, content)
    return _from_its_folder(path.parent, override(content, parts.get(scenario, {})))


def override(values: Mapping[str, Any], more: Mapping[str, Any]) -> Values:
    """Return the values with others put over them; users take the place of a rate, and a rate that of users."""
    is_other_loop = any(more.get(name) is not None for name in (*_LOOPS, "replay"))
    kept = {name: value for name, value in values.items() if not (is_other_loop and name in _LOOPS)}
    return {**kept, **more}


def _check(path: Path, values: Values) -> None:
    try:
        LoadShape.model_validate(values)
    except ValidationError as error:
        problems = describe_problems(error, known_names(LoadShape)).rstrip(".")
        raise SettingsError(f"cannot use {path.name}: {problems}. {_REMEDY}") from None


def _from_its_folder(folder: Path, values: Values) -> Values:
    return {
        name: str((folder / value).absolute()) if name in _FILES and value is not None else value
        for name, value in values.items()
    }
