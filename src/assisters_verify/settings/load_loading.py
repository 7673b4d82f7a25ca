"""Merge profile, target file, environment and command line into the settings of a load run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from assisters_verify.redaction import SHORTEST_SECRET
from assisters_verify.settings.errors import SettingsError, describe_problems, unknown_word
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.load_profile import find_profile, override, read_profile
from assisters_verify.settings.loading import load_settings
from assisters_verify.settings.replay import read_replay
from assisters_verify.settings.secrets import Secrets
from assisters_verify.settings.target_file import known_names

DEFAULT_PROFILE = "smoke"
# Options that are the target's, by the names that `load_settings` knows.
_OF_THE_TARGET = ("base_url", "ca_file", "timeout_s", "allow_plain_http", "plan")
_AFTER_THE_LAST_S = 0.001


def load_load_settings(
    scenario: str,
    *,
    scenarios: Sequence[str],
    profiles: Path,
    target_file: Path | None,
    options: Mapping[str, object],
    environ: Mapping[str, str],
) -> tuple[LoadSettings, Secrets]:
    """Return the settings of a load run, and the target's secrets. Raises SettingsError.

    `options` are those of the command line by the names of LoadSettings, `profile` among them; None and an empty tuple
    mean that one was not given. `scenarios` are the names that there are, `profiles` the folder of the ready profiles.
    """
    if scenario not in scenarios:
        raise SettingsError(
            f"there is no scenario {unknown_word(scenario, scenarios)}. See assisters-verify load --list."
        )
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    profile = str(given.pop("profile", DEFAULT_PROFILE))
    values = read_profile(find_profile(profile, profiles), scenario, scenarios)
    of_target = {name: given[name] for name in _OF_THE_TARGET if name in given}
    run = load_settings(target_file=target_file, options=of_target, environ=environ)
    own = {
        name: value for name, value in given.items() if name not in _OF_THE_TARGET or name in LoadSettings.model_fields
    }
    settings = _validate(
        {
            **_with_replay(override(values, own)),
            "scenario": scenario,
            "profile": profile,
            "target": run.target,
            "is_embedded": run.is_embedded,
        }
    )
    _check_place(settings)
    return settings, run.secrets


def read_keys(path: Path) -> tuple[SecretStr, ...]:
    """Return the keys of a file, one a line. Raises SettingsError, which shows none of them."""
    remedy = "Give a file with one key a line."
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}. {remedy}") from error
    except UnicodeDecodeError:
        raise SettingsError(f"cannot read {path.name}: it is no text. {remedy}") from None
    keys = [line for line in lines if line]
    for number, key in enumerate(keys, start=1):
        if len(key) < SHORTEST_SECRET or not all("!" <= character <= "~" for character in key):
            raise SettingsError(f"cannot use {path.name}: key {number} is too short, or no key. {remedy}")
    if not keys or len(set(keys)) < len(keys):
        raise SettingsError(f"cannot use {path.name}: it holds no key, or one of them twice. {remedy}")
    return tuple(SecretStr(key) for key in keys)


def _with_replay(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with a measured part as long as the replayed requests need, unless it is given."""
    if values.get("replay") is None:
        return values
    path = Path(str(values["replay"])).absolute()
    last_s = read_replay(path)[-1].t_s
    return {**values, "replay": path, "duration_s": last_s + _AFTER_THE_LAST_S, "warm_up_s": 0.0, "cool_down_s": 0.0}


def _validate(values: Mapping[str, object]) -> LoadSettings:
    try:
        return LoadSettings.model_validate(values)
    except ValidationError as error:
        problems = describe_problems(error, known_names(LoadSettings)).removeprefix("`` ").rstrip(".")
        raise SettingsError(f"cannot use these options: {problems}. See assisters-verify load --help.") from None


def _check_place(settings: LoadSettings) -> None:
    """Refuse what nobody should do by surprise."""
    base_url = settings.target.base_url
    if base_url is not None and not base_url.is_loopback and base_url.host not in settings.allow_load:
        raise SettingsError(
            f"{base_url.host} is not on this machine, and load can harm it. "
            f"If you may put load on it, say so with --allow-load {base_url.host}."
        )
    if settings.role != "single" and settings.is_embedded:
        raise SettingsError("masters and workers need a target that all of them reach. Name it with --base-url.")
