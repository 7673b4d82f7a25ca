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
from assisters_verify.resolving import ResolvingLoop
from assisters_verify.results import RESTS_ON_BROKEN, Outcome
from assisters_verify.session import Session
from assisters_verify.verdicts import Level, Verdict

_SETTLED = frozenset({Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE})
_MAX_REASON = 1_000
_MAX_EVIDENCE = 8
_CANCEL_AGAIN_S = 5.0
# Of the run's deadline, what is kept for taking back what was made; of a short one, a quarter.
_SETTLING_S = 20.0
_SETTLING_SHARE = 0.25
_LEAST_SETTLING_S = 10.0


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
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    leftovers: tuple[str, ...] = ()
    interrupted: str | None = None
    is_late: bool = False
    _outcomes: dict[str, Future[Outcome]] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _session: Session | None = None

    def start(self) -> None:
        """Start all checks; returns at once."""
        self._outcomes = {plan.name: Future() for plan in self.planned}
        self._thread = threading.Thread(target=self._run_to_end, name="checks", daemon=True)
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

    def _run_to_end(self) -> None:
        """Run the loop; whatever becomes of it, everybody who waits for an outcome gets one."""
        error: BaseException | None = None
        try:
            with asyncio.Runner(loop_factory=self.loop_factory or ResolvingLoop) as runner:
                runner.run(self._run())
        except BaseException as problem:  # noqa: BLE001 - told by the outcomes
            error = problem
        open_ones = [plan for plan in self.planned if not self._outcomes[plan.name].done()]
        for plan in open_ones:
            is_ours = error is not None and self.interrupted is None
            undone = self._undone(plan, self.interrupted or "the run ended before it")
            self._outcomes[plan.name].set_result(_error(plan, error) if error and is_ours else undone)
        with contextlib.suppress(OSError):  # nobody may be left who listens
            for plan in open_ones:
                self.on_outcome(plan, self._outcomes[plan.name].result())

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        session = self._session = self.open_session()
        interruption = session.tape.interruption()
        if interruption is not None:
            self._loop.call_at(interruption[0], self.interrupt, interruption[1])
        over_at = self._loop.time() + self.deadline_s
        try:
            async with session.wire:
                if self.interrupted is None:
                    self._tasks = {
                        plan.name: asyncio.create_task(self._run_one(plan, session)) for plan in self.planned
                    }
                rest_s = min(_SETTLING_S, _SETTLING_SHARE * self.deadline_s)
                deadline = self._loop.call_at(over_at - rest_s, self._end_late)
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)
                deadline.cancel()
                await session.end_facts()
                await session.look_again()
                at_most_s = max(over_at - self._loop.time(), _LEAST_SETTLING_S)
                self.leftovers = await session.settle_debts(at_most_s=at_most_s)
        finally:
            session.recorder.close()
            with contextlib.suppress(OSError):  # who asked for a recording finds none
                session.tape.close(session.redactor)

    async def _run_one(self, plan: Planned, session: Session) -> None:
        probe = Probe(session, check=plan.name, clause=plan.declaration.clause)
        started = time.perf_counter()
        try:
            blocked = await self._wait_for_others(plan)
            started = time.perf_counter()
            with session.taken_by(plan.name):
                outcome = self._blocked(plan, blocked) if blocked else await self._judge(plan, probe)
        except asyncio.CancelledError:
            outcome = self._undone(plan, self.interrupted or "interrupted")
        missing = session.tape.missing(plan.name)
        outcome = outcome if missing is None else self._undone(plan, missing)
        self._settle(plan, _timed(outcome, probe, time.perf_counter() - started, session))

    async def _wait_for_others(self, plan: Planned) -> Outcome | None:
        """Wait for what this check needs; return the outcome that keeps it from judging, or None."""
        if plan.declaration.is_last:
            others = [other for other in self.planned if not other.declaration.is_last]
            await asyncio.wait([self._tasks[other.name] for other in others]) if others else None
        needed = [other for other in self.planned if other.declaration.clause in plan.declaration.needs]
        for other in needed:
            # Shielded, or whoever is cancelled here would take the outcome from all the others.
            found = await asyncio.shield(asyncio.wrap_future(self._outcomes[other.name]))
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
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a fault of ours must not end the run; pytest's own are no Exception
            return _error(plan, error)
        return Outcome(check=plan.name, clause=plan.declaration.clause, verdict=Verdict.PASS)

    def _blocked(self, plan: Planned, blocked: Outcome) -> Outcome:
        clause = blocked.clause
        if blocked.verdict is Verdict.INCONCLUSIVE and blocked.reason.startswith(RESTS_ON_BROKEN):
            return self._undone(plan, blocked.reason)  # name the root, not each step between
        return self._undone(plan, f"{RESTS_ON_BROKEN}{clause} does not hold: {blocked.reason}")

    def _undone(self, plan: Planned, reason: str) -> Outcome:
        return Outcome(check=plan.name, clause=plan.declaration.clause, verdict=Verdict.INCONCLUSIVE, reason=reason)

    def _settle(self, plan: Planned, outcome: Outcome) -> None:
        future = self._outcomes[plan.name]
        if not future.done():
            future.set_result(outcome)
            self.on_outcome(plan, outcome)

    def _end_late(self) -> None:
        self.is_late = self.interrupted is None
        self.interrupt(f"the deadline of {self.deadline_s:g} s passed (--deadline)")

    def _cancel_all(self) -> None:
        if self._session is not None:
            self._session.tape.note_interruption(self.interrupted or "interrupted")
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            task.cancel()
        if running and self._loop is not None:
            self._loop.call_later(_CANCEL_AGAIN_S, self._cancel_all)  # for one that swallowed it


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


def _error(plan: Planned, error: BaseException) -> Outcome:
    at = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"the suite failed: {type(error).__name__}: {error} (in {at.name}, line {at.lineno})"
    return Outcome(check=plan.name, clause=plan.declaration.clause, verdict=Verdict.ERROR, reason=reason)


def _timed(outcome: Outcome, probe: Probe, duration_s: float, session: Session) -> Outcome:
    """Return the outcome with its time and evidence, and without secrets."""
    evidence = tuple(each for each in dict.fromkeys([*outcome.evidence, *reversed(probe.evidence)]) if each)

    def redact(text: str) -> str:
        # Cut twice: a long text costs time, and what is cut here has lost its secrets already.
        return session.redactor.excerpt(text[: 4 * _MAX_REASON])[:_MAX_REASON]

    return Outcome(
        check=outcome.check,
        clause=outcome.clause,
        verdict=outcome.verdict,
        reason=redact(outcome.reason),
        expected=redact(outcome.expected),
        received=redact(outcome.received),
        evidence=evidence[:_MAX_EVIDENCE],
        duration_s=round(duration_s, 3),
    )
