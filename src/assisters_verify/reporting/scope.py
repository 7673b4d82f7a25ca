"""Say in a few words how much of the documentation a run was asked to check."""

from assisters_verify.reporting.findings import Results

_MOST_NAMED = 3


def scope_of(results: Results) -> str:
    """Return the profile, and what else narrowed the run or makes it another than one against a target."""
    options = results["options"]
    profile = options.get("profile")
    words = [f"{profile} profile" if isinstance(profile, str) and profile else "no profile named"]
    words += [_chosen(options.get(name), name) for name in ("areas", "clauses") if options.get(name)]
    words += ["checks of one's own"] if options.get("extra_checks") else []
    words += ["reference server"] if options.get("embedded") is True else []
    words += ["replay"] if results.get("replay") else []
    words += ["ended early"] if results["interrupted"] else []
    return ", ".join(words)


def _chosen(given: object, name: str) -> str:
    named = [str(each) for each in given] if isinstance(given, list | tuple) else [str(given)]
    if len(named) > _MOST_NAMED:
        return f"{len(named)} {name} only"
    return f"only {' '.join(named)}"
