"""Read the secrets of a run from variables or files, and hold them so that no log or error shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from assisters_verify.redaction import SHORTEST_SECRET
from assisters_verify.settings.errors import SettingsError
from assisters_verify.settings.target import Form, Target

_LONGEST_FILE_BYTES = 65_536
_KEY = re.compile(r"[!-~]+")
# Keys of an API are hardly ever words in capitals, so this can be shown even if somebody wrote the key itself there.
_HARMLESS_VARIABLE = re.compile(r"[A-Z]+(_[A-Z]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The secrets of a run, each None where there is none. Their text never shows them."""

    api_key: SecretStr | None = None
    second_api_key: SecretStr | None = None
    webhook_secret: SecretStr | None = None

    def reveal(self) -> dict[str, str]:
        """Return those that are there by name, readable: for redaction and for the child process, for nothing else."""
        named = {
            "api_key": self.api_key,
            "second_api_key": self.second_api_key,
            "webhook_secret": self.webhook_secret,
        }
        return {name: secret.get_secret_value() for name, secret in named.items() if secret is not None}

    @classmethod
    def from_revealed(cls, values: Mapping[str, str]) -> Self:
        """Return the secrets that `reveal` gave out."""
        return cls(**{name: SecretStr(value) for name, value in values.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where one secret is to be found. `place` is the setting's name without `_env` or `_file`."""

    place: str
    file: Path | None
    variable: str
    is_variable_given: bool

    @property
    def shown(self) -> str:
        """The place in words."""
        if self.file is not None:
            return f"the file that `{self.place}_file` names"
        is_harmless = _HARMLESS_VARIABLE.fullmatch(self.variable)
        return self.variable if is_harmless else f"the variable that `{self.place}_env` names"


def read_secrets(target: Target, environ: Mapping[str, str]) -> Secrets:
    """Return the target's secrets. Raises SettingsError where one is missing, or is none that can be used."""
    source = _source(target, "api_key")
    api_key = _read_key(source, environ)
    if api_key is None:
        raise SettingsError(
            f"there is no API key: {source.shown} is not set. "
            "Set it, or name a file as `api_key_file` in a target file."
        )
    second_source = _source(target, "second_api_key")
    second_api_key = _read_key(second_source, environ)
    if second_api_key == api_key:
        raise SettingsError(
            f"{second_source.shown} holds the same key as {source.shown}. Give another customer's key, or leave it out."
        )
    webhook_secret = _read(_source(target.webhook, "secret", parent="webhook."), environ)
    return Secrets(api_key=api_key, second_api_key=second_api_key, webhook_secret=webhook_secret)


def _source(form: Form, name: str, *, parent: str = "") -> _Source:
    return _Source(
        place=f"{parent}{name}",
        file=getattr(form, f"{name}_file"),
        variable=getattr(form, f"{name}_env"),
        is_variable_given=f"{name}_env" in form.model_fields_set,
    )


def _read_key(source: _Source, environ: Mapping[str, str]) -> SecretStr | None:
    key = _read(source, environ)
    if key is not None and not _KEY.fullmatch(key.get_secret_value()):
        raise SettingsError(
            f"{source.shown} holds a space, a line break or another character that no key can have "
            "(at its end, perhaps). Set it again without."
        )
    return key


def _read(source: _Source, environ: Mapping[str, str]) -> SecretStr | None:
    value = environ.get(source.variable, "") if source.file is None else _read_file(source, source.file)
    if not value and (source.file is not None or source.is_variable_given):
        raise SettingsError(
            f"{source.shown} is empty or not set. Set it, or take `{source.place}` out of the target file."
        )
    if not value:
        return None
    if len(value) < SHORTEST_SECRET:
        raise SettingsError(
            f"{source.shown} holds fewer than {SHORTEST_SECRET} characters, "
            "too few to be kept out of the reports safely. Use a longer one."
        )
    return SecretStr(value)


def _read_file(source: _Source, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE_BYTES + 1)
        text = content.decode()
    except OSError as error:
        raise SettingsError(f"cannot read {source.shown}: {error.strerror}. Give a file that can be read.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{source.shown} is no text. Give a file that holds the secret alone.") from None
    if len(content) > _LONGEST_FILE_BYTES:
        raise SettingsError(f"{source.shown} is too large. Give a file that holds the secret alone.")
    # Editors and `echo` end a file with a line break, which is no part of the secret.
    return text.removesuffix("\n").removesuffix("\r")
