"""Run all checks side by side in one event loop of its own thread; whoever asks for an outcome waits for that one."""

import asyncio
import contextlib
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.answer import NotJson
from assisters_verify.checks import Declaration
from assisters_verify.judgement import Broken, Judgement
from assisters_verify.probe import Probe
from assisters_verify.results import Outcome
from assisters_verify.session import Session
from assisters_verify.verdicts import Level, Verdict

_SETTLED = frozenset({Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE})
_MAX_REASON = 1_000
_MAX_EVIDENCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A check that is to run. `name` is unique; `is_asked` is false for one that runs only because others need it."""

    name: str
    declaration: Declaration
    level: Level
    call: Callable[[Probe], Coroutine[Any, Any, None]]
    is_asked: bool = True


@dataclass(slots=True)
class Scheduler:
    """Runs the planned checks. `on_start` and `on_outcome` are called in the loop's thread."""

    planned: Sequence[Planned]
    open_session: Callable[[], Session]
    deadline_s: float
    on_start: Callable[[Planned], None]
    on_outcome: Callable[[Planned, Outcome], None]
    leftovers: tuple[str, ...] = ()
    interrupted: str | None = None
    _outcomes: dict[str, Future[Outcome]] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start all checks; returns at once."""
        self._outcomes = {plan.name: Future() for plan in self.planned}
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="checks", daemon=True)
        self._thread.start()

    def outcome(self, name: str) -> Outcome:
        """Wait for the outcome of one check."""
        return self._outcomes[name].result()

    def interrupt(self, reason: str) -> None:
        """Stop what is still running; those checks are undecided for this reason."""
        self.interrupted = self.interrupted or reason
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed in between
                self._loop.call_soon_threadsafe(self._cancel_all)

    def join(self) -> None:
        """Wait until every check has ended and what was made has been taken back."""
        if self._thread is not None:
            self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        session = self.open_session()
        try:
            async with session.wire:
                if self.interrupted is None:
                    self._tasks = {
                        plan.name: asyncio.create_task(self._run_one(plan, session)) for plan in self.planned
                    }
                deadline = self._loop.call_later(
                    self.deadline_s, self.interrupt, f"the deadline of {self.deadline_s:g} s passed (--deadline)"
                )
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)
                deadline.cancel()
                self.leftovers = await session.settle_debts()
        finally:
            session.recorder.close()
            for plan in self.planned:
                self._settle(plan, self._undone(plan, self.interrupted or "the run ended before it"))

    async def _run_one(self, plan: Planned, session: Session) -> None:
        probe = Probe(session, check=plan.name, clause=plan.declaration.clause)
        started = time.perf_counter()
        try:
            blocked = await self._wait_for_others(plan)
            started = time.perf_counter()
            outcome = self._blocked(plan, blocked) if blocked else await self._judge(plan, probe)
        except asyncio.CancelledError:
            outcome = self._undone(plan, self.interrupted or "interrupted")
        self._settle(plan, _timed(outcome, probe, time.perf_counter() - started, session))

    async def _wait_for_others(self, plan: Planned) -> Outcome | None:
        """Wait for what this check needs; return the outcome that keeps it from judging, or None."""
        if plan.declaration.is_last:
            others = [other for other in self.planned if not other.declaration.is_last]
            await asyncio.wait([self._tasks[other.name] for other in others]) if others else None
        needed = [other for other in self.planned if other.declaration.clause in plan.declaration.needs]
        for other in needed:
            found = await asyncio.wrap_future(self._outcomes[other.name])
            if found.verdict not in _SETTLED:
                return found
        return None

    async def _judge(self, plan: Planned, probe: Probe) -> Outcome:
        self.on_start(plan)
        try:
            await plan.call(probe)
        except Judgement as judgement:
            return _judged(plan, judgement)
        except NotJson as problem:
            return _judged(plan, Broken(expected="a JSON text", received=str(problem)))
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the run
            return _error(plan, error)
        return Outcome(check=plan.name, clause=plan.declaration.clause, verdict=Verdict.PASS)

    def _blocked(self, plan: Planned, blocked: Outcome) -> Outcome:
        clause = blocked.clause
        if blocked.verdict is Verdict.INCONCLUSIVE and blocked.reason.startswith("undecided since "):
            return self._undone(plan, blocked.reason)  # name the root, not each step between
        return self._undone(plan, f"undecided since {clause} does not hold: {blocked.reason}")

    def _undone(self, plan: Planned, reason: str) -> Outcome:
        return Outcome(check=plan.name, clause=plan.declaration.clause, verdict=Verdict.INCONCLUSIVE, reason=reason)

    def _settle(self, plan: Planned, outcome: Outcome) -> None:
        future = self._outcomes[plan.name]
        if not future.done():
            future.set_result(outcome)
            self.on_outcome(plan, outcome)

    def _cancel_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()


def _judged(plan: Planned, judgement: Judgement) -> Outcome:
    verdict = judgement.verdict
    if verdict is Verdict.FAIL and plan.level is not Level.MUST:
        verdict = Verdict.WARN
    return Outcome(
        check=plan.name,
        clause=plan.declaration.clause,
        verdict=verdict,
        reason=judgement.reason,
        expected=judgement.expected,
        received=judgement.received,
        evidence=(judgement.answer.exchange,) if judgement.answer else (),
    )


def _error(plan: Planned, error: Exception) -> Outcome:
    at = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"the suite failed: {type(error).__name__}: {error} (in {at.name}, line {at.lineno})"
    return Outcome(check=plan.name, clause=plan.declaration.clause, verdict=Verdict.ERROR, reason=reason)


def _timed(outcome: Outcome, probe: Probe, duration_s: float, session: Session) -> Outcome:
    """Return the outcome with its time and evidence, and without secrets."""
    evidence = tuple(dict.fromkeys([*outcome.evidence, *reversed(probe.evidence)]))
    redact = session.redactor.text
    return Outcome(
        check=outcome.check,
        clause=outcome.clause,
        verdict=outcome.verdict,
        reason=redact(outcome.reason[:_MAX_REASON]),
        expected=redact(outcome.expected[:_MAX_REASON]),
        received=redact(outcome.received[:_MAX_REASON]),
        evidence=evidence[:_MAX_EVIDENCE],
        duration_s=round(duration_s, 3),
    )
