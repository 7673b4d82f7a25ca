"""`assisters-verify spec`: list the clauses, and which of them have a check."""

import ast
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from assisters_verify.catalogue import Catalogue, load_catalogue
from assisters_verify.cli.completing import complete_areas
from assisters_verify.content import content_root

_LIST_EXAMPLES = """\b
Examples:
  assisters-verify spec list --area streaming
  assisters-verify spec list --json | jq -r 'select(.level == "must") | .id'"""
_COVERAGE_EXAMPLE = """\b
Example:
  assisters-verify spec coverage"""
_MATRIX_EXAMPLES = """\b
Examples:
  assisters-verify spec matrix --area chat --kills
  assisters-verify spec matrix --out matrix.md"""


@click.group()
def command() -> None:
    """List what is promised, and what is checked."""


@command.command("list", epilog=_LIST_EXAMPLES)
@click.option(
    "--area",
    "areas",
    multiple=True,
    metavar="AREA",
    shell_complete=complete_areas,
    help="Only this area; may be repeated.",
)
@click.option("--json", "is_json", is_flag=True, help="As JSON, one clause a line.")
def list_clauses(*, areas: tuple[str, ...], is_json: bool) -> None:
    """List the clauses: id, level, basis, section, title."""
    catalogue = read_catalogue()
    for area in areas:
        if area not in catalogue.areas:
            raise click.UsageError(f"there is no area {area!r}; known: {', '.join(catalogue.areas)}")
    for clause in catalogue.select(areas=areas):
        if is_json:
            words = {name: getattr(clause, name) for name in ("id", "area", "level", "basis", "section", "title")}
            click.echo(json.dumps({**words, "untestable": clause.untestable}))
        else:
            click.echo(f"{clause.id:10} {clause.level:6} {clause.basis:10} {clause.section}: {clause.title}")


@command.command("coverage", epilog=_COVERAGE_EXAMPLE)
def coverage() -> None:
    """Say for each area how many clauses have a check, which are planned, and which cannot be observed."""
    checked = set(checked_clauses(content_root() / "conformance"))
    for area in (catalogue := read_catalogue()).areas:
        clauses = catalogue.select(areas=[area])
        testable = [clause.id for clause in clauses if clause.untestable is None]
        planned = [clause_id for clause_id in testable if clause_id not in checked]
        rest = f"; planned: {', '.join(planned)}" if planned else ""
        unseen = len(clauses) - len(testable)
        click.echo(
            f"{area:15} {len(testable) - len(planned)}/{len(testable)} checked{rest}"
            + (f"; {unseen} not observable" if unseen else "")
        )


@command.command("matrix", epilog=_MATRIX_EXAMPLES)
@click.option(
    "--area",
    "areas",
    multiple=True,
    metavar="AREA",
    shell_complete=complete_areas,
    help="Only this area; may be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to this file.")
@click.option("--processes", type=int, default=2, show_default=True, help="Processes that run trials.")
@click.option("--kills", "is_kills", is_flag=True, help="Only whether each fault is caught by its clause.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides which readings come together.")
def matrix(*, areas: tuple[str, ...], out: Path | None, processes: int, is_kills: bool, seed: int) -> None:
    """Try every fault of the reference server on the clause that it breaks, and on all other areas; every reading on
    all clauses.

    Ends with 1 where a fault gets past its clause or makes another area fail, a reading is blamed, a must has no fault
    that breaks it, or a check no fault that needs it.
    """
    from assisters_verify.matrix.judging import run_matrix  # noqa: PLC0415 - the other commands need no server

    catalogue = read_catalogue()
    found = run_matrix(
        catalogue,
        areas or catalogue.areas,
        processes=processes,
        is_kills=is_kills,
        seed=seed,
        tell=partial(click.echo, err=True),
    )
    if out is not None:
        out.write_text(found.page, encoding="utf-8")
    for line in found.problems:
        click.echo(line)
    click.echo(f"{found.trials} trials, {found.requests} requests, {len(found.problems)} problems")
    sys.exit(1 if found.problems else 0)


def checked_clauses(folder: Path) -> Iterator[str]:
    """Yield the clause id of each check in this folder, read from the source without importing it."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef):
                yield from _declared(node)


def _declared(node: ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "clause":
            yield ast.literal_eval(decorator.args[0])


def read_catalogue() -> Catalogue:
    """Return the suite's own clauses."""
    return load_catalogue(content_root() / "spec" / "clauses.yaml")
