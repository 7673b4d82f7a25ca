"""Find the scenarios and profiles that there are, without importing what they need."""

import ast
from pathlib import Path

from assisters_verify.content import content_root
from assisters_verify.settings.yaml_file import read_yaml


def load_folder() -> Path:
    """Return the folder of the scenarios."""
    return content_root() / "load"


def scenarios() -> dict[str, str]:
    """Return what each scenario does, by its name: the first sentence of its file."""
    return {path.stem: _first_sentence(path) for path in sorted(load_folder().glob("*.py"))}


def profiles() -> dict[str, str]:
    """Return what each ready profile is for, by its name."""
    found = {}
    for path in sorted((load_folder() / "profiles").glob("*.yaml")):
        content = read_yaml(path, remedy="")
        found[path.stem] = str(content.get("description", "")) if isinstance(content, dict) else ""
    return found


def _first_sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split())
