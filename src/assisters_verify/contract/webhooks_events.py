"""Read the events that were delivered, and match them with what the suite did."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.judgement import Broken
from assisters_verify.receiver import Visit

# A server may try an endpoint out, or tell it that it was created; that is about the webhook, not an event of the API.
_OF_THE_WEBHOOK = ("ping", "test", "hook", "verif", "endpoint", "subscription")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a delivery says, as far as it has the documented form; each is None where it is not there."""

    name: str | None = None
    id: str | None = None
    status: str | None = None

    @property
    def is_about_the_webhook(self) -> bool:
        """Whether this tells of the webhook itself."""
        return self.name is not None and any(word in self.name.lower() for word in _OF_THE_WEBHOOK)


def read_event(visit: Visit) -> Event:
    """Return what can be read of a delivery; whatever is wrong with it stays None."""
    try:
        document: Any = json.loads(visit.request.body)
    except (ValueError, RecursionError):
        return Event()
    if not isinstance(document, dict):
        return Event()
    data = document.get("data")
    data = data if isinstance(data, dict) else {}
    return Event(name=_text(document.get("event")), id=_id(data.get("id")), status=_text(data.get("status")))


def expect_event(visit: Visit, names: Sequence[str]) -> None:
    """Judge that a delivery has the documented form and is one of these events. Raises Broken."""
    where = f"{visit.request.method} {visit.request.path}"
    shown = " ".join(visit.request.body[:400].decode("utf-8", "replace").split())[:160]
    event = read_event(visit)
    if event.name is None:
        raise Broken(expected="JSON with `event`, a text", received=shown or "an empty body", where=where)
    if event.name not in names:
        raise Broken(expected=f"`event` {' or '.join(names)}", received=repr(event.name), where=where)
    for name, value in (("id", event.id), ("status", event.status)):
        if value is None:
            raise Broken(expected=f"`data` with `{name}`, a text", received=shown, where=where)


def shown_id(answer: Answer) -> str | None:
    """Return the id that a completion's answer shows, or None."""
    try:
        document = answer.document
    except NotJson:
        return None
    return _id(document.get("id")) if isinstance(document, dict) else None


def told_of(visits: Iterable[Visit], completions: Sequence[Answer]) -> list[Visit]:
    """Return the deliveries whose event has the id of one of these completions."""
    ids = {shown_id(answer) for answer in completions} - {None}
    return [visit for visit in visits if read_event(visit).id in ids]


def untold(visits: Sequence[Visit], completions: Sequence[Answer], *, is_by_id: bool) -> int:
    """Return how many of these completions no POST tells of: by their ids, or by number, each event counted once."""
    posts = [visit for visit in visits if visit.request.method == "POST"]
    if is_by_id:
        told = {read_event(visit).id for visit in told_of(posts, completions)}
        return len({shown_id(answer) for answer in completions} - told)
    events = [read_event(visit) for visit in posts]
    different = len({event for event in events if event.id is not None}) + sum(event.id is None for event in events)
    return max(0, len(completions) - different)


def repeated(visits: Iterable[Visit]) -> list[list[Visit]]:
    """Return the deliveries that say the same of the same id, for each that came more than once."""
    posts = [visit for visit in visits if visit.request.method == "POST" and read_event(visit).id is not None]
    counts = Counter(read_event(visit) for visit in posts)
    return [[visit for visit in posts if read_event(visit) == event] for event, count in counts.items() if count > 1]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _id(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)
