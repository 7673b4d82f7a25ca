"""Draw the status badge of a run: its verdict, what it rests on, and how much was asked for."""

from assisters_verify.content import content_root
from assisters_verify.reporting.findings import Results, broken, headline, known, undecided
from assisters_verify.reporting.inert import visible_line
from assisters_verify.reporting.scope import scope_of
from assisters_verify.reporting.templates import environment
from assisters_verify.verdicts import Overall, Verdict

# White text has a contrast of at least 4.5 on each.
_COLOURS = {Overall.CONFORMANT: "#1f6b43", Overall.NONCONFORMANT: "#b3202a", Overall.INCOMPLETE: "#855300"}
_PAD = 8
_LONGEST_SCOPE = 60
# Widths of Verdana at 11 px, roughly: textLength makes every font keep to them.
_NARROW, _WIDE = frozenset("ijlI.,:;'|()[]!ft r"), frozenset("mwMW%@")
_NARROW_PX, _USUAL_PX, _WIDE_PX = 4.4, 7.0, 10.4


def draw_badge(results: Results) -> bytes:
    """Return the badge as SVG."""
    label, status = f"Assisters API, {visible_line(scope_of(results), _LONGEST_SCOPE)}", _status(results)
    template = environment(content_root() / "reports" / "templates").get_template("badge.svg.jinja")
    drawn = template.render(
        label=label,
        status=status,
        title=_title(results),
        colour=_COLOURS[Overall(results["verdict"])],
        left=_width(label),
        right=_width(status),
        pad=_PAD,
    )
    return drawn.encode("utf-8")


def _status(results: Results) -> str:
    kept = sum(clause["verdict"] == Verdict.PASS for clause in results["clauses"])
    counts = {"broken": broken(results), "known to fail": known(results), "undecided": undecided(results)}
    told = [f"{len(clauses)} {word}" for word, clauses in counts.items() if clauses]
    told.append(f"{kept} of {len(results['clauses'])} kept")
    return f"{results['verdict']}: {', '.join(told)}"


def _title(results: Results) -> str:
    day = results["started_at"].partition("T")[0]
    return visible_line(
        f"{headline(results)}. {scope_of(results)}, target {results['target']['base_url']}, {day}", limit=1000
    )


def _width(text: str) -> int:
    widths = (_NARROW_PX if each in _NARROW else _WIDE_PX if each in _WIDE else _USUAL_PX for each in text)
    return round(sum(widths)) + 2 * _PAD
