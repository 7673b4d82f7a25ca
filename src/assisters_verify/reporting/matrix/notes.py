"""Say why several runs may not be held against each other just so: other suites, other promises, ended early."""

from collections.abc import Callable, Iterator, Sequence

from assisters_verify.reporting.findings import Results
from assisters_verify.reporting.inert import visible_line
from assisters_verify.reporting.scope import scope_of


def notes_on(results: Sequence[Results]) -> Iterator[str]:
    """Yield sentences in which runs are called by their numbers, from 1. They may hold text of a target."""
    suites = _by(results, lambda each: f"{each['suite']['name']} {each['suite']['version']}")
    if len(suites) > 1:
        told = "; ".join(f"{suite} ({numbers})" for suite, numbers in suites.items())
        yield f"Different suites judged: {told}. What differs between them may come of the suite, not of the target."
    scopes = _by(results, scope_of)
    if len(scopes) > 1:
        told = "; ".join(f"{scope} ({numbers})" for scope, numbers in scopes.items())
        yield f"The runs were not asked for the same: {told}."
    yield from _other_promises(results)
    for number, each in enumerate(results, 1):
        if each["interrupted"]:
            yield f"Run {number} ended early: {visible_line(each['interrupted'])}."


def _other_promises(results: Sequence[Results]) -> Iterator[str]:
    sets = [{clause["id"] for clause in each["clauses"]} for each in results]
    everything, shared = set().union(*sets), set(sets[0]).intersection(*sets)
    if everything != shared:
        yield (
            f"The runs do not cover the same promises: {len(shared)} of {len(everything)} are in all of them. "
            "Where a run has none, the cell says so; verdicts on the whole rest on different promises."
        )


def _by(results: Sequence[Results], tell: Callable[[Results], str]) -> dict[str, str]:
    """Return the numbers of the runs of which the same is to be told."""
    groups: dict[str, list[int]] = {}
    for number, each in enumerate(results, 1):
        groups.setdefault(visible_line(tell(each), 120), []).append(number)
    return {
        told: ("run " if len(numbers) == 1 else "runs ") + ", ".join(map(str, numbers))
        for told, numbers in groups.items()
    }
