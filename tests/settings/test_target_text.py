"""A written target file is read back, says what every setting is for, and changes nothing that nobody knew."""

from pathlib import Path
from typing import Any

import pytest

from assisters_verify.settings import Target
from assisters_verify.settings.target_file import known_names, read_target_file
from assisters_verify.settings.target_text import write_target_text


def read_back(folder: Path, text: str) -> Target:
    (folder / "target.yaml").write_text(text, encoding="utf-8")
    return read_target_file(folder / "target.yaml")


def test_a_file_in_which_nothing_is_known_changes_nothing(tmp_path: Path) -> None:
    assert read_back(tmp_path, write_target_text({})) == Target()


def test_every_setting_stands_in_the_file() -> None:
    text = write_target_text({})
    names = [name for place in known_names(Target).values() for name in place]
    assert [name for name in names if f"# {name}:" not in text] == []


def test_what_is_known_is_filled_in(tmp_path: Path) -> None:
    known: dict[str, Any] = {
        "base_url": "https://api.example.com",
        "models.chat": "a: #b",
        "webhook.receiver_url": "https://hooks.example.com/events",
        "areas": ("chat", "errors"),
        "concurrency": 4,
    }
    target = read_back(tmp_path, write_target_text(known))
    assert (target.models.chat, target.webhook.receiver_url, target.areas, target.concurrency) == (
        "a: #b",
        "https://hooks.example.com/events",
        ("chat", "errors"),
        4,
    )


def test_a_default_that_is_commented_in_is_the_default(tmp_path: Path) -> None:
    lines = write_target_text({}).splitlines()
    settings = [line for line in lines if line.lstrip("# ").partition(":")[0].isidentifier() and not line.endswith(":")]
    inner = {"budget", "rate_limit"}
    heads = [f"# {name}:" for name in inner]
    kept = [line.replace("# ", "", 1) for line in lines if line in settings or line in heads]
    text = "\n".join(line for line in kept if "secret" not in line and "listen" not in line)
    assert read_back(tmp_path, text) == Target()


@pytest.mark.parametrize("note", ["one", "one\n- two: [", "x" * 300])
def test_what_was_seen_stands_in_comments_only(tmp_path: Path, note: str) -> None:
    assert read_back(tmp_path, write_target_text({}, {"areas": note})) == Target()


def test_lines_are_no_wider_than_a_screen() -> None:
    assert [line for line in write_target_text({}, {"areas": "word " * 100}).splitlines() if len(line) > 120] == []
