"""Merge target file, environment and command line; what stands on the command line wins."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from assisters_verify.settings.errors import SettingsError, describe_problems
from assisters_verify.settings.options import RunOptions
from assisters_verify.settings.run import RunSettings
from assisters_verify.settings.secrets import Secrets, read_secrets
from assisters_verify.settings.target import Form, Target
from assisters_verify.settings.target_file import known_names, read_target_file

FormT = TypeVar("FormT", bound=Form)

# Options that set a value of the target; all others belong to the run.
_PLACES: dict[str, tuple[str, ...]] = {
    "base_url": ("base_url",),
    "ca_file": ("ca_file",),
    "receiver_url": ("webhook", "receiver_url"),
    "timeout_s": ("timeout_s",),
    "deadline_s": ("deadline_s",),
    "concurrency": ("concurrency",),
    "retries": ("retries",),
    "known_failures": ("known_failures",),
    "max_requests": ("budget", "max_requests"),
    "max_tokens": ("budget", "max_tokens"),
}


def load_settings(
    *,
    target_file: Path | None,
    options: Mapping[str, object],
    environ: Mapping[str, str],
) -> RunSettings:
    """Return the settings of a run. Raises SettingsError.

    `options` are those of the command line by their names in Python; None and an empty tuple mean that one was not
    given. Without a base URL the settings are for the embedded server, and no secret is read.
    """
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    target = Target() if target_file is None else read_target_file(target_file)
    target = _override(target, {name: value for name, value in given.items() if name in _PLACES})
    run_options = _validate(RunOptions, {name: value for name, value in given.items() if name not in _PLACES})
    if target.ca_file is not None:
        _check_certificates(target.ca_file)
        # The checks run in another folder than the command.
        target = target.model_copy(update={"ca_file": target.ca_file.absolute()})
    if target.base_url is None:
        return RunSettings(target=target, options=run_options, is_embedded=True)
    if not (target.base_url.is_tls or target.base_url.is_loopback or run_options.allow_plain_http):
        raise SettingsError(
            f"{target.base_url.origin} is not https and not on this machine: the key would be sent in the clear. "
            "Use https, or allow it with --allow-plain-http."
        )
    # A plan sends nothing, so it needs no key.
    secrets = Secrets() if run_options.plan else read_secrets(target, environ)
    return RunSettings(target=target, options=run_options, secrets=secrets)


def _override(target: Target, given: Mapping[str, object]) -> Target:
    values: dict[str, Any] = target.model_dump(mode="json", exclude_unset=True)
    for name, value in given.items():
        *above, last = _PLACES[name]
        part = values
        for key in above:
            part = part.setdefault(key, {})
        part[last] = value
    return _validate(Target, values)


def _validate(form: type[FormT], values: Mapping[str, object]) -> FormT:
    try:
        return form.model_validate(values)
    except ValidationError as error:
        problems = describe_problems(error, known_names(form)).rstrip(".")
        raise SettingsError(f"cannot use these options: {problems}. See --help.") from None


def _check_certificates(path: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except OSError as error:
        cause = error.strerror if not isinstance(error, ssl.SSLError) and error.strerror else "it holds no certificate"
        raise SettingsError(
            f"cannot use `ca_file` {path}: {cause}. Give a file of certificates in PEM form."
        ) from error
