"""Run checks against one reference server, both in this process."""

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from assisters_verify.catalogue import Catalogue
from assisters_verify.reference import ReferenceOptions, ReferenceServer
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.readings import READINGS
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned, Scheduler
from assisters_verify.session import Session, open_session
from assisters_verify.settings import RateLimit, RunSettings, Secrets, Target, parse_base_url
from assisters_verify.verdicts import Verdict

# A window in which a burst is over quickly, with room for everything else that a key does meanwhile.
WINDOW_S = 4.0
LIMIT = 200
_TIMEOUT_S = 20.0
_DEADLINE_S = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One server to judge: its faults and readings, and the clauses to look at, or none for all."""

    name: str
    faults: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a trial found: the outcomes that are neither pass nor without meaning."""

    trial: Trial
    outcomes: tuple[Outcome, ...]
    duration_s: float
    requests: int

    def clauses(self, *verdicts: Verdict) -> tuple[str, ...]:
        """Return the clauses with an outcome of these verdicts."""
        return tuple(dict.fromkeys(outcome.clause for outcome in self.outcomes if outcome.verdict in verdicts))


def plan_trials(catalogue: Catalogue, areas: Sequence[str], *, has_readings: bool) -> list[Trial]:
    """Return a trial for each fault of these areas, on the clause that it breaks, and for each reading, on all."""
    clauses = tuple(clause.id for clause in catalogue.select(areas=areas))
    faults = [fault for fault in FAULTS.values() if fault.area in areas]
    trials = [Trial(name=fault.name, faults=(fault.name,), clauses=(fault.clause,)) for fault in faults]
    readings = READINGS if has_readings else ()
    return trials + [Trial(name=name, readings=(name,), clauses=clauses) for name in readings]


def run_trial(trial: Trial, planned: Sequence[Planned]) -> tuple[list[Outcome], int]:
    """Judge the trial's server by these checks; return all outcomes and the number of requests."""
    options = ReferenceOptions(faults=trial.faults, readings=trial.readings, limit=_limit(planned), window_s=WINDOW_S)
    outcomes: list[Outcome] = []
    sessions: list[Session] = []
    with ReferenceServer(options) as server, tempfile.TemporaryDirectory() as folder:
        settings = _settings(server)

        def open_one() -> Session:
            sessions.append(open_session(settings, Path(folder) / "exchanges.jsonl"))
            return sessions[0]

        scheduler = Scheduler(
            planned=planned,
            open_session=open_one,
            deadline_s=_DEADLINE_S,
            on_start=lambda _plan: None,
            on_outcome=lambda _plan, outcome: outcomes.append(outcome),
        )
        scheduler.start()
        scheduler.join()
    return outcomes, sessions[0].recorder.requests if sessions else 0


def _limit(planned: Collection[Planned]) -> int:
    """Return a limit that single clauses never come near, unless it is the limit that is judged."""
    return LIMIT if any(plan.declaration.clause.startswith("RATE-") for plan in planned) else 1000


def _settings(server: ReferenceServer) -> RunSettings:
    first, second = server.options.api_keys
    limit = RateLimit(requests=server.options.limit or 1000, window_s=WINDOW_S)
    target = Target(rate_limit=limit, timeout_s=_TIMEOUT_S, deadline_s=_DEADLINE_S)
    target = target.model_copy(update={"base_url": parse_base_url(server.base_url)})
    return RunSettings(target=target, secrets=Secrets(api_key=SecretStr(first), second_api_key=SecretStr(second)))
