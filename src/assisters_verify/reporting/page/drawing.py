"""Render report.html from its template, under a policy that lets nothing in the page load or run but our own."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from assisters_verify.content import content_root
from assisters_verify.evidence import Exchange
from assisters_verify.reporting.findings import (
    Results,
    broken,
    complaints,
    known,
    open_conventions,
    undecided,
    warnings,
)
from assisters_verify.reporting.inert import visible
from assisters_verify.reporting.page.charts import TIMELINE_WIDTH
from assisters_verify.reporting.page.clauses import ClauseViews
from assisters_verify.reporting.page.exchanges import Gallery
from assisters_verify.reporting.page.ration import Ration
from assisters_verify.reporting.templates import environment, inlined
from assisters_verify.verdicts import Verdict

# The whole is to stay under 500 KB, for two hundred clauses of which each is broken. What a clause's markup does not
# take is shared between the words of all verdicts and the exchanges.
_PAGE_BYTES = 480_000
_CLAUSE_BYTES = 1_400
_LEAST_BYTES = 60_000
_SHARE_OF_WORDS = 0.4
_FEWEST_PLACES = 20  # so that marks stay small where only a few clauses were asked for


def draw_page(results: Results, exchanges: Sequence[Exchange]) -> bytes:
    """Return report.html."""
    folder = content_root() / "reports" / "templates"
    room = max(_LEAST_BYTES, _PAGE_BYTES - _CLAUSE_BYTES * len(results["clauses"]))
    words = int(room * _SHARE_OF_WORDS)
    gallery = Gallery({exchange.id: exchange for exchange in exchanges}, Ration(left=room - words))
    clauses = ClauseViews(results, gallery, Ration(left=words)).all()
    template = environment(folder).get_template("report.html.jinja")
    page = template.render(
        **_overview(results),
        results=results,
        clauses=clauses,
        options=visible(json.dumps(results["options"], indent=2)),
        timeline_width=TIMELINE_WIDTH,
        verdicts=tuple(Verdict),
        style=inlined(folder / "report.css"),
        script=inlined(folder / "report.js"),
    )
    return page.encode("utf-8")


def _overview(results: Results) -> dict[str, Any]:
    tallies: dict[str, dict[str, int]] = results["areas"]
    return {
        "segments": _segments(results),
        "counts": Counter(clause["verdict"] for clause in results["clauses"]),
        "marks": {area: _marks(tally) for area, tally in tallies.items()},
        "widest": max([_FEWEST_PLACES, *(sum(tally.values()) for tally in tallies.values())]),
        "broken": broken(results),
        "known": known(results),
        "complaints": complaints(results),
        "undecided": undecided(results),
        "open_conventions": open_conventions(results),
        "warnings": warnings(results),
    }


def _marks(tally: dict[str, int]) -> list[Verdict]:
    """Return a mark for each clause of an area, the worst first."""
    return [verdict for verdict in Verdict for _ in range(tally[verdict])]


def _segments(results: Results) -> list[tuple[Verdict, float, float]]:
    """Return verdict, place and width of each part of a bar that is 1000 wide and stands for all clauses."""
    counts = Counter(clause["verdict"] for clause in results["clauses"])
    shares = [(verdict, counts[verdict] * 1000 / counts.total()) for verdict in Verdict if counts[verdict]]
    ends = accumulate(share for _, share in shares)
    return [(verdict, end - share, share) for (verdict, share), end in zip(shares, ends, strict=True)]
