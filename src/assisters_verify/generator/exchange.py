"""One try of one request: what is sent, and what has been seen of its answer so far."""

from typing import TYPE_CHECKING

from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.requests import Request
from assisters_verify.measures.evidence import MOST_KEPT_BYTES, MOST_KEPT_FRAMES
from assisters_verify.measures.ledger import NEVER, Problem

if TYPE_CHECKING:
    from collections.abc import Callable


class Exchange:
    """Times are of `now_us`, NEVER where there was no such moment. `on_end` is called once, when it is over; `then` is
    what follows when nothing of the same request does any more.

    `owner` says whose connections it takes. `lane_number` and `phase` count into the run's lanes and phases; `is_open`
    says whether its latency counts from the moment at which it was due.
    """

    __slots__ = (
        "attempt",
        "body",
        "body_bytes",
        "bytes_received",
        "chunks",
        "data",
        "due_us",
        "end_us",
        "first_byte_us",
        "first_content_us",
        "frame_bytes",
        "frames",
        "gaps_us",
        "has_ended",
        "head",
        "is_measured",
        "is_open",
        "is_replaced",
        "is_stream",
        "lane",
        "lane_number",
        "last_content_us",
        "number",
        "on_end",
        "owner",
        "phase",
        "problem",
        "problem_text",
        "request",
        "retry_after_ms",
        "sent_us",
        "started_us",
        "status",
        "then",
        "tokens",
    )

    def __init__(  # noqa: PLR0913 - what a request is made of
        self,
        *,
        lane: Lane,
        lane_number: int,
        number: int,
        request: Request,
        data: bytes,
        due_us: int,
        is_open: bool,
        on_end: "Callable[[Exchange], None]",
        owner: str,
        then: "Callable[[Exchange], None] | None" = None,
        attempt: int = 1,
    ) -> None:
        self.lane = lane
        self.lane_number = lane_number
        self.number = number
        self.request = request
        self.data = data
        self.due_us = due_us
        self.is_open = is_open
        self.on_end = on_end
        self.owner = owner
        self.then = then
        self.attempt = attempt
        self.is_measured = True
        self.phase = 0
        self.started_us = self.sent_us = self.first_byte_us = NEVER
        self.first_content_us = self.last_content_us = self.end_us = NEVER
        self.gaps_us: list[int] = []
        self.frames: list[tuple[int, bytes]] = []
        self.frame_bytes = 0
        self.body_bytes = self.bytes_received = self.chunks = self.tokens = self.status = 0
        self.problem = Problem.NONE
        self.problem_text = ""
        self.retry_after_ms = NEVER
        self.head = b""
        self.body = b""
        self.is_replaced = self.is_stream = self.has_ended = False

    @property
    def is_ok(self) -> bool:
        """Whether it got what it asked for."""
        return self.problem is Problem.NONE and 200 <= self.status < 300  # noqa: PLR2004 - what HTTP calls successful

    @property
    def is_together(self) -> bool:
        """Whether it is due at the same moment as all others: how long they take to be sent is no lateness of one."""
        retry = self.lane.retry
        return self.attempt > 1 and retry is not None and retry.together_s is not None

    @property
    def is_refused(self) -> bool:
        """Whether the target said that there were too many."""
        return self.problem is Problem.NONE and self.status == 429  # noqa: PLR2004 - Too Many Requests

    def take_contents(self, count: int, received_us: int) -> None:
        """Note so many contents that were received at once: there is no telling them apart any more."""
        gaps = self.gaps_us
        if self.first_content_us == NEVER:
            self.first_content_us = received_us
        else:
            gaps.append(received_us - self.last_content_us)
        if count > 1:
            gaps.extend([0] * (count - 1))
        self.last_content_us = received_us
        self.chunks += count

    def keep(self, received_us: int, data: bytes) -> None:
        """Keep a piece of the body as evidence, as long as there is room."""
        room = MOST_KEPT_BYTES - self.frame_bytes
        if room > 0 and len(self.frames) < MOST_KEPT_FRAMES:
            kept = data[:room]
            self.frames.append((received_us, kept))
            self.frame_bytes += len(kept)
