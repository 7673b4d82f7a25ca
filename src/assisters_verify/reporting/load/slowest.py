"""Put the slowest requests into the form in which pages show exchanges: whole, with the stream in time."""

from collections.abc import Mapping, Sequence
from typing import Any

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.page.exchanges import ExchangeView, Gallery
from assisters_verify.reporting.page.ration import Ration

# Of the page's 500 KB; the charts take less than a hundred.
_ROOM_BYTES = 150_000
_MOST = 10


def slow_views(slowest: Sequence[Mapping[str, Any]]) -> list[ExchangeView]:
    """Return the slowest requests, as many as there is room for."""
    exchanges = {each["id"]: Exchange.from_json(dict(each)) for each in slowest[:_MOST]}
    gallery = Gallery(exchanges, Ration(left=_ROOM_BYTES))
    return [view for each in exchanges if (view := gallery.show(each, clause_id="")) is not None]
