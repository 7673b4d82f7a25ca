"""Scenarios and profiles are found without importing what they need, and each says what it is for."""

from assisters_verify.load_scenarios import load_folder, profiles, scenarios


def test_each_scenario_says_what_it_does_in_a_sentence() -> None:
    assert [name for name, words in scenarios().items() if not words.endswith((".", "?"))] == []


def test_a_scenario_file_and_its_class_are_the_same_word() -> None:
    texts = {name: (load_folder() / f"{name}.py").read_text(encoding="utf-8") for name in scenarios()}
    classes = {name: "".join(part.capitalize() for part in name.split("_")) for name in scenarios()}
    assert [name for name, text in texts.items() if f"class {classes[name]}(" not in text] == []


def test_the_ready_profiles_say_what_they_are_for() -> None:
    assert sorted(name for name, words in profiles().items() if words) == ["release", "smoke", "soak"]
