"""report.html: one offline file, readable without a script, to look at and to pass round."""

from assisters_verify.reporting.page.drawing import draw_page

__all__ = ["draw_page"]
