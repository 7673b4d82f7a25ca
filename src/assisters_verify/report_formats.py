"""The formats of a conformance run's reports, by the word that chooses each on the command line."""

FORMATS: dict[str, str] = {
    "json": "results.json",
    "har": "evidence.har",
    "junit": "junit.xml",
    "markdown": "summary.md",
    "html": "report.html",
    "ctrf": "ctrf.json",
    "github": "annotations.txt",
}
# The others repeat what results.json says, for those who ask for it.
DEFAULT_FORMATS: tuple[str, ...] = ("json", "har", "junit", "markdown", "html")
