"""Secrets come from variables or files, cannot be seen, and are refused in words where they cannot be used."""

import pickle
from pathlib import Path

import pytest
from pydantic import SecretStr

from assisters_verify.settings import Secrets, SettingsError, Target
from assisters_verify.settings.secrets import read_secrets

KEY = "sk-0123456789"
OTHER = "sk-9876543210"


def read(target: Target | None = None, /, **environ: str) -> dict[str, str]:
    return read_secrets(target or Target(), environ).reveal()


def refusal(target: Target | None = None, /, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(target, **environ)
    return str(caught.value)


def test_key_is_read_from_the_default_variable() -> None:
    assert read(ASSISTERS_API_KEY=KEY) == {"api_key": KEY}


def test_all_secrets_are_read_from_their_default_variables() -> None:
    found = read(ASSISTERS_API_KEY=KEY, ASSISTERS_SECOND_API_KEY=OTHER, ASSISTERS_WEBHOOK_SECRET="whsec 1 é")
    assert found == {"api_key": KEY, "second_api_key": OTHER, "webhook_secret": "whsec 1 é"}


def test_secrets_are_read_from_the_variables_that_the_target_names() -> None:
    target = Target.model_validate(
        {"api_key_env": "MINE", "second_api_key_env": "THEIRS", "webhook": {"secret_env": "W"}}
    )
    found = read(target, MINE=KEY, THEIRS=OTHER, W="webhook-1", ASSISTERS_API_KEY="sk-not-this-one")
    assert found == {"api_key": KEY, "second_api_key": OTHER, "webhook_secret": "webhook-1"}


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_file_goes_before_the_variable_and_its_last_line_break_is_dropped(tmp_path: Path, end: str) -> None:
    (tmp_path / "key").write_bytes((KEY + end).encode())
    assert read(Target(api_key_file=tmp_path / "key"), ASSISTERS_API_KEY=OTHER) == {"api_key": KEY}


def test_missing_key_is_named_with_its_variable() -> None:
    assert refusal() == (
        "there is no API key: ASSISTERS_API_KEY is not set. Set it, or name a file as `api_key_file` in a target file."
    )


def test_empty_variable_counts_as_not_set() -> None:
    assert refusal(ASSISTERS_API_KEY="") == refusal()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("MY_API_KEY", "MY_API_KEY"),
        ("AKIAIOSFODNNEXAMPLE", "the variable that `api_key_env` names"),
        ("sk_live_0123456789", "the variable that `api_key_env` names"),
        ("SK_LIVE_0123456789", "the variable that `api_key_env` names"),
    ],
)
def test_variable_that_might_be_the_key_itself_is_not_shown(name: str, shown: str) -> None:
    """Somebody will write the key where its variable's name belongs."""
    expected = f"{shown} is empty or not set. Set it, or take `api_key` out of the target file."
    assert refusal(Target(api_key_env=name)) == expected


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ({"second_api_key_env": "OTHER_KEY"}, "OTHER_KEY"),
        ({"webhook": {"secret_env": "HOOK_SECRET"}}, "HOOK_SECRET"),
    ],
)
def test_secret_that_the_target_names_must_be_there(target: dict[str, object], shown: str) -> None:
    message = refusal(Target.model_validate(target), ASSISTERS_API_KEY=KEY)
    assert message.startswith(f"{shown} is empty or not set. Set it, or take `")


@pytest.mark.parametrize(
    "key",
    [
        "sk-01234 6789",
        "sk-0123456789\n",
        "sk-0123456789\r",
        "\tsk-0123456789",
        "sk-012345678é",
        "sk-0123456\x7f89",
        "sk-…123456",
    ],
)
@pytest.mark.parametrize("variable", ["ASSISTERS_API_KEY", "ASSISTERS_SECOND_API_KEY"])
def test_key_with_characters_that_no_header_takes_is_refused(key: str, variable: str) -> None:
    message = refusal(**{"ASSISTERS_API_KEY": KEY, variable: key})
    assert message == (
        f"{variable} holds a space, a line break or another character that no key can have (at its end, perhaps). "
        "Set it again without."
    )


@pytest.mark.parametrize("key", ["!!!!!!!!", "~~~~~~~~", "a+/=_-.:"])
def test_every_visible_ascii_character_is_taken(key: str) -> None:
    assert read(ASSISTERS_API_KEY=key) == {"api_key": key}


@pytest.mark.parametrize("variable", ["ASSISTERS_API_KEY", "ASSISTERS_SECOND_API_KEY", "ASSISTERS_WEBHOOK_SECRET"])
def test_secret_of_fewer_than_eight_characters_is_refused(variable: str) -> None:
    message = refusal(**{"ASSISTERS_API_KEY": KEY, variable: "1234567"})
    assert message == (
        f"{variable} holds fewer than 8 characters, too few to be kept out of the reports safely. Use a longer one."
    )


def test_secret_of_eight_characters_is_taken() -> None:
    assert read(ASSISTERS_API_KEY="12345678") == {"api_key": "12345678"}


def test_same_key_twice_is_refused() -> None:
    message = refusal(ASSISTERS_API_KEY=KEY, ASSISTERS_SECOND_API_KEY=KEY)
    assert message == (
        "ASSISTERS_SECOND_API_KEY holds the same key as ASSISTERS_API_KEY. "
        "Give another customer's key, or leave it out."
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty or not set"),
        (b"\n", "is empty or not set"),
        (b"\xff\xfe12345678", "is no text"),
        (b"x" * 65_537, "is too large"),
        (b"sk-0123456789\n\n", "holds a space, a line break"),
    ],
)
def test_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "sk-SECRET").write_bytes(content)
    message = refusal(Target(api_key_file=tmp_path / "sk-SECRET"))
    assert message.startswith(f"the file that `api_key_file` names {expected}")


def test_largest_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * 65_536)
    assert read(Target(api_key_file=tmp_path / "key")) == {"api_key": "x" * 65_536}


@pytest.mark.parametrize(("name", "cause"), [("sk-SECRET", "No such file or directory"), ("", "Is a directory")])
def test_file_that_cannot_be_read_is_refused_without_its_name(tmp_path: Path, name: str, cause: str) -> None:
    message = refusal(Target(api_key_file=tmp_path / name))
    assert message == f"cannot read the file that `api_key_file` names: {cause}. Give a file that can be read."


def test_secrets_cannot_be_seen() -> None:
    secrets = Secrets(api_key=SecretStr(KEY), webhook_secret=SecretStr(OTHER))
    shown = f"{secrets} {secrets!r} {secrets.api_key} {secrets.api_key!r}"
    assert (KEY in shown, OTHER in shown) == (False, False)


def test_secrets_come_back_from_what_they_reveal() -> None:
    secrets = Secrets(api_key=SecretStr(KEY), second_api_key=SecretStr(OTHER))
    assert Secrets.from_revealed(pickle.loads(pickle.dumps(secrets.reveal()))) == secrets  # noqa: S301 - our own bytes


def test_webhook_secret_comes_back_from_what_it_reveals() -> None:
    secrets = Secrets(webhook_secret=SecretStr(KEY))
    assert Secrets.from_revealed({"webhook_secret": KEY}) == secrets
