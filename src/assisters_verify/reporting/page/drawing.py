"""Draw report.html: one offline file to read and to pass round."""

from collections.abc import Sequence

import jinja2

from assisters_verify.content import content_root
from assisters_verify.evidence import Exchange
from assisters_verify.reporting.findings import Results, headline


def draw_page(results: Results, exchanges: Sequence[Exchange]) -> bytes:
    """Return report.html."""
    templates = jinja2.FileSystemLoader(content_root() / "reports" / "templates")
    environment = jinja2.Environment(loader=templates, autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.get_template("report.html.jinja").render(
        results=results,
        headline=headline(results),
        n_exchanges=len(exchanges),
    )
    return page.encode("utf-8", "backslashreplace")
