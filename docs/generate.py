"""Write the pages of docs/reference from what they describe; with --check, tell which of them are stale instead."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from assisters_verify.catalogue import Clause, load_catalogue
from assisters_verify.cli import main
from assisters_verify.content import content_root
from assisters_verify.hints import load_hints
from assisters_verify.reference.faults import FAULTS
from assisters_verify.settings import Target

_OUT = Path(__file__).resolve().parent / "reference"
_NOTE = "<!-- Written by docs/generate.py: change what it describes, not this page. -->"
_HELP_WIDTH = 100
# Words alone are compared: another version of click may break lines elsewhere.
_WORD = re.compile(r"[\w-]+")
_TARGET_FILE = """\
What only you can tell about a server, in YAML, given with `--target`. Every setting has a default that suits the
documentation. What stands on the command line wins. Relative paths start from the file's folder.
`assisters-verify doctor --write target.yaml` writes one to start from."""
_CLAUSES = """\
A `must` that is broken fails a target; a `should` or `may` warns. The *basis* says whether the documentation says it,
an example implies it, or it is a convention. The *faults* are those that the reference server can be started with to
break this clause on purpose (`assisters-verify serve --fault NAME`): each must be caught."""


def commands() -> str:
    """Return the page of all commands: their help, as the terminal shows it."""
    parts = ["# Commands", _NOTE, "Each command's help, as `--help` prints it. Keys are never options."]
    for path, command in _walk(main, "assisters-verify"):
        # Such a context is what the terminal makes, but of one width everywhere.
        context = click.Context(command, info_name=path, terminal_width=_HELP_WIDTH, max_content_width=_HELP_WIDTH)
        parts += [f"## {path}", f"```text\n{command.get_help(context).rstrip()}\n```"]
    return _page(parts)


def target_file() -> str:
    """Return the page of all settings of a target file."""
    parts = [
        "# Target file",
        _NOTE,
        _TARGET_FILE,
        "\n".join(["| setting | kind | default | what it is for |", "| --- | --- | --- | --- |", *_settings(Target)]),
    ]
    return _page(parts)


def clauses() -> str:
    """Return the page of all clauses: what each promises, which checks prove it, which faults they must catch."""
    root = content_root()
    catalogue = load_catalogue(root / "spec" / "clauses.yaml")
    hints, checks = load_hints(root / "spec" / "hints.yaml"), _checks(root / "conformance")
    parts = [
        "# Clauses",
        _NOTE,
        f"{len(catalogue.ids)} promises. {_CLAUSES}",
    ]
    for area in catalogue.areas:
        parts.append(f"## {area}")
        parts += [_clause(clause, checks, hints.get(clause.id, "")) for clause in catalogue.select(areas=[area])]
    return _page(parts)


PAGES = {"commands.md": commands, "target-file.md": target_file, "clauses.md": clauses}


def stale(folder: Path) -> list[str]:
    """Return the names of the pages in this folder that do not say what they would say now."""
    return [name for name, draw in PAGES.items() if _words(folder / name) != _words_of(draw())]


def _words(path: Path) -> list[str]:
    return _words_of(path.read_text(encoding="utf-8")) if path.exists() else []


def _words_of(text: str) -> list[str]:
    # click keeps a command's help option from its first call in a process, with the names that it had there.
    return _WORD.findall(text.replace("-h, --help", "--help"))


def _clause(clause: Clause, checks: dict[str, list[str]], hint: str) -> str:
    lines = [f"### {clause.id}", "", clause.title, ""]
    lines += [f"*{clause.level}, {clause.basis}, section “{clause.section}”*", ""]
    if clause.untestable is not None:
        return "\n".join([*lines, f"Not observable: {clause.untestable}"])
    lines += [f"- check: {text}" for text in checks.get(clause.id, ["none yet"])]
    lines += [f"- fault: `{name}`" for name, fault in FAULTS.items() if fault.clause == clause.id]
    return "\n".join([*lines, *([f"- usual cause: {hint}"] if hint else [])])


def _checks(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef):
                claim = " ".join((ast.get_docstring(node) or "").split())
                for clause_id in _declared(node):
                    found.setdefault(clause_id, []).append(f"`{path.stem}::{node.name}`. {claim}".rstrip(". ") + ".")
    return found


def _declared(node: ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "clause":
            yield str(ast.literal_eval(decorator.args[0]))


def _settings(form: type[BaseModel], place: str = "") -> Iterator[str]:
    properties = form.model_json_schema(mode="validation")["properties"]
    for name, field in form.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield f"| `{place}{name}` | settings | | {field.description} |"
            yield from _settings(inner, f"{place}{name}.")
            continue
        default = "" if field.default is None else f"`{field.default}`"
        yield f"| `{place}{name}` | {_kind(properties[name])} | {default} | {field.description} |"


def _kind(schema: dict[str, Any]) -> str:
    options = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    part = options[0]
    words = {"string": "text", "number": "number", "integer": "whole number", "array": "list of texts"}
    kind = words.get(part.get("type", ""), "text")
    bounds = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}
    told = [f"{word} {part[name]:g}" for name, word in bounds.items() if name in part]
    return f"{'address' if part.get('format') == 'uri' else 'path' if part.get('format') == 'path' else kind}" + (
        f", {', '.join(told)}" if told else ""
    )


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _walk(inner, f"{path} {name}")


def _page(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"


def write() -> None:
    """Write all pages, or tell which are stale."""
    if "--check" in sys.argv[1:]:
        names = stale(_OUT)
        sys.exit(f"stale: {', '.join(names)}. Run python docs/generate.py." if names else 0)
    _OUT.mkdir(exist_ok=True)
    for name, draw in PAGES.items():
        (_OUT / name).write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    write()
