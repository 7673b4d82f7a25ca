"""What all checks of one run share: the wire, the evidence, the budget, the facts, and what must be taken back."""

import asyncio
import contextlib
import math
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.judgement import Undecided
from assisters_verify.pacing import Pacer
from assisters_verify.recorder import Recorder
from assisters_verify.recording.entries import LOOKS
from assisters_verify.recording.tape import LiveTape, Tape
from assisters_verify.redaction import Redactor
from assisters_verify.redaction.shown import shown_secrets
from assisters_verify.settings import RunSettings
from assisters_verify.surroundings import Surroundings, current, fresh_hex, surrounded_by
from assisters_verify.wire import NoAnswer, Order, Reply, Wire

_SETTLING = "what is taken back"
_LOOK_TIMEOUT_S = 10.0
_LOOK_AGAIN_S = 2.0
_UNDO_S = 10.0
_UNDO_SHARE = 0.5
_LEAST_UNDO_S = 0.25
_SETTLING_S = 30.0
# In characters: what is still there is told again whenever something is made or taken back.
_LONGEST_NAME = 500
# Observers judge what was seen; a larger body is no error and no short JSON answer.
_MAX_SEEN_BYTES = 256 * 1024
# A run of all clauses sees less than half of it.
_MAX_ALL_SEEN_BYTES = 8 * 1024 * 1024
_TOKENS_ALLOWED = re.compile(rb'"max_tokens"\s*:\s*(\d{1,9})\b')
# What a completion takes where its request does not bound it, and what it never takes, whatever bound is tried.
_TOKENS_WITHOUT_BOUND, _MOST_TOKENS = 1_000, 4_000
_TOKENS_TOLD = re.compile(rb'"(?:total_)?tokens"\s*:\s*(\d{1,9})\b')


@dataclass(frozen=True, slots=True)
class Fact:
    """Something found out once for all checks, with the exchanges that show it."""

    value: Any
    evidence: tuple[str, ...]


@dataclass(slots=True)
class Debt:
    """Something that the run made and must take back: at the target, unless it says otherwise."""

    name: str
    undo: Callable[[], Awaitable[None]]
    is_at_target: bool = True


