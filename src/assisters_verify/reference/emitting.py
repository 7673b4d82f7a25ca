"""Put a reply on the wire: one body at once, or frames at their due times."""

import asyncio
import time

import orjson
from starlette.types import Send

from assisters_verify.reference.answers import Answer, EventStream
from assisters_verify.reference.calls import Call

NO_CONTENT = 204
# Frames due at once share one write; the bound keeps a slow reader's back pressure working.
_WRITE_BYTES = 65_536


async def emit(call: Call, send: Send) -> None:
    """Send the call's reply, then do what is to be done after it."""
    reply = call.reply
    if reply is None:
        raise TypeError("a call without a reply cannot be sent")
    if isinstance(reply, EventStream):
        sent_s = await _emit_stream(call, reply, send)
    else:
        sent_s = await _emit_answer(call, reply, send)
    if call.services.log is not None:
        call.services.log.write(call, reply, sent_s)
    for callback in reply.after:
        callback()


def encode_body(answer: Answer) -> bytes:
    """Return the bytes of one whole body."""
    if answer.status == NO_CONTENT:
        return b""
    if answer.text is None:
        return orjson.dumps(answer.payload)
    return answer.text if isinstance(answer.text, bytes) else answer.text.encode()


def _encode_headers(reply: Answer | EventStream) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in reply.headers]
    if reply.content_type:
        headers.append((b"content-type", reply.content_type.encode()))
    return headers


async def _emit_answer(call: Call, answer: Answer, send: Send) -> list[float]:
    if answer.delay_s:
        await asyncio.sleep(call.arrived_s + answer.delay_s - time.monotonic())
    body = encode_body(answer)
    headers = _encode_headers(answer)
    if answer.status != NO_CONTENT:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return [time.monotonic()]


async def _emit_stream(call: Call, stream: EventStream, send: Send) -> list[float]:
    left = asyncio.ensure_future(call.wait_for_disconnect())
    try:
        return await _send_frames(call, stream, send=send, left=left)
    finally:
        left.cancel()


async def _send_frames(call: Call, stream: EventStream, *, send: Send, left: asyncio.Future[None]) -> list[float]:
    """Send each frame at its own deadline, counted from the arrival, so that lateness never adds up."""
    encode, frames, gap_s = call.behaviour.streaming.encode, stream.frames, stream.gap_s
    start_s, index = call.arrived_s + stream.latency_s, 0
    sent_s: list[float] = []
    await _sleep_until(start_s)
    await send({"type": "http.response.start", "status": stream.status, "headers": _encode_headers(stream)})
    while index < len(frames):
        await _sleep_until(start_s + frames[index].step * gap_s)
        if left.done():
            return sent_s
        now_s, size = time.monotonic(), 0
        batch: list[bytes] = []
        while index < len(frames) and size < _WRITE_BYTES and start_s + frames[index].step * gap_s <= now_s:
            data = frames[index].data
            if data is None:
                # An unfinished response makes uvicorn close the connection: the cut a fault asks for.
                await send({"type": "http.response.body", "body": b"".join(batch), "more_body": True})
                return sent_s
            batch.append(encode(data))
            size += len(batch[-1])
            index += 1
        await send({"type": "http.response.body", "body": b"".join(batch), "more_body": True})
        sent_s += [time.monotonic()] * len(batch)
    await send({"type": "http.response.body", "body": b""})
    return sent_s


async def _sleep_until(due_s: float) -> None:
    wait_s = due_s - time.monotonic()
    if wait_s > 0:
        await asyncio.sleep(wait_s)
