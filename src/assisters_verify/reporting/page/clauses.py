"""Put clauses into the form in which the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assisters_verify.reporting.findings import Entry, Results, passed, reason_beside, telling
from assisters_verify.reporting.page.exchanges import ExchangeView, Gallery
from assisters_verify.reporting.page.ration import Ration
from assisters_verify.reporting.repeat import curl_command, repeat_command
from assisters_verify.reporting.usual_causes import usual_causes
from assisters_verify.verdicts import Level, Verdict, breaks, leaves_open

# In bytes of the finished page.
_LONGEST_WORDS = 1_500
_LONGEST_CURL = 6_000
_LONGEST_HINT = 800
_CHECK_MARKUP = 160
_MOST_CHECKS, _MOST_SETTLED_CHECKS = 12, 3
_MOST_EXCHANGES = 4
_MOST_IDS = 12
_MENDABLE = frozenset({Verdict.FAIL, Verdict.NOT_IMPLEMENTED, Verdict.WARN})
_SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One single check of a clause."""

    name: str
    verdict: str
    reason: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """One clause. `reason` leaves out what `expected` and `received` say already; `hint` is the usual cause."""

    id: str
    area: str
    level: str
    basis: str
    section: str
    title: str
    verdict: str
    is_settled: bool
    is_broken: bool
    is_open: bool
    expected: str
    received: str
    reason: str
    hint: str
    known: str
    exchanges: tuple[ExchangeView, ...]
    more_exchanges: str
    checks: tuple[CheckView, ...]
    n_more_checks: int
    duration_s: float
    command: str
    curl: str


@dataclass(frozen=True, slots=True)
class ClauseViews:
    """Makes the views of all clauses, the worst first, so that room runs out for the least telling."""

    results: Results
    gallery: Gallery
    words: Ration
    hints: Mapping[str, str] = field(default_factory=usual_causes)

    def all(self) -> dict[str, ClauseView]:
        """Return the views by clause id, in the order of the result."""
        worst_first = sorted(self.results["clauses"], key=_urgency)
        exchanges = self._exchanges(worst_first)
        made = {clause["id"]: self._view(clause, exchanges[clause["id"]]) for clause in worst_first}
        return {clause["id"]: made[clause["id"]] for clause in self.results["clauses"]}

    def _view(self, clause: Entry, exchanges: tuple[ExchangeView, ...]) -> ClauseView:
        verdict, level, is_settled = Verdict(clause["verdict"]), Level(clause["level"]), passed(clause)
        checks = self._checks(clause, is_settled=is_settled)
        return ClauseView(
            **{key: clause[key] for key in ("id", "area", "level", "basis", "section", "title", "verdict")},
            **self._said(clause),
            is_settled=is_settled,
            is_broken=breaks(verdict, level),
            known=self._known(clause),
            is_open=leaves_open(verdict, level),
            hint=self._hint(clause) if verdict in _MENDABLE else "",
            exchanges=exchanges,
            more_exchanges="" if is_settled else _more_ids(clause["evidence"][len(exchanges) :]),
            checks=checks,
            n_more_checks=len(clause["checks"]) - len(checks),
            duration_s=sum(check["duration_s"] for check in clause["checks"]),
            command="" if is_settled else repeat_command(self.results, clause["id"]),
            curl="" if is_settled else self._curl(clause),
        )

    def _known(self, clause: Entry) -> str:
        listed = clause.get("known_failure")
        if listed is None:
            return ""
        return self.words.line(f"until {listed['expires']}: {listed['reason']}", _LONGEST_HINT)

    def _said(self, clause: Entry) -> dict[str, str]:
        told = telling(clause)
        said = {"expected": told["expected"], "received": told["received"], "reason": reason_beside(told)}
        # What is to be acted on stands twice: in the overview, and under the clause.
        copies = 1 if passed(clause) else 2
        return {key: self.words.line(text, _LONGEST_WORDS, copies=copies) for key, text in said.items()}

    def _exchanges(self, worst_first: Sequence[Entry]) -> dict[str, tuple[ExchangeView, ...]]:
        """Return what each clause shows; the first evidence of all comes before the second of any."""
        views: dict[str, list[ExchangeView | None]] = {clause["id"]: [] for clause in worst_first}
        for place in range(_MOST_EXCHANGES):
            for clause in worst_first:
                evidence = clause["evidence"][place : place + 1]
                if not passed(clause):
                    views[clause["id"]] += [self.gallery.show(each, clause_id=clause["id"]) for each in evidence]
                elif place == 0:
                    views[clause["id"]] += [self.gallery.mention(each) for each in evidence]
        return {clause_id: tuple(view for view in shown if view) for clause_id, shown in views.items()}

    def _checks(self, clause: Entry, *, is_settled: bool) -> tuple[CheckView, ...]:
        told = telling(clause)
        worst_first = sorted(clause["checks"], key=lambda check: _SEVERITY[Verdict(check["verdict"])])
        some = worst_first[: _MOST_SETTLED_CHECKS if is_settled else _MOST_CHECKS]
        return tuple(self._check(check, told) for check in some if self.words.spend(_CHECK_MARKUP))

    def _check(self, check: Entry, told: Entry) -> CheckView:
        # The telling check's reason stands above already.
        reason = "" if check is told else self.words.line(check["reason"], _LONGEST_WORDS // 4)
        return CheckView(
            name=self.words.line(check["check"], 200),
            verdict=check["verdict"],
            reason=reason,
            duration_s=check["duration_s"],
        )

    def _hint(self, clause: Entry) -> str:
        hint, is_cut = self.words.take(self.hints.get(clause["id"], ""), _LONGEST_HINT)
        return "" if is_cut else hint

    def _curl(self, clause: Entry) -> str:
        exchange = next((self.gallery.exchanges[x] for x in clause["evidence"] if x in self.gallery.exchanges), None)
        # The embedded server has gone with its run.
        if exchange is None or self.results["options"].get("embedded"):
            return ""
        command, is_cut = self.words.take(curl_command(exchange), _LONGEST_CURL)
        return "" if is_cut else command  # half a command is worse than none


def _more_ids(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_MOST_IDS]) + (f" and {len(ids) - _MOST_IDS} more" if len(ids) > _MOST_IDS else "")


def _urgency(clause: Entry) -> tuple[bool, int]:
    return clause["level"] != Level.MUST, _SEVERITY[Verdict(clause["verdict"])]
