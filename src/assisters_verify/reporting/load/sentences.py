"""Say a load run in a sentence: what was asked for, and what came of it."""

from collections.abc import Mapping
from typing import Any

from assisters_verify.reporting.load import figures
from assisters_verify.verdicts import Verdict

Document = Mapping[str, Any]


def headline(document: Document) -> str:
    """Return the verdict as one sentence of plain text, without a full stop."""
    thresholds = document["thresholds"]
    search = [found_rate(document)] if document["steps"] else []
    held = sum(each["verdict"] == "pass" for each in thresholds)
    parts = [f"{held} of {len(thresholds)} thresholds held"] if thresholds else ["no threshold was set"]
    clauses = document["clauses"]
    if clauses:
        kept = sum(each["verdict"] == Verdict.PASS for each in clauses)
        counted = [each for each in clauses if each["verdict"] != Verdict.NOT_APPLICABLE]
        parts.append(f"{kept} of {len(counted)} promises kept under load")
    requests = document["requests"]
    parts.append(f"{requests['ok']:,} of {requests['sent']:,} requests answered")
    if document["generator"]["saturated"] and document["verdict"] != "void":
        parts.append("the figures are void, what is broken is not")
    return f"{document['verdict']}: {', '.join([*search, *parts])}"


def found_rate(document: Document) -> str:
    """Return what a search for the highest rate found."""
    rate_per_s = document["highest_rate_per_s"]
    if rate_per_s is None:
        return f"not even {figures.number(document['steps'][0]['rate_per_s'])} requests a second are held"
    more = "" if rate_per_s < document["steps"][-1]["rate_per_s"] else ", the highest that was tried"
    return f"holds up to {figures.number(rate_per_s)} requests a second{more}"


def load_asked_for(document: Document) -> str:
    """Return the load that was asked for in words."""
    options = document["options"]
    if document["lanes"]:
        return f"what the scenario plans for {len(document['lanes'])} keys at and beyond their rate limit"
    if options.get("replay"):
        return "the requests of a file, at their times"
    if options.get("rate_per_s"):
        rhythm = "at random moments (Poisson)" if options.get("arrival") == "poisson" else "evenly"
        return f"{figures.number(options['rate_per_s'])} requests a second, {rhythm}"
    users = options.get("users") or 0
    return f"{users:,} {'user' if users == 1 else 'users'}, each with one request under way"


def threshold_line(threshold: Mapping[str, Any]) -> str:
    """Return a threshold with its value: `First token, from due: p95: 1.2 s, at most 800 ms`."""
    name = threshold["measure"]
    value, limit = (figures.of_measure(name, threshold[each]) for each in ("value", "limit"))
    return f"{value}, {threshold['direction']} {limit}"
