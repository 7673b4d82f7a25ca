"""Send bytes that no HTTP library would send, over a connection of their own."""

import asyncio
import ssl
from dataclasses import dataclass

_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """What came back, as bytes, and why it ended: `closed`, `timeout`, `reset`, `full` or `unreachable`."""

    data: bytes
    ended: str


async def send_raw(
    host: str, port: int, data: bytes, *, tls: ssl.SSLContext | None = None, timeout_s: float = 10.0
) -> RawReply:
    """Send these bytes and read until the peer closes, the time is over, or a megabyte came. Never raises OSError."""
    received = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls)
            try:
                writer.write(data)
                await writer.drain()
                while chunk := await reader.read(65_536):
                    received += chunk
                    if len(received) > _MAX_BYTES:
                        return RawReply(data=bytes(received), ended="full")
            finally:
                writer.transport.abort()
    except TimeoutError:
        return RawReply(data=bytes(received), ended="timeout")
    except ConnectionRefusedError:
        return RawReply(data=b"", ended="unreachable")
    except (OSError, ssl.SSLError):
        return RawReply(data=bytes(received), ended="reset")
    return RawReply(data=bytes(received), ended="closed")
