"""The one handle through which a check talks to the target: every request it sends becomes its evidence."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from assisters_verify.answer import Answer
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.pacing import Patience
from assisters_verify.raw import RawReply, send_raw
from assisters_verify.raw_evidence import record_raw
from assisters_verify.session import Debt, Fact, Session
from assisters_verify.settings import RunSettings
from assisters_verify.wire import NoAnswer, Order, Reply, Wire, tls_context

RUN_KEY: Final = "<the key of the run>"
_TOO_MANY = 429


class Probe:
    """Sends requests for one check. `evidence` are the ids of its exchanges, `reached` is how many of its requests the
    target may have got."""

    def __init__(self, session: Session, *, check: str, clause: str) -> None:
        self.session = session
        self.check = check
        self.clause = clause
        self.evidence: list[str] = []
        self.reached = 0

    @property
    def settings(self) -> RunSettings:
        """What the run was told."""
        return self.session.settings

    async def send(  # noqa: PLR0913 - each is a part of a request, and named
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: Sequence[tuple[str, str]] = (),
        key: str | None = RUN_KEY,
        is_patient: bool = True,
        is_stream: bool = False,
        is_slotted: bool = True,
        leave_after: Callable[[bytes], bool] | None = None,
        timeout_s: float | None = None,
        wire: Wire | None = None,
        is_kept: Callable[[Reply], bool] | None = None,
        label: str = "",
    ) -> Answer:
        """Send a request and return the answer.

        `body` is sent as JSON; `content` as it is. `key` is the run's own unless told otherwise; with None there is no
        Authorization header but one from `headers`. A patient request waits out a 429 and tries a 5xx again, as the
        documentation tells clients to. `wire` are connections of a check's own; an answer to which `is_kept` says no is
        returned, but neither kept as evidence nor seen by other checks. Raises Broken where a living target gives no
        HTTP answer, and Undecided where the target is gone, still throttles after a whole window, or the budget is
        spent.
        """
        credential = self._credential(key)
        sent = content if content is not None else _encoded(body)
        order = Order(
            method=method,
            path=path,
            headers=(*_own_headers(credential, sent, headers), *headers),
            body=sent,
            timeout_s=timeout_s or self.settings.target.timeout_s,
            is_stream=is_stream,
            leave_after=leave_after,
        )
        exchange = partial(self.session.exchange, is_slotted=is_slotted, wire=wire, is_kept=is_kept)
        return await self._send(order, credential, exchange, is_patient=is_patient, label=label)

    async def get(self, path: str, **options: Any) -> Answer:
        """Send a GET; the options are those of `send`."""
        return await self.send("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """Send a POST; the options are those of `send`."""
        return await self.send("POST", path, body, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        """Send a DELETE; the options are those of `send`."""
        return await self.send("DELETE", path, **options)

    async def send_bytes(self, data: bytes, *, timeout_s: float = 10.0) -> RawReply:
        """Send bytes as they are over a connection of their own, and keep them and what came as evidence. The key must
        not be among them."""
        parts = urlsplit(self.session.wire.base_url)
        is_tls = parts.scheme == "https"
        tls = tls_context(self.settings.target.ca_file) if is_tls else None
        port = parts.port or (443 if is_tls else 80)
        self.session.spend()
        started = self.session.tape.now_s()

        async def live() -> dict[str, Any]:
            reply = await send_raw(parts.hostname or "", port, data, tls=tls, timeout_s=timeout_s)
            return {"data": reply.data, "ended": reply.ended}

        told = await self.outside("bytes", data.decode("latin-1"), live)
        reply = RawReply(data=told["data"], ended=told["ended"])
        self.evidence.append(
            record_raw(self.session, data, reply, started=started, check=self.check, clause=self.clause)
        )
        return reply

    async def fact(self, name: str, find: Callable[["Probe"], Awaitable[Any]]) -> Any:
        """Return what `find` finds out, which is done once in a run; its exchanges become evidence of this check too.

        What it raises is raised for everybody who asks.
        """
        scope = f"fact {name}"

        async def find_once() -> Fact:
            probe = Probe(self.session, check=self.check, clause=self.clause)
            with self.session.taken_by(scope):
                return Fact(await find(probe), tuple(probe.evidence))

        try:
            fact = await asyncio.shield(self.session.fact(name, find_once))
        finally:
            self.session.tape.rest_on(scope)
        self.evidence.extend(fact.evidence)
        return fact.value

    async def outside(self, what: str, asked: Any, live: Callable[[], Awaitable[Any]]) -> Any:
        """Return what `live` does outside of HTTP, as JSON with bytes among it: a replay knows how it ended.

        `what` is a word for it, `asked` what was to be done as JSON.
        """
        return await self.session.tape.call(what, asked, self.session.redactor, live)

    def owe(self, name: str, undo: Callable[[], Awaitable[None]], *, is_at_target: bool = True) -> Debt:
        """Remember that something was made, at the target unless it says otherwise, and how it is taken back when the
        run ends."""
        debt = Debt(name, undo, is_at_target)
        self.session.owe(debt)
        return debt

    def name_debt(self, debt: Debt, name: str) -> None:
        """Name what was made by what the target calls it, so that a reader can find what could not be taken back."""
        self.session.name_debt(debt, name)

    def forgive(self, debt: Debt) -> None:
        """Forget a debt that the check has settled itself."""
        self.session.forgive(debt)

    def keep_secret(self, name: str, value: str) -> None:
        """Replace this value by its name in all evidence from now on."""
        self.session.redactor.add(name, value)

    def _credential(self, key: str | None) -> str | None:
        if key != RUN_KEY:
            return key
        secret = self.settings.secrets.api_key
        return secret.get_secret_value() if secret else None

    async def _send(
        self,
        order: Order,
        credential: str | None,
        exchange: Callable[..., Awaitable[tuple[str, Reply]]],
        *,
        is_patient: bool,
        label: str,
    ) -> Answer:
        target = self.settings.target
        patience = Patience(window_s=target.rate_limit.window_s, retries=target.retries, jitter=self.session.jitter)
        attempt = 0
        while True:
            attempt += 1
            # What a replay holds was sent then, whoever took the target for dead.
            is_known = self.session.gone is not None and self.session.tape.holds(order, self.session.redactor)
            if self.session.gone is not None and not is_known and await self.session.look_alive() is not None:
                raise Undecided(_unusable(self.session.gone))
            is_paced = credential is not None and not self.session.tape.is_replay
            pacer = self.session.pacer(credential) if credential is not None and is_paced else None
            if pacer is not None and not is_patient:
                pacer.count()
            try:
                # A server may close a kept connection without a word, as many do after an error of their own.
                order = replace(order, is_fresh=attempt > 1)
                exchange_id, reply = await exchange(
                    order,
                    check=self.check,
                    clause=self.clause,
                    attempt=attempt,
                    pacer=pacer if is_patient else None,
                )
            except NoAnswer as problem:
                self.evidence.append(problem.exchange)
                self.reached += problem.kind != "connect"
                is_final = problem.kind == "timeout" or problem.is_untrusted
                pause = None if is_final else patience.pause_before_reconnect()
                if pause is None:
                    await self._explain(problem, order)
            else:
                self.reached += 1
                answer = _answer(exchange_id, order, reply, credential, label, attempt)
                self.session.wire.room.hold(answer, len(answer.body))
                if exchange_id:
                    self.evidence.append(exchange_id)
                    self.session.see(answer)
                pause = patience.pause_before_retry(answer.status, answer.headers) if is_patient else None
                if pause is None:
                    if is_patient and answer.status == _TOO_MANY:
                        raise Undecided(f"still refused with 429 after waiting ({answer.where})", answer=answer)
                    return answer
            # In a replay the next try has its time already.
            await asyncio.sleep(0.0 if self.session.tape.is_replay else pause or 0.0)

    async def _explain(self, problem: NoAnswer, order: Order) -> None:
        where = f"{order.method} {order.path}"
        gone = await self.session.look_alive()
        if gone is not None:
            raise Undecided(f"{_unusable(gone)} ({where})") from problem
        raise Broken(expected="an HTTP answer", received=str(problem), where=where) from problem


def _unusable(gone: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in gone:
        return f"nothing is sent to a target whose certificate is not trusted: {gone}"
    return f"the target is gone: {gone}"


def _encoded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _own_headers(credential: str | None, sent: bytes | None, given: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    named = {name.lower() for name, _ in given}
    own = []
    if credential is not None:
        own.append(("Authorization", f"Bearer {credential}"))
    if sent is not None and "content-type" not in named:
        own.append(("Content-Type", "application/json"))
    return own


def _answer(exchange_id: str, order: Order, reply: Reply, credential: str | None, label: str, attempt: int) -> Answer:
    return Answer(
        exchange=exchange_id,
        method=order.method,
        path=order.path,
        status=reply.status,
        headers=_joined(reply.headers),
        body=reply.body,
        first_byte_s=reply.first_byte_s or 0.0,
        total_s=reply.total_s or 0.0,
        pieces=tuple(reply.pieces) if order.is_stream else (),
        broken_off=reply.broken_off,
        presented=credential,
        sent=order.body or b"",
        sent_headers=_joined(order.headers),
        label=f"{order.method} {order.path} {label}".strip(),
        attempts=attempt,
        sent_s=reply.started,
    )


def _joined(headers: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
    return joined
