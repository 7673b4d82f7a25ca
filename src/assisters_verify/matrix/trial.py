"""Run checks against one reference server, both in this process."""

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from assisters_verify.reference import ReferenceOptions, ReferenceServer
from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.faults.transport import make_certificate
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned, Scheduler
from assisters_verify.session import Session, open_session
from assisters_verify.settings import RateLimit, RunSettings, Secrets, Target, parse_base_url
from assisters_verify.verdicts import Verdict

# A window in which a burst is over quickly, with room for everything else that a key does meanwhile.
WINDOW_S = 4.0
LIMIT = 200
_TIMEOUT_S = 10.0
_DEADLINE_S = 90.0
_LARGE = 30


class Aim(StrEnum):
    """What a trial is to show."""

    KILL = "kill"
    """Its one fault is caught by the clause that it breaks."""
    SPILL = "spill"
    """Its faults, all of one area, make no other area fail."""
    READING = "reading"
    """Its readings are blamed by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One server to judge: its faults and readings, the clauses to look at, and those that run beside them."""

    name: str
    aim: Aim
    clauses: tuple[str, ...]
    faults: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def is_large(self) -> bool:
        """Whether it takes a good part of the whole suite."""
        return len(self.clauses) >= _LARGE


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


def run_trial(trial: Trial, planned: Sequence[Planned]) -> tuple[list[Outcome], int]:
    """Judge the trial's server by these checks; return all outcomes and the number of requests."""
    outcomes: list[Outcome] = []
    sessions: list[Session] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ReferenceServer(_options(trial, planned, folder)) as server:
            settings = _settings(server)

            def open_one() -> Session:
                sessions.append(open_session(settings, folder / "exchanges.jsonl"))
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


def _options(trial: Trial, planned: Collection[Planned], folder: Path) -> ReferenceOptions:
    options = ReferenceOptions(faults=trial.faults, readings=trial.readings, limit=_limit(planned), window_s=WINDOW_S)
    if not any(FAULTS[name].area == "transport" for name in trial.faults):
        return options
    now, day = datetime.now(UTC), timedelta(days=1)
    path = folder / "certificate.pem"
    path.write_bytes(make_certificate(options.host, begins=now - day, ends=now + day))
    return replace(options, tls_certificate_file=path, tls_key_file=path)


def _limit(planned: Collection[Planned]) -> int:
    """Return a limit that single clauses never come near, unless it is the limit that is judged."""
    return LIMIT if any(plan.declaration.clause.startswith("RATE-") for plan in planned) else 1000


def _settings(server: ReferenceServer) -> RunSettings:
    first, second = server.options.api_keys
    limit = RateLimit(requests=server.options.limit or 1000, window_s=WINDOW_S)
    target = Target(rate_limit=limit, timeout_s=_TIMEOUT_S, deadline_s=_DEADLINE_S)
    # The server's own certificate is the only one to be trusted: another one is not.
    update = {"base_url": parse_base_url(server.base_url), "ca_file": server.options.tls_certificate_file}
    target = target.model_copy(update=update)
    return RunSettings(target=target, secrets=Secrets(api_key=SecretStr(first), second_api_key=SecretStr(second)))
