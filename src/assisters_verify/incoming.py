"""Keep as evidence what came in: requests that the target sent to a receiver of ours."""

from assisters_verify.answer import Piece
from assisters_verify.receiver import Visit
from assisters_verify.session import Session
from assisters_verify.wire import Order, Reply


def record_visit(session: Session, visit: Visit, *, base_url: str, check: str, clause: str) -> str:
    """Write a visit down as an exchange in which the target is the client, and return its id.

    `base_url` is where the target found the receiver.
    """
    request = visit.request
    order = Order(method=request.method, path=request.target, headers=request.headers, body=request.body or None)
    reply = Reply(
        started=request.began_s,
        status=visit.response.status,
        http_version=request.http_version,
        headers=[("Content-Type", visit.response.content_type)],
        pieces=[Piece(t_s=0.0, data=visit.response.body)] if visit.response.body else [],
        first_byte_s=request.ended_s - request.began_s,
        total_s=request.ended_s - request.began_s,
    )
    exchange_id = session.recorder.next_id(is_sent=False)
    session.recorder.record(
        exchange_id,
        check=check,
        clause=clause,
        url=base_url + request.target,
        order=order,
        reply=reply,
        error=None,
        attempt=1,
    )
    return exchange_id
