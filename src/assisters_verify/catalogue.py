"""The catalogue of clauses: what is promised, how firmly, and where it stands in the documentation."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from assisters_verify.verdicts import Basis, Level

FILE = "clauses.yaml"
_ID = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
_AREA = re.compile(r"[a-z]+(_[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One promise. `untestable` is the reason why nobody outside can observe it, or None."""

    id: str
    area: str
    level: Level
    basis: Basis
    section: str
    title: str
    untestable: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All clauses in the order of the file, found by id or by area. `extra` are the ids of those that a user added."""

    clauses: tuple[Clause, ...]
    extra: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses)

    def __getitem__(self, clause_id: str) -> Clause:
        """Return the clause of this id; raises KeyError."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all clauses."""
        return frozenset(clause.id for clause in self.clauses)

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas, each once, in the order of the file."""
        return tuple(dict.fromkeys(clause.area for clause in self.clauses))

    def select(self, *, areas: Sequence[str] = (), clause_ids: Sequence[str] = ()) -> tuple[Clause, ...]:
        """Return the clauses of these areas together with those of these ids; all of them where neither is given."""
        if not areas and not clause_ids:
            return self.clauses
        return tuple(clause for clause in self.clauses if clause.area in areas or clause.id in clause_ids)


def load_catalogue(path: Path) -> Catalogue:
    """Read `clauses.yaml`. Raises ValueError where an id stands twice or a word is not one of the catalogue's."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    clauses = tuple(_clause(entry) for entry in document["clauses"])
    ids = [clause.id for clause in clauses]
    twice = sorted({clause_id for clause_id in ids if ids.count(clause_id) > 1})
    if twice:
        raise ValueError(f"{path.name}: these ids stand twice: {', '.join(twice)}")
    return Catalogue(clauses)


def extend_catalogue(catalogue: Catalogue, folder: Path) -> Catalogue:
    """Return the catalogue with the clauses of a user's own folder behind it.

    Raises ValueError, with cause and remedy, where the folder holds none that can be used.
    """
    path = folder / FILE
    try:
        own = load_catalogue(path)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}. It says what the extra checks prove.") from error
    except yaml.YAMLError as error:
        raise ValueError(f"cannot read {path}: it is not YAML. See docs/extending.md.") from error
    except (KeyError, TypeError, AttributeError) as error:
        words = "id, area, level, basis, section and title"
        raise ValueError(f"cannot use {path}: each entry of `clauses` needs {words}. See docs/extending.md.") from error
    for clause in own:
        if not _ID.fullmatch(str(clause.id)) or not _AREA.fullmatch(str(clause.area)):
            raise ValueError(f"cannot use {path}: ids are like OWN-01, areas like own_area. See docs/extending.md.")
        if clause.id in catalogue.ids:
            raise ValueError(f"cannot use {path}: {clause.id} is one of the suite's own ids. Take another.")
    return replace(catalogue, clauses=(*catalogue.clauses, *own), extra=own.ids)


def _clause(entry: dict[str, str]) -> Clause:
    return Clause(
        id=entry["id"],
        area=entry["area"],
        level=Level(entry["level"]),
        basis=Basis(entry["basis"]),
        section=entry["section"],
        title=entry["title"],
        untestable=entry.get("untestable"),
    )
