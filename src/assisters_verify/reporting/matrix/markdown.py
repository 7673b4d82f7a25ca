"""Draw the matrix of runs as Markdown: what may hold text of a target stands in lists, never in a table."""

import re
from collections.abc import Iterable, Iterator

from assisters_verify.reporting.inert import code_span, defuse, prose
from assisters_verify.reporting.matrix.table import ABSENT, AreaCell, Cell, Column, Matrix
from assisters_verify.verdicts import Overall, Verdict

# GitHub refuses a summary past 1 MiB.
_LARGEST_BYTES = 900_000
_CODE = re.compile("`([^`]+)`")
_OVERALL_SIGNS = {Overall.CONFORMANT: "✅", Overall.NONCONFORMANT: "❌", Overall.INCOMPLETE: "⚠️"}
_SIGNS = {
    Verdict.FAIL: "❌",
    Verdict.NOT_IMPLEMENTED: "🚫",
    Verdict.ERROR: "💥",
    Verdict.WARN: "⚠️",
    Verdict.INCONCLUSIVE: "❔",
    Verdict.SKIPPED: "⏭️",
    Verdict.PASS: "✅",
    Verdict.NOT_APPLICABLE: "⚪",
}


def draw_matrix_markdown(matrix: Matrix) -> bytes:
    """Return the matrix as Markdown."""
    return defuse("\n\n".join(_bounded(_parts(matrix))) + "\n").encode("utf-8")


def _parts(matrix: Matrix) -> Iterator[str]:
    n = len(matrix.columns)
    yield f"# {n} {'run' if n == 1 else 'runs'} side by side"
    yield "\n".join(_run(column) for column in matrix.columns)
    yield from (f"**Note:** {prose(note)}" for note in matrix.notes)
    if not matrix.areas:
        yield "No promise was checked."
        return
    numbers = [f"run {column.number}" for column in matrix.columns]
    areas = [[prose(area.name.replace("_", " ")), *map(_area_words, area.cells)] for area in matrix.areas]
    yield f"## Areas\n\n{_table(['area', *numbers], areas)}"
    yield f"## Promises\n\n{sum(row.differs for row in matrix.rows)} of {len(matrix.rows)} differ between the runs."
    for area in matrix.areas:
        rows = [[f"**{row.id}** {_title(row.title)}", row.level, *map(_words, row.cells)] for row in area.rows]
        yield f"### {prose(area.name.replace('_', ' '))}\n\n{_table(['promise', 'level', *numbers], rows)}"
    yield from _reasons(matrix)


def _run(column: Column) -> str:
    counts = [f"{count} {word}" for word, count in column.counts.items() if count]
    facts = ", ".join([f"{column.kept} of {column.total} kept", *counts])
    origin = f"{column.scope}, suite {column.suite}, {column.started}"
    return (
        f"{column.number}. {_OVERALL_SIGNS[column.verdict]} **{column.verdict}** {code_span(column.base_url)}: "
        f"{facts} ({code_span(column.name)}: {prose(origin)})"
    )


def _area_words(cell: AreaCell) -> str:
    if not cell.total:
        return ABSENT
    others = [f"{count} {verdict.replace('_', ' ')}" for verdict, count in cell.verdicts.items() if verdict != "pass"]
    return f"{cell.kept} of {cell.total}{': ' if others else ''}{', '.join(others)}"


def _words(cell: Cell) -> str:
    return cell.words if cell.verdict is None else f"{_SIGNS[cell.verdict]} {cell.words}"


def _reasons(matrix: Matrix) -> Iterator[str]:
    told = [(row, [(n, cell) for n, cell in enumerate(row.cells, 1) if not cell.is_settled]) for row in matrix.rows]
    if any(cells for _, cells in told):
        yield "## Reasons"
    for row, cells in told:
        if cells:
            lines = [f"  - run {n}, {_words(cell)}: {code_span(cell.reason)}" for n, cell in cells]
            yield "\n".join([f"- **{row.id}** {_title(row.title)}", *lines])


def _title(text: str) -> str:
    """Return the text, in which what stands in backticks stays code; a bar in code would end a cell of a table."""
    pieces = _CODE.split(text)  # every second piece is code
    return "".join(code_span(p) if n % 2 and "|" not in p else prose(p) for n, p in enumerate(pieces))


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _bounded(parts: Iterable[str]) -> Iterator[str]:
    left = _LARGEST_BYTES
    for part in parts:
        left -= len(part.encode("utf-8")) + 2
        if left < 0:
            yield "*The rest is left out to keep this page small; the HTML matrix has it.*"
            return
        yield part
