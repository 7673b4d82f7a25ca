"""Keys, webhooks, data, audit and metrics that are wrong in one corner."""

from collections.abc import Callable
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.audit import is_within
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    AUDIT,
    EACH,
    on_success,
    put,
)
from assisters_verify.reference.keys import ApiKey, KeyStore, make_secret
from assisters_verify.reference.metrics import AccountMetrics, draw_accepted
from assisters_verify.reference.problems import bad_request
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.webhooks.routes import read_events, read_url

_MOST_KEYS = 2


def _refuse_one_event(body: dict[str, Any]) -> tuple[str, ...]:
    events = read_events(body)
    if len(events) == 1:
        raise bad_request("events must name all events.", param="events")
    return events


def _read_missing_url(body: dict[str, Any]) -> str:
    return read_url(body) if "url" in body else "http://127.0.0.1:9/"


def _read_ftp_url(body: dict[str, Any]) -> str:
    url = body.get("url")
    return url if isinstance(url, str) and url.startswith("ftp://") else read_url(body)


def _answer_unknown_data(call: Call, reply: Reply) -> Reply:
    """Say of ids in a foreign form that they are deleted."""
    is_foreign = call.path.startswith("/v1/data/") and not call.path.startswith("/v1/data/chat")
    if call.method == "DELETE" and is_foreign and reply.status == 404 and isinstance(reply, Answer):  # noqa: PLR2004
        return Answer(payload={"deleted": True})
    return reply


def _bury(store: KeyStore, key: ApiKey) -> None:
    KeyStore.remove(store, key)
    store.put_aside.append(key)


def _revive_namesake(call: Call) -> str:
    """Let the deleted key of the same name in again beside the new one."""
    store, name = call.services.keys, call.json_object().get("name")
    for key in store.put_aside:
        if key.name == name:
            store.by_secret[key.secret] = key
    return make_secret(call)


def _drop_oldest(call: Call) -> str:
    """Let go of the oldest created key where there are two already."""
    created = [key for key in call.services.keys.owned_by(call.customer.account) if not key.name.startswith("initial")]
    if len(created) >= _MOST_KEYS:
        call.services.keys.remove(min(created, key=lambda key: key.created_at))
    return make_secret(call)


def _draws_page_for(matches: Callable[[str], bool]) -> dict[str, object]:
    """Show a page to clients whose Accept matches, and figures to all others."""

    def draw(call: Call, metrics: AccountMetrics) -> Answer:
        if matches(call.header("accept") or ""):
            return Answer(text="<html><body>Dashboard</body></html>", content_type="text/html")
        return draw_accepted(call, metrics)

    return {"metrics.draw": draw}


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="one_event_alone_is_refused",
        area="webhooks",
        clause="HOOK-01",
        title="A webhook for a single event is refused.",
        choices={"webhooks.read_events": _refuse_one_event},
    ),
    Fault(
        name="missing_url_is_accepted",
        area="webhooks",
        clause="HOOK-09",
        title="A webhook without `url` is accepted.",
        choices={"webhooks.read_url": _read_missing_url},
    ),
    Fault(
        name="ftp_url_is_accepted",
        area="webhooks",
        clause="HOOK-09",
        title="A webhook with an ftp URL is accepted.",
        choices={"webhooks.read_url": _read_ftp_url},
    ),
    Fault(
        name="foreign_id_counts_as_deleted",
        area="data",
        clause="DATA-02",
        title="An id in a form that the target never gives out counts as deleted.",
        reply=_answer_unknown_data,
    ),
    Fault(
        name="one_day_is_empty",
        area="audit",
        clause="AUDIT-02",
        title="A range of one day is empty: its end is not part of it.",
        choices={"audit.is_within": lambda entry, start, end: start != end and is_within(entry, start, end)},
    ),
    Fault(
        name="entries_are_of_1970",
        area="audit",
        clause="AUDIT-03",
        title="The time of each entry is one in January 1970: seconds were taken for milliseconds.",
        reply=on_success(AUDIT, put("1970-01-21T11:36:40Z", "entries", EACH, "time")),
    ),
    Fault(
        name="namesake_revives_deleted_key",
        area="keys",
        clause="KEY-09",
        title="Creating a key with the name of a deleted one lets that one in again.",
        choices={"keys.remove": _bury, "keys.make_secret": _revive_namesake},
    ),
    Fault(
        name="third_key_replaces_oldest",
        area="keys",
        clause="KEY-09",
        title="An account keeps two created keys: a third one silently replaces the oldest.",
        choices={"keys.make_secret": _drop_oldest},
    ),
    Fault(
        name="metrics_are_a_page_by_default",
        area="metrics",
        clause="METRIC-01",
        title="Without a wish for a form the metrics are a page.",
        choices=_draws_page_for(lambda accept: accept in {"", "*/*"}),
    ),
    Fault(
        name="openmetrics_are_a_page",
        area="metrics",
        clause="METRIC-01",
        title="Who asks for OpenMetrics gets a page.",
        choices=_draws_page_for(lambda accept: "openmetrics" in accept),
    ),
)
