"""Put exchanges into the form in which the page shows them: whole where they are evidence, else in a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from assisters_verify.evidence import Body, Exchange, Frame
from assisters_verify.reporting.inert import visible_line
from assisters_verify.reporting.page.charts import Timeline, timeline
from assisters_verify.reporting.page.json_layout import laid_out
from assisters_verify.reporting.page.ration import Ration

# In bytes of the finished page.
_LONGEST_BODY = 4_000
_LONGEST_HEADER = 400
_SHORTEST_FRAME = 240
_LONGEST_LINE = 300
_MOST_HEADERS = 20
_FIRST_FRAMES, _LAST_FRAMES = 8, 3
# What the markup takes: of a whole exchange, of one that is only mentioned, of a header, of a streamed piece.
_WHOLE_MARKUP, _LINE_MARKUP, _HEADER_MARKUP, _FRAME_MARKUP = 1_800, 400, 40, 60
# With less room for its texts an exchange would be a heap of cut pieces.
_WORTH_SHOWING = 1_500
# As written out: the blank line that ends an event, where another follows.
_EVENT_END = re.compile(r"((?:(?:\\r)?\\n){2})(?=[^\\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A request or a response. `note` says what the body is and what is missing of it."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    n_more_headers: int
    body: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeView:
    """One exchange. `request` is None where it is only mentioned; `shown_under` names the clause that has it whole."""

    id: str
    line: str
    outcome: str = ""
    total_s: float | None = None
    attempt: int = 1
    error: str = ""
    shown_under: str = ""
    request: MessageView | None = None
    response: MessageView | None = None
    timeline: Timeline | None = None
    frames: tuple[tuple[float, str], ...] = ()
    n_more_frames: int = 0


@dataclass(slots=True)
class Gallery:
    """Hands out each exchange once as a whole, as long as the page has room, and otherwise in a line."""

    exchanges: dict[str, Exchange]
    ration: Ration
    _shown: dict[str, str] = field(default_factory=dict)

    def show(self, exchange_id: str, *, clause_id: str) -> ExchangeView | None:
        """Return the exchange whole, or in a line where it stands elsewhere; None where the page has no room for it."""
        exchange = self.exchanges.get(exchange_id)
        has_room = self.ration.left >= _WHOLE_MARKUP + _WORTH_SHOWING
        if exchange is None or exchange_id in self._shown or not has_room:
            return self.mention(exchange_id)
        self._shown[exchange_id] = clause_id
        self.ration.spend(_WHOLE_MARKUP)
        return _whole(exchange, self.ration)

    def mention(self, exchange_id: str) -> ExchangeView | None:
        """Return the exchange in a line; None where the page has no room for it."""
        if not self.ration.spend(_LINE_MARKUP):
            return None
        exchange = self.exchanges.get(exchange_id)
        if exchange is None:
            return ExchangeView(id=exchange_id, line="was not kept")
        return replace(_in_a_line(exchange), shown_under=self._shown.get(exchange_id, ""))


def _in_a_line(exchange: Exchange) -> ExchangeView:
    response = exchange.response
    return ExchangeView(
        id=exchange.id,
        line=visible_line(f"{exchange.request.method} {_path(exchange.request.url)}", 120),
        outcome=visible_line(f"{response.status} {response.reason}", 60).strip() if response else "no answer",
        total_s=exchange.total_s,
        attempt=exchange.attempt,
        error=visible_line(exchange.error or "", _LONGEST_LINE),
    )


def _whole(exchange: Exchange, ration: Ration) -> ExchangeView:
    request, response = exchange.request, exchange.response
    view = replace(
        _in_a_line(exchange),
        request=_message(f"{request.method} {request.url}", request.headers, request.body, ration),
        timeline=timeline(exchange),
    )
    if response is None:
        return view
    first_line = f"{response.http_version} {response.status} {response.reason}"
    frames = _some_frames(response.frames, ration)
    message = _message(first_line, response.headers, None if response.frames else response.body, ration)
    if response.frames:
        message = replace(message, note=f"{response.body.size:,} bytes, streamed: see below")
    return replace(
        view,
        response=message,
        frames=frames,
        n_more_frames=len(response.frames) - len(frames),
    )


def _message(first_line: str, headers: Sequence[tuple[str, str]], body: Body | None, ration: Ration) -> MessageView:
    text, note = _body(body, ration) if body else ("", "")
    shown = [header for header in headers[:_MOST_HEADERS] if ration.spend(_HEADER_MARKUP)]
    return MessageView(
        first_line=ration.line(first_line, _LONGEST_LINE),
        headers=tuple(
            (ration.line(name, _LONGEST_HEADER), ration.line(value, _LONGEST_HEADER)) for name, value in shown
        ),
        n_more_headers=len(headers) - len(shown),
        body=text,
        note=note,
    )


def _body(body: Body, ration: Ration) -> tuple[str, str]:
    """Return as much of the body as there is room for, and what must be said about it."""
    json_text = laid_out(body.text) if body.encoding != "base64" else None
    shown, is_cut = ration.take(body.text if json_text is None else json_text, _LONGEST_BODY)
    notes = [f"{body.size:,} bytes"]
    notes += ["JSON, laid out"] if json_text is not None else []
    notes += ["base64"] if body.encoding == "base64" else []
    if is_cut or body.is_cut:
        notes.append("cut here" if is_cut else "cut when it was received")
        notes += [f"sha256 {body.sha256}"] if body.sha256 else []
    return shown, ", ".join(notes)


def _some_frames(frames: Sequence[Frame], ration: Ration) -> tuple[tuple[float, str], ...]:
    some = frames if len(frames) <= _FIRST_FRAMES + _LAST_FRAMES else (*frames[:_FIRST_FRAMES], *frames[-_LAST_FRAMES:])
    longest = max(_SHORTEST_FRAME, _LONGEST_BODY // max(1, len(some)))
    return tuple(
        (frame.t_s, ration.line(_event_a_line(visible_line(frame.text, longest)), longest))
        for frame in some
        if ration.spend(_FRAME_MARKUP)
    )


def _event_a_line(text: str) -> str:
    """Return a piece of a stream with a new line after each event in it: what was sent at once stands together."""
    return _EVENT_END.sub(r"\1\n", text)


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # a check may send an address that is none
        return url
    return parts.path + (f"?{parts.query}" if parts.query else "")
