"""Put generated requests in order, the most telling first, so that a bounded number of them still covers everything."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assisters_verify.properties.case import PropertyCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A request that may be chosen.

    Those of one `group` show the same thing, in different `kind`s, of which the smallest number shows it best. `depth`
    says how remote the thing is.
    """

    case: PropertyCase
    group: tuple[str, ...]
    kind: int
    depth: int
    is_random: bool

    @property
    def taste(self) -> tuple[bool, int, bytes, str]:
        """Small bodies first, and what covers the schema before what is random."""
        body = self.case.body or b""
        return self.is_random, len(body), body, self.case.path


def select_cases(candidates: Iterable[Candidate], limit: int) -> list[PropertyCase]:
    """Return at most this many, none twice: each group's best first, its other kinds and remote groups later."""
    ranked: list[tuple[int, tuple[str, ...], Candidate]] = []
    for group, members in _group(_without_repeats(candidates)).items():
        ranked += [(rank + member.depth, group, member) for rank, member in enumerate(_alternate_kinds(members))]
    ranked.sort(key=lambda entry: (entry[0], entry[1], entry[2].taste))
    return [candidate.case for _, _, candidate in ranked[:limit]]


def _without_repeats(candidates: Iterable[Candidate]) -> Iterable[Candidate]:
    first: dict[tuple[str, str, bytes | None], Candidate] = {}
    for candidate in candidates:
        case = candidate.case
        first.setdefault((case.operation, case.path, case.body), candidate)
    return first.values()


def _group(candidates: Iterable[Candidate]) -> dict[tuple[str, ...], list[Candidate]]:
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.group, []).append(candidate)
    return groups


def _alternate_kinds(members: list[Candidate]) -> list[Candidate]:
    """Return the best of each kind, then the second best of each, and so on."""
    seen: Counter[int] = Counter()
    rounds: list[tuple[int, int, Candidate]] = []
    for member in sorted(members, key=lambda each: each.taste):
        rounds.append((seen[member.kind], member.kind, member))
        seen[member.kind] += 1
    rounds.sort(key=lambda entry: entry[:2])
    return [member for _, _, member in rounds]