@dataclass(slots=True, kw_only=True)
class Session:
    """The shared state of one run. It lives in one event loop, so nothing here needs a lock.

    `one_program` is to be held while another program runs: several together take more memory than all the rest.
    """

    settings: RunSettings
    wire: Wire
    recorder: Recorder
    redactor: Redactor
    seen: list[Answer] = field(default_factory=list)
    facts: dict[str, asyncio.Task[Fact]] = field(default_factory=dict)
    debts: list[Debt] = field(default_factory=list)
    tokens: int = 0
    on_debts: Callable[[tuple[str, ...]], None] = lambda _: None
    jitter: random.Random = field(default_factory=random.Random)
    tape: Tape = field(default_factory=LiveTape)
    one_program: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _pacers: dict[str, Pacer] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(init=False)
    _is_open: asyncio.Event = field(default_factory=asyncio.Event)
    _left: list[str] = field(default_factory=list)
    _gone: str | None = None
    _looked_at: float = 0.0
    _is_settling: bool = False
    _seen_bytes: int = 0
    _set_aside: int = 0
    _has_ended: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.settings.target.concurrency)
        self._is_open.set()

    def pacer(self, key: str) -> Pacer:
        """Return the pacer of this API key."""
        if key not in self._pacers:
            limit = self.settings.target.rate_limit
            self._pacers[key] = Pacer(requests=limit.requests, window_s=limit.window_s, clock=self.tape.now_s)
        return self._pacers[key]

    def taken_by(self, scope: str) -> AbstractContextManager[None]:
        """Give what runs inside the block the surroundings of this scope: its clock, and a chance of its own."""
        chance = random.Random(f"{self.tape.salt}/{scope}")  # noqa: S311 - markers, of which a replay needs the same
        surroundings = Surroundings(scope=scope, chance=chance, now_s=self.tape.now_s, utc_now=self.tape.utc_now)
        return surrounded_by(surroundings)

    async def exchange(
        self,
        order: Order,
        *,
        check: str,
        clause: str,
        attempt: int,
        is_slotted: bool = True,
        wire: Wire | None = None,
        is_kept: Callable[[Reply], bool] | None = None,
        pacer: Pacer | None = None,
    ) -> tuple[str, Reply]:
        """Send one order once and keep it as evidence. Raises NoAnswer, and Undecided where the budget is spent.

        `wire` are connections other than the session's. Where `is_kept` says no to what came, the exchange is only
        counted, and its id is empty. With a `pacer` it is sent when it keeps within that limit; who waits for that
        keeps no slot from others, whose keys may be free.
        """
        # In a replay everything has its time already.
        is_slotted = is_slotted and not self.tape.is_replay
        while True:
            async with self._slots if is_slotted else contextlib.nullcontext():
                if is_slotted:
                    await self._is_open.wait()
                if pacer is None or pacer.take():
                    async with self._tokens_for(order):
                        self.spend()  # here, since many may have waited
                        return await self._exchange(
                            order, check=check, clause=clause, attempt=attempt, wire=wire or self.wire, is_kept=is_kept
                        )
            await pacer.wait_until_free()

    @contextlib.asynccontextmanager
    async def _tokens_for(self, order: Order) -> AsyncIterator[None]:
        """Set aside what the answer may take, so that many at a time do not spend the budget together; where it may not
        be enough, wait for the answers that are under way, which tell what they took."""
        tokens = _tokens_asked(order)
        most = self.settings.target.budget.max_tokens
        while self._set_aside and self.tokens + self._set_aside + tokens > most and not self.tape.is_replay:
            self._has_ended.clear()
            await self._has_ended.wait()
        self._set_aside += tokens
        try:
            yield
        finally:
            self._set_aside -= tokens
            # In the next turn, when whoever asked has counted what it took.
            asyncio.get_running_loop().call_soon(self._has_ended.set)

    @contextlib.asynccontextmanager
    async def alone(self, *, at_most_s: float) -> AsyncIterator[None]:
        """Hold back what waits for its turn, for so long at most: what is sent out of turn has the target to itself."""
        self._is_open.clear()
        timer = asyncio.get_running_loop().call_later(at_most_s, self._is_open.set)
        try:
            yield
        finally:
            timer.cancel()
            self._is_open.set()

    async def look_alive(self) -> str | None:
        """Return None where the target answers anything at all, otherwise what happened instead."""
        is_fresh = self.tape.now_s() - self._looked_at < _LOOK_AGAIN_S and not self.tape.is_replay
        if self._gone is not None and is_fresh:
            return self._gone
        self._looked_at = self.tape.now_s()
        try:
            with self.taken_by(f"{LOOKS}{current().scope}"):
                await self.exchange(
                    Order(method="GET", path="/", timeout_s=_LOOK_TIMEOUT_S, is_fresh=True),
                    check="",
                    clause="",
                    attempt=1,
                    is_slotted=False,
                )
        except NoAnswer as error:
            self._gone = str(error)
        else:
            self._gone = None
        return self._gone

    @property
    def gone(self) -> str | None:
        """Why the target is taken for dead, or None."""
        return self._gone

    async def look_again(self) -> None:
        """Where the target is taken for dead, look whether it still is."""
        self._looked_at = -_LOOK_AGAIN_S
        if self._gone is not None:
            with contextlib.suppress(Undecided):
                await self.look_alive()

    def _hide_shown(self, order: Order, reply: Reply) -> None:
        """Hide what the answer shows as a secret, whoever asked for it: a server may hand out keys where it ought to
        refuse. What the request itself held is no news."""
        sent = "\n".join((order.path, (order.body or b"").decode(errors="replace"), *dict(order.headers).values()))
        for secret in shown_secrets(reply.body):
            if secret not in sent:
                self.redactor.add(f"shown_secret_{fresh_hex(6)}", secret)

    def see(self, answer: Answer) -> None:
        """Keep an answer for the checks that judge all that was seen, unless it is too large or there are too many."""
        self.tokens += tokens_told(answer)
        size = len(answer.body)
        if size <= _MAX_SEEN_BYTES and self._seen_bytes + size <= _MAX_ALL_SEEN_BYTES:
            self._seen_bytes += size
            self.seen.append(answer)

    async def settle_debts(self, *, at_most_s: float = math.inf) -> tuple[str, ...]:
        """Take back what was made, last first; return the names of what could not be taken back within this time."""
        if self.tape.is_replay:
            return ()  # nothing was made
        with self.taken_by(_SETTLING):
            return await self._settle_debts(at_most_s)

    async def _settle_debts(self, at_most_s: float) -> tuple[str, ...]:
        window_s = self.settings.target.rate_limit.window_s
        over_at = self.tape.now_s() + min(window_s + _SETTLING_S, at_most_s)
        self._is_settling = True
        while self.debts:
            debt = self.debts[-1]
            try:
                # An exhausted key may have to wait for its window, but no debt may take the time of all the others.
                left_s = over_at - self.tape.now_s()
                async with asyncio.timeout(max(min(window_s + _UNDO_S, left_s * _UNDO_SHARE), _LEAST_UNDO_S)):
                    await debt.undo()
            except Exception as error:  # noqa: BLE001 - whatever it is, the rest must still be taken back
                self._left.append(f"{debt.name}: {self.redactor.excerpt(str(error)) or type(error).__name__}")
            self.forgive(debt)
        return tuple(self._left)

    def owe(self, debt: Debt) -> None:
        """Remember what must be taken back."""
        self.debts.append(debt)
        debt.name = _clipped(debt.name)
        self.on_debts(self.owed)

    def name_debt(self, debt: Debt, name: str) -> None:
        """Name what was made as its reader can find it, once more is known of it."""
        debt.name = _clipped(name)
        self.on_debts(self.owed)

    def forgive(self, debt: Debt) -> None:
        """Forget a debt, if it is still there."""
        if debt in self.debts:
            self.debts.remove(debt)
            self.on_debts(self.owed)

    @property
    def owed(self) -> tuple[str, ...]:
        """What stands at the target now and must not stay, in words without secrets."""
        names = [debt.name for debt in self.debts if debt.is_at_target]
        return tuple(self.redactor.excerpt(name) for name in (*self._left, *names))

    async def end_facts(self) -> None:
        """Stop what is still being found out, so that nothing is made any more."""
        for task in self.facts.values():
            task.cancel()
        await asyncio.gather(*self.facts.values(), return_exceptions=True)

    def fact(self, name: str, find: Callable[[], Coroutine[Any, Any, Fact]]) -> asyncio.Task[Fact]:
        """Return the task that finds this fact, started by whoever asks first."""
        if name not in self.facts:
            self.facts[name] = asyncio.create_task(find())
        return self.facts[name]

    def spend(self) -> None:
        """Say whether one more request may be sent: one is set aside for each thing that is to be taken back.

        Raises Undecided where the budget is spent.
        """
        most = self.settings.target.budget.max_requests
        if not self._is_settling and self.recorder.requests + len(self.debts) >= most:
            raise Undecided(f"the budget of {most} requests is spent (--max-requests)")
        most = self.settings.target.budget.max_tokens
        if not self._is_settling and self.tokens >= most:
            raise Undecided(f"the budget of {most} tokens is spent (--max-tokens)")

    async def _exchange(
        self,
        order: Order,
        *,
        check: str,
        clause: str,
        attempt: int,
        wire: Wire,
        is_kept: Callable[[Reply], bool] | None,
    ) -> tuple[str, Reply]:
        send = self.tape.take_up(order, self.redactor)
        exchange_id = self.recorder.next_id()
        reply = Reply(started=self.tape.now_s())
        error: str | None = "interrupted"
        try:
            await send(wire, reply)
            error = reply.broken_off
        except NoAnswer as problem:
            error, problem.exchange = str(problem), exchange_id
            raise
        finally:
            self._hide_shown(order, reply)
            if error is None and is_kept is not None and not is_kept(reply):
                exchange_id = ""
                self.recorder.count(order, reply)
            else:
                self.recorder.record(
                    exchange_id,
                    check=check,
                    clause=clause,
                    url=wire.base_url + order.path,
                    order=order,
                    reply=reply,
                    error=error,
                    attempt=attempt,
                )
        return exchange_id, reply


