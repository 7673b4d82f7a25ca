"""The reference pages say what they describe: `python docs/generate.py` writes them anew."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.cli import COMMANDS
from assisters_verify.content import content_root
from assisters_verify.settings import Target
from assisters_verify.settings.target_file import known_names

DOCS = content_root() / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_is_stale(generate: ModuleType) -> None:
    """Run `python docs/generate.py` where this fails."""
    assert generate.stale(DOCS / "reference") == []


def test_a_stale_page_is_told(generate: ModuleType, tmp_path: Path) -> None:
    for name, draw in generate.PAGES.items():
        (tmp_path / name).write_text(draw(), encoding="utf-8")
    (tmp_path / "clauses.md").write_text("old", encoding="utf-8")
    assert generate.stale(tmp_path) == ["clauses.md"]


def test_every_command_has_its_help(generate: ModuleType) -> None:
    page = generate.commands()
    assert [name for name in COMMANDS if f"## assisters-verify {name}\n" not in page] == []


def test_every_setting_is_described(generate: ModuleType) -> None:
    page = generate.target_file()
    names = [f"{place}.{name}".lstrip(".") for place, inner in known_names(Target).items() for name in inner]
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_every_clause_has_its_check_and_its_hint(generate: ModuleType) -> None:
    page = generate.clauses()
    parts = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    observable = [
        clause.id for clause in load_catalogue(content_root() / "spec" / "clauses.yaml") if not clause.untestable
    ]
    assert [each for each in observable if "- check: `" not in parts[each] or "usual cause: " not in parts[each]] == []
