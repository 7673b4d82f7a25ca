"""Render the matrix of runs as one offline page, under a policy that lets nothing in it load or run."""

from collections import Counter
from itertools import accumulate

from assisters_verify.content import content_root
from assisters_verify.reporting.matrix.table import AreaCell, Cell, Matrix
from assisters_verify.reporting.page.ration import Ration
from assisters_verify.reporting.templates import environment, inlined
from assisters_verify.verdicts import Overall, Verdict

# Six full runs are to stay under 500 KB even where each promise is broken; what markup does not take goes to reasons.
_PAGE_BYTES = 480_000
_FIXED_BYTES = 35_000
_AREA_BYTES, _AREA_CELL_BYTES = 250, 650
_ROW_BYTES, _CELL_BYTES, _OPEN_CELL_BYTES = 420, 125, 210
_LEAST_BYTES = 20_000
_LONGEST_REASON, _SHORTEST_REASON = 600, 60


def draw_matrix_page(matrix: Matrix) -> bytes:
    """Return the matrix as HTML."""
    folder = content_root() / "reports" / "templates"
    page = (
        environment(folder)
        .get_template("matrix.html.jinja")
        .render(
            matrix=matrix,
            reasons=_reasons(matrix),
            segments=_segments,
            overall=Counter(column.verdict for column in matrix.columns),
            overalls=tuple(Overall),
            verdicts=[verdict for verdict in Verdict if any(_has(matrix, verdict))],
            n_differing=sum(row.differs for row in matrix.rows),
            style=inlined(folder / "report.css", folder / "matrix.css"),
        )
    )
    return page.encode("utf-8")


def _has(matrix: Matrix, verdict: Verdict) -> list[bool]:
    return [cell.verdict is verdict for row in matrix.rows for cell in row.cells]


def _reasons(matrix: Matrix) -> dict[tuple[str, int], str]:
    """Return what the cells tell where they are opened, by clause id and place of the run: all get the same room."""
    told = {
        (row.id, place): cell.reason
        for row in matrix.rows
        for place, cell in enumerate(row.cells)
        if not cell.is_settled and cell.reason
    }
    room = Ration(left=_room(matrix))
    share = max(_SHORTEST_REASON, min(_LONGEST_REASON, room.left // max(len(told), 1)))
    return {key: room.line(reason, share) for key, reason in told.items()}


def _room(matrix: Matrix) -> int:
    markup = _FIXED_BYTES + len(matrix.areas) * (_AREA_BYTES + _AREA_CELL_BYTES * len(matrix.columns))
    markup += sum(_ROW_BYTES + sum(_bytes(cell) for cell in row.cells) for row in matrix.rows)
    return max(_LEAST_BYTES, _PAGE_BYTES - markup)


def _bytes(cell: Cell) -> int:
    return _CELL_BYTES if cell.is_settled else _OPEN_CELL_BYTES


def _segments(cell: AreaCell) -> list[tuple[Verdict, float, float]]:
    """Return verdict, place and width of each part of a bar that is 100 wide and stands for the clauses of an area."""
    shares = [(verdict, count * 100 / cell.total) for verdict, count in cell.verdicts.items()]
    ends = accumulate(share for _, share in shares)
    return [
        (verdict, round(end - share, 1), round(share, 1)) for (verdict, share), end in zip(shares, ends, strict=True)
    ]
