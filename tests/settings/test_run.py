"""The settings of a run reach another process whole, and without the secrets."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from assisters_verify.settings import Models, Profile, RunOptions, RunSettings, Secrets, Target, Webhook

SECRETS = Secrets(api_key=SecretStr("sk-0123456789"))


def settings(**target: object) -> RunSettings:
    return RunSettings(
        target=Target.model_validate(target),
        options=RunOptions(profile=Profile.CORE, areas=("chat",), seed=3, report_dir=Path("a/b")),
        secrets=SECRETS,
    )


@pytest.mark.parametrize(
    "original",
    [
        RunSettings(),
        RunSettings(is_embedded=True),
        settings(base_url="https://h"),
        settings(base_url="http://[::1]:81/prefix/v1/", ca_file="/c.pem", areas=["chat", "keys"], timeout_s=1.5),
        settings(models=Models(chat="m"), webhook=Webhook(receiver_url="https://r/e", secret_file=Path("s"))),
    ],
)
def test_settings_come_back_from_json(original: RunSettings) -> None:
    assert RunSettings.from_json(original.to_json(), original.secrets) == original


def test_target_is_somebody_elses_unless_told_otherwise() -> None:
    assert RunSettings().is_embedded is False


def test_json_holds_no_secret() -> None:
    text = settings(base_url="https://h").to_json()
    assert ("0123456789" in text, sorted(json.loads(text))) == (False, ["is_embedded", "options", "target"])


def test_settings_show_no_secret() -> None:
    assert "0123456789" not in f"{settings()} {settings()!r}"


def test_started_server_takes_the_place_of_the_base_url() -> None:
    before = RunSettings(target=Target(timeout_s=5.0), is_embedded=True)
    after = before.with_server("http://127.0.0.1:8080", SECRETS)
    found = (str(after.target.base_url), after.target.timeout_s, after.secrets, after.is_embedded)
    assert found == ("http://127.0.0.1:8080", 5.0, SECRETS, True)


def test_settings_of_a_started_server_come_back_from_json() -> None:
    original = RunSettings(is_embedded=True).with_server("http://127.0.0.1:8080", SECRETS)
    assert RunSettings.from_json(original.to_json(), SECRETS) == original
