"""Profile, target file, environment and command line become one object, and the command line wins."""

from pathlib import Path
from typing import Any

import pytest

from assisters_verify.content import content_root
from assisters_verify.settings import SettingsError
from assisters_verify.settings.lengths import Lengths
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.load_loading import load_load_settings, read_keys
from assisters_verify.settings.thresholds import Threshold

PROFILES = content_root() / "load" / "profiles"
SCENARIOS = ("chat", "streaming", "throttling", "isolation", "recovery", "retry_storm")
KEY = "sk-0123456789abcdef"
URL = "http://127.0.0.1:8000"


def load(scenario: str = "chat", *, target_file: Path | None = None, **options: Any) -> LoadSettings:
    settings, _ = load_load_settings(
        scenario,
        scenarios=SCENARIOS,
        profiles=PROFILES,
        target_file=target_file,
        options=options,
        environ={"ASSISTERS_API_KEY": KEY},
    )
    return settings


def refusal(scenario: str = "chat", **options: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load(scenario, **options)
    return str(caught.value)


@pytest.fixture
def profile(tmp_path: Path) -> Any:
    def write(text: str) -> str:
        (tmp_path / "own.yaml").write_text(text)
        return str(tmp_path / "own.yaml")

    return write


@pytest.mark.parametrize("name", [path.stem for path in sorted(PROFILES.glob("*.yaml"))])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_ready_profile_fits_each_scenario(name: str, scenario: str) -> None:
    settings = load(scenario, profile=name)
    assert (settings.profile, settings.scenario, settings.thresholds != ()) == (name, scenario, True)


def test_without_a_profile_the_smallest_is_taken() -> None:
    assert (load().profile, load().is_embedded, load().rate_per_s) == ("smoke", True, 4)


def test_the_command_line_wins_over_the_profile() -> None:
    settings = load(duration_s=5.0, rate_per_s=9.0, keys=3)
    assert (settings.duration_s, settings.rate_per_s, settings.keys, settings.warm_up_s) == (5, 9, 3, 2)


def test_users_take_the_place_of_the_profiles_rate() -> None:
    settings = load(users=7)
    assert (settings.users, settings.rate_per_s) == (7, None)


def test_users_and_a_rate_together_are_refused() -> None:
    assert "give either users or a rate" in refusal(users=7, rate_per_s=1.0)


def test_a_scenario_has_settings_of_its_own_in_a_profile(profile: Any) -> None:
    word = profile("rate_per_s: 3\nthresholds: {error_rate: 0}\nscenarios: {streaming: {users: 2, thresholds: {}}}")
    settings, other = load("streaming", profile=word), load(profile=word)
    assert (settings.users, settings.thresholds) == (2, ())
    assert (other.rate_per_s, other.thresholds) == (3, (Threshold(measure="error_rate", limit=0.0),))


def test_files_that_a_profile_names_start_from_its_folder(profile: Any, tmp_path: Path) -> None:
    (tmp_path / "requests.jsonl").write_text('{"t_s": 0}\n{"t_s": 7.5}\n')
    settings = load(profile=profile("replay: requests.jsonl"))
    assert (settings.replay, settings.duration_s, settings.is_open_loop) == (tmp_path / "requests.jsonl", 7.501, True)


def test_distributions_are_read(profile: Any) -> None:
    settings = load(profile=profile("users: 1\nprompt_words: {uniform: [10, 20]}\nanswer_tokens: 5"))
    assert (settings.prompt_words, settings.answer_tokens) == (Lengths(uniform=(10, 20)), Lengths(fixed=5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("user: 1", "there is no setting `user` (the nearest is `users`)"),
        ("users: 1\nthresholds: {ttf_s: {p95: 1}}", "no measure `ttf_s` (the nearest is `ttft_s`)"),
        ("users: 1\nscenarios: {strming: {users: 2}}", "there is no scenario `strming` (the nearest is `streaming`)"),
        ("users: 1\nscenarios: {throttling: {thresholds: {goodputt: 1}}}", "the nearest is `goodput`"),
        ("users: 1\nscenarios: 7", "`scenarios` should hold settings by scenario"),
        ("- 1", "is no list of settings with values"),
        ("users: [", "is not YAML"),
        ("users: 1\nusers: 2", "line 2 gives a setting a second time"),
        ("duration_s: 5", "give either users or a rate"),
    ],
)
def test_a_wrong_profile_is_told_in_one_line(profile: Any, text: str, words: str) -> None:
    assert words in refusal(profile=profile(text))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"profile": "relase"}, "no profile `relase` (the nearest is `release`)"),
        ({"profile": "no.yaml"}, "cannot read no.yaml"),
        ({"rate_per_s": 20_000.0}, "Raise it with --max-rate"),
        ({"duration_s": 0.0}, "`duration_s`"),
        ({"base_url": "https://api.example.com"}, "say so with --allow-load api.example.com"),
        ({"base_url": "https://api.example.com", "allow_load": ("other.example.com",)}, "--allow-load api.example.com"),
        ({"base_url": "http://api.example.com"}, "--allow-plain-http"),
        ({"role": "master"}, "Name it with --base-url"),
    ],
)
def test_wrong_options_are_told_in_one_line(options: dict[str, Any], words: str) -> None:
    assert words in refusal(**options)


def test_an_unknown_scenario_is_told_with_the_nearest() -> None:
    assert "no scenario `steaming` (the nearest is `streaming`)" in refusal("steaming")


def test_load_beyond_this_machine_is_allowed_by_name() -> None:
    settings = load(base_url="https://api.example.com", allow_load=("api.example.com",))
    assert str(settings.base_url) == "https://api.example.com"


def test_the_target_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text(f"base_url: {URL}\nrate_limit: {{requests: 10, window_s: 2}}\n")
    settings = load(target_file=tmp_path / "target.yaml", timeout_s=3.0)
    assert (str(settings.base_url), settings.target.rate_limit.requests, settings.target.timeout_s) == (URL, 10, 3)


def test_keys_are_read_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{KEY}-1\n\n{KEY}-2\n")
    assert [key.get_secret_value() for key in read_keys(tmp_path / "keys")] == [f"{KEY}-1", f"{KEY}-2"]


@pytest.mark.parametrize("text", ["", "sk-1", f"{KEY}\n{KEY}", "with a space in it all"])
def test_what_holds_no_keys_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(SettingsError, match="one key a line") as caught:
        read_keys(tmp_path / "keys")
    assert text not in str(caught.value) or not text
