"""Runs against many targets side by side, as a page and as Markdown."""

from collections.abc import Callable

from assisters_verify.reporting.matrix.drawing import draw_matrix_page
from assisters_verify.reporting.matrix.markdown import draw_matrix_markdown
from assisters_verify.reporting.matrix.table import Matrix, Source, side_by_side

__all__ = ["MATRICES", "Source", "side_by_side"]

MATRICES: dict[str, Callable[[Matrix], bytes]] = {"html": draw_matrix_page, "markdown": draw_matrix_markdown}
