"""Target file, environment and command line become one object, and the command line wins."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme

from assisters_verify.settings import Profile, RunSettings, SettingsError, Target, load_settings

ENVIRON = {"ASSISTERS_API_KEY": "sk-0123456789"}
URL = "https://api.example.com"


def load(
    folder: Path | None = None, text: str = "", /, *, environ: Mapping[str, str] = ENVIRON, **options: Any
) -> RunSettings:
    target_file = None
    if folder is not None:
        target_file = folder / "target.yaml"
        target_file.write_text(text, encoding="utf-8")
    return load_settings(target_file=target_file, options=options, environ=environ)


def refusal(**options: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**options)
    return str(caught.value)


def test_without_a_base_url_the_embedded_server_is_checked_and_no_key_is_needed() -> None:
    settings = load(environ={})
    assert (settings.is_embedded, settings.target, settings.secrets.reveal()) == (True, Target(), {})


def test_embedded_server_gets_no_key_of_the_environment() -> None:
    assert load().secrets.reveal() == {}


def test_with_a_base_url_the_key_is_read() -> None:
    settings = load(base_url=URL)
    assert (settings.is_embedded, settings.secrets.reveal()) == (False, {"api_key": "sk-0123456789"})


def test_with_a_base_url_a_missing_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="ASSISTERS_API_KEY is not set"):
        load(base_url=URL, environ={})


def test_plan_needs_no_key() -> None:
    settings = load(base_url=URL, plan=True, environ={})
    assert (settings.options.plan, settings.secrets.reveal()) == (True, {})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"base_url": "https://other.example.com"}, f"base_url: {URL}"),
        ({"timeout_s": 5.0}, "timeout_s: 7"),
        ({"deadline_s": 5.0}, "deadline_s: 7"),
        ({"concurrency": 5}, "concurrency: 7"),
        ({"retries": 5}, "retries: 7"),
    ],
)
def test_command_line_wins_over_the_target_file(tmp_path: Path, options: dict[str, Any], text: str) -> None:
    target = load(tmp_path, text, **options).target
    ((name, value),) = options.items()
    assert str(getattr(target, name)) == str(value)


def test_command_line_wins_over_one_value_of_a_part(tmp_path: Path) -> None:
    budget = load(tmp_path, "budget: {max_requests: 5, max_tokens: 6}", max_requests=50).target.budget
    assert (budget.max_requests, budget.max_tokens) == (50, 6)


def test_budget_of_the_command_line_needs_no_target_file() -> None:
    budget = load(max_tokens=50).target.budget
    assert (budget.max_requests, budget.max_tokens) == (20_000, 50)


def test_what_the_command_line_leaves_out_stays(tmp_path: Path) -> None:
    webhook = "webhook: {secret_env: WEBHOOK_SECRET}"
    text = f"base_url: {URL}/proxy/v1\ntimeout_s: 7\napi_key_file: key\nareas: [chat]\n{webhook}\n"
    (tmp_path / "key").write_text("sk-from-the-file")
    environ = {"WEBHOOK_SECRET": "whsec-12345"}
    settings = load(tmp_path, text, environ=environ, timeout_s=None, areas=(), concurrency=3)
    found = (str(settings.target.base_url), settings.target.timeout_s, settings.target.areas, settings.secrets.reveal())
    revealed = {"api_key": "sk-from-the-file", "webhook_secret": "whsec-12345"}
    assert found == (f"{URL}/proxy", 7.0, ("chat",), revealed)


def test_options_that_are_not_given_leave_the_defaults() -> None:
    assert load(profile=None, areas=(), clauses=(), strict=None, seed=None, report_dir=None) == load()


def test_options_of_the_run_are_taken() -> None:
    options = load(
        profile="core",
        areas=("chat",),
        clauses=("AUTH-01",),
        strict=True,
        seed=7,
        examples=3,
        allow_burst=True,
        report_dir=Path("r"),
    ).options
    found = (
        options.profile,
        options.areas,
        options.clauses,
        options.strict,
        options.seed,
        options.examples,
        options.allow_burst,
        options.report_dir,
    )
    assert found == (Profile.CORE, ("chat",), ("AUTH-01",), True, 7, 3, True, Path("r"))


def test_flags_are_off_unless_given() -> None:
    options = load().options
    flags = (options.strict, options.plan, options.allow_burst, options.allow_plain_http)
    assert (flags, options.profile) == ((False, False, False, False), Profile.FULL)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"profile": "ful"}, "cannot use these options: `profile` should be 'core' or 'full'. See --help."),
        ({"seed": -1}, "cannot use these options: `seed` should be greater than or equal to 0. See --help."),
        (
            {"max_requests": 0},
            "cannot use these options: `budget.max_requests` should be greater than or equal to 1. See --help.",
        ),
        (
            {"exampels": 1},
            "cannot use these options: there is no setting `exampels` (the nearest is `examples`). See --help.",
        ),
    ],
)
def test_option_that_cannot_be_used_is_refused(options: dict[str, Any], expected: str) -> None:
    assert refusal(**options) == expected


def test_base_url_with_a_password_is_refused_without_being_shown() -> None:
    message = refusal(base_url="https://user:SECRET@h")
    assert ("SECRET" in message, "user name or password" in message) == (False, True)


def test_key_is_not_sent_in_the_clear_by_surprise() -> None:
    assert refusal(base_url="http://api.example.com:81/v1") == (
        "http://api.example.com:81 is not https and not on this machine: the key would be sent in the clear. "
        "Use https, or allow it with --allow-plain-http."
    )


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "http://localhost:80"},
        {"base_url": "https://api.example.com"},
        {"base_url": "http://api.example.com", "allow_plain_http": True},
    ],
)
def test_key_may_be_sent_over_tls_or_loopback_or_where_it_is_allowed(options: dict[str, Any]) -> None:
    assert load(**options).secrets.reveal() == {"api_key": "sk-0123456789"}


@pytest.mark.parametrize(
    ("content", "cause"), [(None, "No such file or directory"), (b"no", "it holds no certificate")]
)
def test_certificates_that_cannot_be_used_are_refused(tmp_path: Path, content: bytes | None, cause: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    assert refusal(ca_file=path) == f"cannot use `ca_file` {path}: {cause}. Give a file of certificates in PEM form."


def test_certificates_are_taken(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert load(ca_file=tmp_path / "ca.pem").target.ca_file == tmp_path / "ca.pem"


def test_relative_ca_file_is_found_from_where_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.chdir(tmp_path)

    assert load(ca_file=Path("ca.pem")).target.ca_file == tmp_path / "ca.pem"
