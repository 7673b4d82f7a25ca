"""Checks made up for a test, and a scheduler that runs them."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from assisters_verify.checks import Declaration
from assisters_verify.probe import Probe
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned, Scheduler
from assisters_verify.session import Session, open_session
from assisters_verify.settings import RunSettings, Secrets, Target
from assisters_verify.verdicts import Level, Verdict

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
LIMIT_S = 30.0
Call = Callable[[Probe], Coroutine[Any, Any, None]]


async def hold(_probe: Probe) -> None:
    """Pass."""


async def wait_for_ever(_probe: Probe) -> None:
    await asyncio.Event().wait()


def raising(error: BaseException) -> Call:
    async def check(_probe: Probe) -> None:
        raise error

    return check


def plan(
    name: str,
    call: Call = hold,
    *,
    clause: str = "",
    needs: tuple[str, ...] = (),
    is_last: bool = False,
    level: Level = Level.MUST,
) -> Planned:
    declaration = Declaration(clause=clause or name, needs=needs, is_last=is_last)
    return Planned(name=name, declaration=declaration, level=level, call=call)


class Run:
    """A scheduler over these checks, and what it told."""

    def __init__(self, folder: Path, *planned: Planned, deadline_s: float = 60.0) -> None:
        self.told: list[Outcome] = []
        self.started: list[str] = []
        self.sessions: list[Session] = []
        self.path = folder / "exchanges.jsonl"
        self.scheduler = Scheduler(
            planned=planned,
            open_session=self.open_session,
            deadline_s=deadline_s,
            on_start=lambda plan: self.started.append(plan.name),
            on_outcome=lambda _, outcome: self.told.append(outcome),
        )

    def open_session(self) -> Session:
        target = Target.model_validate({"base_url": "http://127.0.0.1:1"})
        settings = RunSettings(target=target, secrets=Secrets(api_key=SecretStr(API_KEY)))
        self.sessions.append(open_session(settings, self.path))
        return self.sessions[0]

    def outcomes(self) -> dict[str, Outcome]:
        """Run to the end and return the outcomes, each of which must have been told once."""
        self.scheduler.start()
        return self.rest()

    def rest(self) -> dict[str, Outcome]:
        found = {plan.name: result_of(self.scheduler, plan.name) for plan in self.scheduler.planned}
        self.scheduler.join()
        assert sorted(outcome.check for outcome in self.told) == sorted(found)
        return found

    def verdicts(self) -> dict[str, Verdict]:
        return {name: outcome.verdict for name, outcome in self.outcomes().items()}


def result_of(scheduler: Scheduler, name: str) -> Outcome:
    """Return an outcome as an item does, but never wait for ever."""
    return scheduler._outcomes[name].result(timeout=LIMIT_S)
