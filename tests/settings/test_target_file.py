"""A target file is read, or refused in one line that names the place and shows no value."""

from pathlib import Path

import pytest

from assisters_verify.settings import Budget, SettingsError, Target, Webhook
from assisters_verify.settings.target_file import read_target_file

EXAMPLE = Path(__file__).parents[2] / "target.example.yaml"


def read(folder: Path, text: str | bytes) -> Target:
    path = folder / "target.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_target_file(path)


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    return str(caught.value)


def test_settings_are_read(tmp_path: Path) -> None:
    target = read(tmp_path, "base_url: https://h/v1\nbudget: {max_requests: 5}\nareas: [chat]\n")
    assert (str(target.base_url), target.budget, target.areas) == ("https://h", Budget(max_requests=5), ("chat",))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}", b"\xef\xbb\xbf{}"])
def test_empty_file_leaves_the_defaults(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Target()


def test_example_is_valid_and_holds_the_defaults() -> None:
    target = read_target_file(EXAMPLE)
    assert (str(target.base_url), target.model_copy(update={"base_url": None})) == ("https://api.example.com", Target())


def test_example_names_every_setting() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    names = [*Target.model_fields, *(f for form in (Budget, Webhook) for f in form.model_fields)]
    assert [name for name in names if f"{name}:" not in text] == []


def test_example_is_valid_with_every_line_switched_on(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("base_url: https://api.example.com")
    settings = [
        line.replace("# ", "", 1) if line.lstrip().startswith("# ") and ": " in line + " " else line
        for line in lines[start:]
    ]
    kept = [line for line in settings if line.lstrip().split(":")[0].isidentifier() and ":" in line]
    assert read(tmp_path, "\n".join(kept)).models.chat == "gpt-4.1-mini"


def test_relative_paths_start_from_the_files_folder(tmp_path: Path) -> None:
    target = read(
        tmp_path, "api_key_file: a/key\nca_file: /etc/ca.pem\nwebhook: {secret_file: s}\nsecond_api_key_file: b\n"
    )
    found = (target.api_key_file, target.ca_file, target.webhook.secret_file, target.second_api_key_file)
    assert found == (tmp_path / "a/key", Path("/etc/ca.pem"), tmp_path / "s", tmp_path / "b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\nc: [SECRET\n", "cannot read: line 3 is not YAML."),
        ("a: 1\nb: 2\n c: SECRET\n", "cannot read: line 3 is not YAML."),
        ("a: 'SECRET", "cannot read: line 1 is not YAML."),
        ("a: @SECRET", "cannot read: line 1 is not YAML."),
        ("a: &x [SECRET]\nb: *y\n", "cannot read: line 2 is not YAML."),
        ("retries: 1\nretries: 2\n", "cannot read: line 2 gives a setting a second time."),
        ("budget:\n  max_tokens: 1\n  max_tokens: 1\n", "cannot read: line 3 gives a setting a second time."),
        ("a: !!python/name:SECRET x", "cannot read: line 1 holds a value of an unknown kind."),
        ("? [SECRET]\n: 1", "cannot read: line 1 holds a name that is no text."),
        ("a: 2024-99-99", "cannot read: it is not YAML in UTF-8."),
        (b"a: \xff", "cannot read: it is not YAML in UTF-8."),
        (b"a: \x00SECRET", "cannot read: it is not YAML in UTF-8."),
        ("[" * 5000, "cannot read: it is not YAML in UTF-8."),
        ("SECRET", "cannot use: it is no list of settings with values."),
        ("- SECRET", "cannot use: it is no list of settings with values."),
        ("base_ur: SECRET", "cannot use: there is no setting `base_ur` (the nearest is `base_url`)."),
        ("api_key: SECRET", "cannot use: there is no setting `api_key` (the nearest is `api_key_env`)."),
        (
            "budget: {max_request: 1}",
            "cannot use: there is no setting `max_request` (the nearest is `max_requests`) in `budget`.",
        ),
        ("rate_limit: {zzz: 1}", "cannot use: there is no setting `zzz` (known: requests, window_s) in `rate_limit`."),
        (
            "rate_limit: {sk-SECRET-1: 1}",
            (
                "cannot use: there is no setting of a name that is not shown here (known: requests, "
                "window_s) in `rate_limit`."
            ),
        ),
        (
            "base_url: https://u:SECRET@h",
            (
                "cannot use: `base_url` holds a user name or password. Leave it out; the key has a place "
                "of its own. Write it like https://api.example.com."
            ),
        ),
        ("base_url: 5", "cannot use: `base_url` should be a valid string."),
        ("timeout_s: SECRET", "cannot use: `timeout_s` should be a valid number."),
        ("budget: SECRET", "cannot use: `budget` should be settings with values."),
        ("webhook: SECRET", "cannot use: `webhook` should be settings with values."),
        ("1: SECRET", "cannot use: the name of a setting is no text."),
        (
            "timeout_s: 0\nretries: -1\nconcurrency: 0\nmodels: 1\nbudget: 1\n",
            (
                "cannot use: `models` should be settings with values; `budget` should be settings with "
                "values; `timeout_s` should be greater than 0; and 2 more."
            ),
        ),
    ],
)
def test_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str | bytes, expected: str) -> None:
    act, problem = expected.split(": ", 1)
    assert refusal(tmp_path, text) == f"{act} target.yaml: {problem} See target.example.yaml."


