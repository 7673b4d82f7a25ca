"""Keep as evidence what was sent and came back as bare bytes, in the form of an exchange as far as it has one."""

import re

from assisters_verify.answer import Piece
from assisters_verify.raw import RawReply
from assisters_verify.session import Session
from assisters_verify.wire import Order, Reply

# What no client would send has no method of HTTP.
_METHOD = "BYTES"
_HEAD = re.compile(rb"(HTTP/\d\.\d) (\d{3})(?: ([^\r\n]*))?\r?\n(.*?)\r?\n\r?\n", re.DOTALL)
_ENDED_WELL = "closed"


def record_raw(session: Session, data: bytes, came: RawReply, *, started: float, check: str, clause: str) -> str:
    """Write down the bytes that were sent, as a body, and what came; return the exchange's id."""
    exchange_id = session.recorder.next_id()
    session.recorder.record(
        exchange_id,
        check=check,
        clause=clause,
        url=f"{session.wire.base_url}/",
        order=Order(method=_METHOD, path="/", body=data, is_fresh=True),
        reply=_reply(came, started, session.tape.now_s() - started),
        error=None if came.ended == _ENDED_WELL else f"the connection ended with: {came.ended}",
        attempt=1,
    )
    return exchange_id


def _reply(came: RawReply, started: float, total_s: float) -> Reply:
    reply = Reply(started=started, total_s=total_s, wire_bytes=len(came.data))
    head = _HEAD.match(came.data)
    if came.data:
        # Without a head it is no answer of HTTP, but what came is to be seen.
        reply.first_byte_s = total_s
        body = came.data[head.end() :] if head else came.data
        reply.pieces = [Piece(t_s=total_s, data=body)] if body else []
    if head:
        reply.http_version = head[1].decode()
        reply.status = int(head[2])
        reply.reason = (head[3] or b"").decode("latin-1")
        lines = (line.partition(b":") for line in head[4].splitlines())
        reply.headers = [(name.decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in lines]
    return reply