def tokens_told(answer: Answer) -> int:
    """Return how many tokens an answer says that it used; 0 where it says nothing of it.

    Only what answers a POST uses any: metrics and logs speak of the tokens of others.
    """
    _, is_there, usage = answer.body.rpartition(b'"usage"')
    found = _TOKENS_TOLD.findall(usage) if is_there and answer.method == "POST" else []
    return int(found[-1]) if found else 0


def _tokens_asked(order: Order) -> int:
    """Return how many tokens the answer may take: as many as the request allows, or as `--plan` assumes."""
    if order.method != "POST" or order.body is None:
        return 0
    allowed = _TOKENS_ALLOWED.search(order.body)
    return min(int(allowed[1]), _MOST_TOKENS) if allowed else _TOKENS_WITHOUT_BOUND


def open_session(settings: RunSettings, evidence_path: Path, tape: Tape | None = None) -> Session:
    """Return a session for these settings, in the running event loop; its target must have a base URL."""
    redactor = Redactor()
    for name, value in settings.secrets.reveal().items():
        redactor.add(name, value)
    target = settings.target
    wire = Wire(str(target.base_url), ca_file=target.ca_file, connections=2 * target.concurrency)
    return Session(
        settings=settings,
        wire=wire,
        recorder=Recorder(evidence_path, redactor),
        redactor=redactor,
        tape=tape or LiveTape(),
    )


def _clipped(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}… ({len(name):,} characters)"
