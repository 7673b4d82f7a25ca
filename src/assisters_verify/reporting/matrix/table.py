"""Put the results of several runs side by side: run by run, area by area, clause by clause."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assisters_verify.reporting.findings import Entry, Results, broken, known, passed, undecided, warnings
from assisters_verify.reporting.inert import visible_line
from assisters_verify.reporting.matrix.notes import notes_on
from assisters_verify.reporting.scope import scope_of
from assisters_verify.verdicts import Overall, Verdict

ABSENT = "not in this run"
_UNOBSERVABLE = "not observable"
_COUNTS = {"broken": broken, "known to fail": known, "undecided": undecided, "warned about": warnings}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The results of one run, and the name of the folder or file that they were read from."""

    name: str
    results: Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One run. `kept` of `total` promises were kept; `counts` says how many were not, and how."""

    number: int
    name: str
    base_url: str
    verdict: Overall
    scope: str
    suite: str
    started: str
    kept: int
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCell:
    """What one run found in one area; `total` is 0 where the run did not look at it."""

    kept: int
    total: int
    verdicts: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one run says about one clause. `verdict` is None where it says nothing; `words` say it in either case."""

    verdict: Verdict | None
    words: str
    reason: str
    is_settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clause, with a cell for each run."""

    id: str
    title: str
    level: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Tell whether the runs that have it say different things of it."""
        return len({cell.words for cell in self.cells if cell.verdict is not None}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area, with a cell for each run, and its clauses."""

    name: str
    cells: tuple[AreaCell, ...]
    rows: tuple[Row, ...]

    @property
    def differs(self) -> bool:
        """Tell whether the runs say different things of any of its clauses."""
        return any(row.differs for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that a matrix of runs shows. `notes` say why the runs may not be held against each other."""

    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    areas: tuple[Area, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All clauses, in the order of their areas."""
        return tuple(row for area in self.areas for row in area.rows)


def side_by_side(sources: Sequence[Source]) -> Matrix:
    """Return the runs side by side, in this order."""
    results = [source.results for source in sources]
    return Matrix(
        columns=tuple(_column(number, source) for number, source in enumerate(sources, 1)),
        notes=tuple(notes_on(results)),
        areas=tuple(_areas(results)),
    )


def _column(number: int, source: Source) -> Column:
    results = source.results
    return Column(
        number=number,
        name=source.name,
        base_url=results["target"]["base_url"],
        verdict=Overall(results["verdict"]),
        scope=scope_of(results),
        suite=results["suite"]["version"],
        started=_day(results["started_at"]),
        kept=_kept(results["clauses"]),
        total=len(results["clauses"]),
        counts={word: len(find(results)) for word, find in _COUNTS.items()},
    )


def _areas(results: Sequence[Results]) -> Iterator[Area]:
    entries = [{clause["id"]: clause for clause in each["clauses"]} for each in results]
    unseen = [{clause["id"] for clause in each["untestable"]} for each in results]
    first = {name: clause for each in reversed(entries) for name, clause in each.items()}
    order = _merged(list(each) for each in entries)
    for area in _merged(list(dict.fromkeys(clause["area"] for clause in each["clauses"])) for each in results):
        ids = [name for name in order if first[name]["area"] == area]
        if ids:
            yield Area(
                name=area,
                cells=tuple(_area_cell([each[name] for name in ids if name in each]) for each in entries),
                rows=tuple(_row(first[name], entries, unseen) for name in ids),
            )


def _area_cell(clauses: Sequence[Entry]) -> AreaCell:
    found = Counter(Verdict(clause["verdict"]) for clause in clauses)
    verdicts = {verdict: found[verdict] for verdict in Verdict if found[verdict]}
    return AreaCell(kept=_kept(clauses), total=len(clauses), verdicts=verdicts)


def _row(first: Entry, entries: Sequence[Mapping[str, Entry]], unseen: Sequence[set[str]]) -> Row:
    name = first["id"]
    there = [each[name] for each in entries if name in each]
    has_levels = len({clause["level"] for clause in there}) > 1
    cells = [
        _cell(each[name], has_level=has_levels) if name in each else _empty(is_seen=name not in unobservable)
        for each, unobservable in zip(entries, unseen, strict=True)
    ]
    level = "levels differ" if has_levels else first["level"]
    return Row(id=name, title=first["title"], level=level, cells=tuple(cells))


def _cell(clause: Entry, *, has_level: bool) -> Cell:
    listed = clause.get("known_failure")
    words = clause["verdict"].replace("_", " ")
    words += f" ({clause['level']})" if has_level else ""
    told = f" (known to fail until {listed['expires']}: {listed['reason']})" if listed else ""
    return Cell(
        verdict=Verdict(clause["verdict"]),
        words=f"{words}, known" if listed else words,
        reason=clause["reason"] + told,
        is_settled=passed(clause),
    )


def _empty(*, is_seen: bool) -> Cell:
    return Cell(verdict=None, words=ABSENT if is_seen else _UNOBSERVABLE, reason="", is_settled=True)


def _kept(clauses: Sequence[Entry]) -> int:
    return sum(clause["verdict"] == Verdict.PASS for clause in clauses)


def _merged(orders: Iterable[Sequence[str]]) -> list[str]:
    """Return all names once; one that the earlier orders lack stands behind the one that it follows."""
    merged: list[str] = []
    for order in orders:
        place = 0
        for name in order:
            if name in merged:
                place = merged.index(name) + 1
            else:
                merged.insert(place, name)
                place += 1
    return merged


def _day(started_at: str) -> str:
    try:
        return datetime.fromisoformat(started_at).strftime("%-d %B %Y, %H:%M UTC")
    except ValueError:
        return visible_line(started_at)
