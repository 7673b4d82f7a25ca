"""What the doctor looks at that any HTTP API has: TLS, clocks, latency, announced limits, a receiver of webhooks."""

import secrets
import ssl
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from assisters_verify.doctor.findings import Finding, Mark
from assisters_verify.receiver import Receiver, Request, Response
from assisters_verify.settings import BaseUrl, Webhook
from assisters_verify.tls import Ending, shake_hands, strict_context
from assisters_verify.wire import NoAnswer, Order, Reply, Wire

# A `Date` header has whole seconds, and the answer was on its way.
_SKEW_SEEN_S = 2.0
# Signatures of webhooks and ranges of days suffer from more.
_SKEW_TOO_LARGE_S = 60.0
_SLOW_S = 5.0
_LIMIT_WORDS = ("ratelimit", "rate-limit", "retry-after", "quota")
_RECEIVER_TIMEOUT_S = 10.0
_MOST_SHOWN = 6


async def look_at_tls(base_url: BaseUrl, ca_file: Path | None) -> Finding:
    """Say which TLS version a careful client gets, and whether the certificate is trusted."""
    if not base_url.is_tls:
        text = "plain http: nothing is encrypted, and the clauses of TLS do not apply"
        is_local = base_url.is_loopback
        remedy = "" if is_local else "Use https: the key is sent in the clear."
        return Finding(topic="TLS", text=text, mark=Mark.NOTE if is_local else Mark.TROUBLE, remedy=remedy)
    end = await shake_hands(base_url.host, base_url.port, strict_context(ca_file))
    if end.ending is not Ending.AGREED:
        remedy = "If its authority is a private one, name it with --ca-file." if end.ending is Ending.UNTRUSTED else ""
        return Finding(topic="TLS", text=str(end), mark=Mark.TROUBLE, remedy=remedy)
    is_newest = end.version == ssl.TLSVersion.TLSv1_3.name.replace("_", ".")
    remedy = "" if is_newest else "The documentation promises TLS 1.3."
    mark = Mark.WELL if is_newest else Mark.NOTE
    return Finding(topic="TLS", text=f"{end.version}, certificate trusted", mark=mark, remedy=remedy)


def look_at_clock(date: str | None, *, now: datetime | None = None) -> Finding:
    """Say how far the target's clock is from ours, by its `Date` header."""
    if date is None:
        return Finding(topic="clock", text="the target tells no time (no `Date` header)", mark=Mark.NOTE)
    try:
        theirs = parsedate_to_datetime(date)
        skew_s = (theirs.replace(tzinfo=theirs.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, OverflowError):
        return Finding(topic="clock", text="the `Date` header is no date", mark=Mark.NOTE)
    if abs(skew_s) <= _SKEW_SEEN_S:
        return Finding(topic="clock", text="as this machine's")
    ahead = "ahead of" if skew_s > 0 else "behind"
    is_large = abs(skew_s) > _SKEW_TOO_LARGE_S
    return Finding(
        topic="clock",
        text=f"{abs(skew_s):.0f} s {ahead} this machine's",
        mark=Mark.TROUBLE if is_large else Mark.NOTE,
        remedy="Set one of the clocks: days in audit logs and signed times depend on them." if is_large else "",
    )


def look_at_latency(samples: Mapping[str, Sequence[float]]) -> Finding:
    """Say how long answers took. `samples` are seconds to the last byte, by what was asked."""
    said = [f"{what} {_times(times)}" for what, times in samples.items() if times]
    slowest_s = max((time_s for times in samples.values() for time_s in times), default=0.0)
    is_slow = slowest_s > _SLOW_S
    remedy = "Give the run a longer `deadline_s` (--deadline): it makes some 1,500 requests." if is_slow else ""
    mark = Mark.NOTE if is_slow or not said else Mark.WELL
    return Finding(topic="latency", text="; ".join(said) or "nothing was answered", mark=mark, remedy=remedy)


def look_at_limits(headers: Mapping[str, str]) -> Finding:
    """Say what the target announces about its limits."""
    told = [f"{name}: {value}" for name, value in headers.items() if any(word in name for word in _LIMIT_WORDS)]
    if not told:
        return Finding(topic="rate limit", text="no header tells of one", mark=Mark.NOTE)
    return Finding(topic="rate limit", text="; ".join(told[:_MOST_SHOWN]))


async def look_at_receiver(webhook: Webhook, base_url: BaseUrl) -> Finding:
    """Say whether the address at which webhooks are to come in leads to this machine."""
    if webhook.receiver_url is None:
        if base_url.is_loopback:
            return Finding(topic="webhooks", text="the target is on this machine and can reach it")
        remedy = "Set `webhook.receiver_url` to a public address that leads to `listen_host` and `listen_port`."
        return Finding(
            topic="webhooks", text="no address for the target to reach this machine", mark=Mark.NOTE, remedy=remedy
        )
    token = secrets.token_urlsafe(16)
    receiver = Receiver(lambda _: Response(body=token.encode()))
    try:
        await receiver.open(webhook.listen_host, webhook.listen_port)
    except OSError as error:
        where = f"{webhook.listen_host}:{webhook.listen_port}"
        text = f"cannot listen on {where}: {error.strerror or error}"
        return Finding(topic="webhooks", text=text, mark=Mark.TROUBLE, remedy="Change `listen_host` or `listen_port`.")
    try:
        return await _visit_receiver(webhook.receiver_url, receiver, token)
    finally:
        await receiver.close()


async def _visit_receiver(address: str, receiver: Receiver, token: str) -> Finding:
    parts = urlsplit(address)
    path = (parts.path or "/") + f"?doctor={token}"
    remedy = f"Let it lead to port {receiver.port} of this machine."
    try:
        async with Wire(f"{parts.scheme}://{parts.netloc}") as wire:
            reply = Reply(started=time.perf_counter())
            await wire.send(Order(method="GET", path=path, timeout_s=_RECEIVER_TIMEOUT_S), reply)
    except NoAnswer as problem:
        text = f"{address} cannot be reached from here: {problem}"
        return Finding(topic="webhooks", text=text, mark=Mark.TROUBLE, remedy=remedy)
    if any(_is_ours(visit.request, token) for visit in receiver.visits):
        return Finding(topic="webhooks", text=f"{address} leads here (as seen from this machine)")
    text = f"{address} answers {reply.status}, but does not lead here"
    return Finding(topic="webhooks", text=text, mark=Mark.TROUBLE, remedy=remedy)


def _is_ours(request: Request, token: str) -> bool:
    return ("doctor", token) in request.query


def _times(times: Sequence[float]) -> str:
    if len(times) == 1:
        return _ms(times[0])
    return f"{_ms(statistics.median(times))} (median of {len(times)}, {_ms(min(times))} to {_ms(max(times))})"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
