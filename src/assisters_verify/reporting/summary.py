"""Draw summary.md, the page that CI systems show beside a job: the verdict first, then what to do about it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from assisters_verify.evidence import Body, Exchange
from assisters_verify.reporting.findings import (
    Entry,
    Group,
    Results,
    broken,
    by_reason,
    complaints,
    headline,
    known,
    open_conventions,
    reason_beside,
    telling,
    undecided,
    warnings,
)
from assisters_verify.reporting.inert import code_block, code_span, defuse, prose
from assisters_verify.reporting.repeat import repeat_command
from assisters_verify.reporting.usual_causes import usual_causes
from assisters_verify.verdicts import Overall, Verdict

# GitHub refuses a summary past 1 MiB; the last lines need room too.
_LARGEST_BYTES = 900_000
_LONGEST_EXCERPT = 1200
_SIGNS = {Overall.CONFORMANT: "✅", Overall.NONCONFORMANT: "❌", Overall.INCOMPLETE: "⚠️"}
_CODE = re.compile("`([^`]+)`")


def draw_summary(results: Results, exchanges: Sequence[Exchange]) -> bytes:
    """Return summary.md."""
    kept = {exchange.id: exchange for exchange in exchanges}
    parts = chain(
        _head(results), _areas(results), _broken(results, kept), _known(results), _open(results), _warnings(results)
    )
    return defuse("\n\n".join(_bounded(parts)) + "\n").encode("utf-8")


def _head(results: Results) -> Iterator[str]:
    yield f"# {_SIGNS[Overall(results['verdict'])]} {headline(results)}"
    usage = [f"{name.replace('_', ' ')} {count:,}" for name, count in results["usage"].items()]
    facts = [f"{results['duration_s']:.1f} s", f"{results['requests']:,} requests", *map(prose, usage)]
    yield f"Target {code_span(results['target']['base_url'])}, {code_span(results['started_at'])}, {', '.join(facts)}."
    if results["interrupted"]:
        yield f"**The run ended early:** {code_span(results['interrupted'])}"
    if results["leftovers"]:
        left = "\n".join(f"- {code_span(leftover)}" for leftover in results["leftovers"])
        yield f"**Left behind on the target:**\n\n{left}"


def _areas(results: Results) -> Iterator[str]:
    areas: dict[str, dict[str, int]] = results["areas"]
    shown = [verdict for verdict in Verdict if any(counts[verdict] for counts in areas.values())]
    rows = [["area", *(verdict.replace("_", " ") for verdict in shown)], ["---", *("--:" for _ in shown)]]
    rows += [[prose(area), *(str(counts[verdict] or "") for verdict in shown)] for area, counts in areas.items()]
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _broken(results: Results, exchanges: dict[str, Exchange]) -> Iterator[str]:
    clauses = broken(results)
    causes = usual_causes()
    if clauses:
        yield f"## Broken ({len(clauses)})"
    for group in by_reason(clauses):
        yield "\n\n".join(f"### {_heading(clause)}" for clause in group.clauses)
        yield "\n".join([*_facts(group.clauses[0]), *_causes(group, causes)])
        told = [exchanges[each] for clause in group.clauses for each in clause["evidence"] if each in exchanges]
        if told:
            yield code_block(_excerpt(told[0]), language="http")
        yield code_block("\n".join(repeat_command(results, each) for each in group.ids), language="sh")


def _known(results: Results) -> Iterator[str]:
    clauses, wrong = known(results), complaints(results)
    if wrong:
        yield f"## Wrong in the list of known failures ({len(wrong)})"
        yield "\n".join(f"- {code_span(text, limit=600)}" for text in wrong)
    if clauses:
        yield f"## Known to fail ({len(clauses)})"
        yield "\n".join(
            f"- {_heading(clause)}, until {listed['expires']}: {code_span(listed['reason'])}"
            for clause in clauses
            for listed in [clause["known_failure"]]
        )


def _facts(clause: Entry) -> Iterator[str]:
    origin = f"{prose(clause['level'])}, {prose(clause['basis'])}, section {prose(clause['section'])}"
    yield f"- {_words(clause['verdict'])}; {origin}"
    told = telling(clause)
    place = "where" if told["expected"] else "reason"
    said = {"expected": told["expected"], "received": told["received"], place: reason_beside(told)}
    yield from (f"- {label}: {code_span(text, limit=600)}" for label, text in said.items() if text)
    if clause["evidence"]:
        yield f"- evidence: {code_span(' '.join(clause['evidence']))} in evidence.har"


def _causes(group: Group, causes: Mapping[str, str]) -> Iterator[str]:
    cause = next((causes[each] for each in group.ids if each in causes), "")
    if cause:
        yield f"- usual cause: {_with_code(cause)}"


def _open(results: Results) -> Iterator[str]:
    for heading, clauses in {
        "Undecided": undecided(results),
        "Conventions left open": open_conventions(results),
    }.items():
        if clauses:
            yield f"## {heading} ({len(clauses)})"
            yield "\n".join(
                f"- {_words(group.verdict)}: {code_span(group.reason or 'no reason was given')}: {', '.join(group.ids)}"
                for group in by_reason(clauses)
            )


def _warnings(results: Results) -> Iterator[str]:
    clauses = warnings(results)
    if clauses:
        yield f"## Warnings ({len(clauses)})"
        yield "\n".join(
            f"- {_words(clause['verdict'])}: {_heading(clause)} {code_span(telling(clause)['reason'])}"
            for clause in clauses
        )


def _excerpt(exchange: Exchange) -> str:
    request, response = exchange.request, exchange.response
    lines = [f"{request.method} {request.url}", *_body(request.body)]
    if response:
        lines += ["", f"{response.http_version} {response.status} {response.reason}".strip(), *_body(response.body)]
    if exchange.error:
        lines += ["", exchange.error]
    return "\n".join(lines)


def _body(body: Body | None) -> list[str]:
    if body is None or not body.text:
        return []
    is_long = len(body.text) > _LONGEST_EXCERPT
    return [body.text[:_LONGEST_EXCERPT] + (f"… ({body.size:,} bytes)" if is_long or body.is_cut else "")]


def _heading(clause: Entry) -> str:
    """Return id and title."""
    return f"{prose(clause['id'])} {_with_code(clause['title'])}"


def _with_code(text: str) -> str:
    """Return a text of ours, in which what stands in backticks stays code."""
    pieces = _CODE.split(text)  # every second piece is code
    return "".join(code_span(piece) if place % 2 else prose(piece) for place, piece in enumerate(pieces))


def _words(verdict: str) -> str:
    return f"**{prose(verdict.replace('_', ' '))}**"


def _bounded(parts: Iterable[str]) -> Iterator[str]:
    left = _LARGEST_BYTES
    for part in parts:
        left -= len(part.encode("utf-8")) + 2
        if left < 0:
            yield "*The rest is left out to keep this page small; report.html has it.*"
            return
        yield part