def test_three_problems_are_all_told(tmp_path: Path) -> None:
    assert "more" not in refusal(tmp_path, "timeout_s: 0\nretries: -1\nconcurrency: 0\n")


def test_fourth_problem_is_counted(tmp_path: Path) -> None:
    assert "; and 1 more." in refusal(tmp_path, "timeout_s: 0\nretries: -1\nconcurrency: 0\ndeadline_s: 0\n")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_target_file(tmp_path / "none.yaml")
    assert str(caught.value) == f"cannot read {tmp_path}/none.yaml: No such file or directory. See target.example.yaml."


@pytest.mark.parametrize(
    "text",
    [
        "timeout_s: 0",
        "timeout_s: -1",
        "timeout_s: .inf",
        "timeout_s: .nan",
        "timeout_s: '60'",
        "deadline_s: 0",
        "concurrency: 0",
        "concurrency: 1.5",
        "concurrency: true",
        "retries: -1",
        "retries: 11",
        "areas: []",
        "areas: chat",
        "rate_limit: {requests: 0}",
        "rate_limit: {window_s: 0}",
        "budget: {max_requests: 0}",
        "budget: {max_tokens: 0}",
        "models: {chat: ''}",
        "models: {chat: 4.1}",
        f"models: {{chat: {'x' * 257}}}",
        "api_key_env: a-b",
        "api_key_env: ''",
        "api_key_env: 1A",
        "api_key_env: 'A B'",
        "webhook: {listen_port: 65536}",
        "webhook: {listen_port: -1}",
        "webhook: {listen_host: ''}",
        "webhook: {receiver_url: example.com}",
        "webhook: {receiver_url: 'ftp://example.com'}",
        "webhook: {receiver_url: 'https://'}",
        "webhook: {receiver_url: 'https://a:b@example.com'}",
        "webhook: {receiver_url: 'https://example.com/ x'}",
        "webhook: {receiver_url: 'https://example.com:0/'}",
        "webhook: {receiver_url: 'https://example.com:99999/'}",
    ],
)
def test_value_out_of_bounds_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).startswith("cannot use target.yaml: `")


@pytest.mark.parametrize(
    "text",
    [
        "timeout_s: 1",
        "timeout_s: 0.5",
        "concurrency: 1",
        "retries: 0",
        "retries: 10",
        "api_key_env: _a1",
        "webhook: {listen_port: 65535}",
        "webhook: {receiver_url: 'http://h:8080/events?a=b'}",
        f"models: {{chat: {'x' * 256}}}",
    ],
)
def test_value_at_its_bound_is_taken(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) != Target()
