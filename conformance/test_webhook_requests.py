"""Webhooks that cannot be: without a URL to send to, or without events, each refused for that reason."""

from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.envelope import expect_refusal, read_error
from assisters_verify.contract.routes import ROUTES, WEBHOOKS, is_there
from assisters_verify.contract.webhooks import COMPLETION, NOBODYS_URL, Made, post_webhook, take_back, webhook_key
from assisters_verify.contract.webhooks_experiment import experiment, is_about_the_url
from assisters_verify.judgement import LeftOut, Undecided
from assisters_verify.probe import RUN_KEY, Probe

_NO_ACCESS = frozenset({401, 403})
_ROUTE = next(route for route in ROUTES if route.path == WEBHOOKS)


@clause("HOOK-09", needs=["AUTH-01"])
@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        True,
        [NOBODYS_URL],
        {"href": NOBODYS_URL},
        "",
        "not a url",
        "/events",
        "https://",
        "ftp://files.example/x",
    ],
    ids=repr,
)
async def test_url_that_is_none_is_refused(probe: Probe, url: Any) -> None:
    """An event can only be sent to an http or https URL."""
    await _expect_refused(probe, {"url": url, "events": [COMPLETION]}, param="url")


@clause("HOOK-09", needs=["AUTH-01"])
async def test_webhook_without_a_url_is_refused(probe: Probe) -> None:
    """Without `url` there is nowhere to send events to."""
    await _expect_refused(probe, {"events": [COMPLETION]}, param="url")


@clause("HOOK-10", needs=["AUTH-01"])
@pytest.mark.parametrize("events", [COMPLETION, 5, True, {"name": COMPLETION}, [5], [None], [[COMPLETION]]], ids=repr)
async def test_events_that_are_no_list_of_texts_are_refused(probe: Probe, events: Any) -> None:
    """`events` is a list of names."""
    await _expect_events_refused(probe, {"events": events})


@clause("HOOK-15")
@pytest.mark.parametrize("body", [{}, {"events": None}], ids=["missing", "null"])
async def test_webhook_without_events_is_refused(probe: Probe, body: dict[str, Any]) -> None:
    """Whoever names no event subscribes to none."""
    await _expect_events_refused(probe, body)


@clause("HOOK-11")
async def test_unknown_event_is_refused(probe: Probe) -> None:
    """A misspelt event is told of at once, rather than never delivered."""
    await _expect_events_refused(probe, {"events": ["chat.complection"]})


@clause("HOOK-12")
async def test_url_without_https_is_refused(probe: Probe) -> None:
    """Events go over the open network encrypted alone; the same URL with https is the control."""
    await _require_route(probe)
    plain_url = NOBODYS_URL.replace("https:", "http:")
    plain = await _post(probe, {"url": plain_url, "events": [COMPLETION]}, label="with an http URL")
    await take_back(probe, plain)
    expect_refusal(plain.answer, 400, param="url", why="no https")
    secure = await _post(probe, {"url": NOBODYS_URL, "events": [COMPLETION]}, label="with an https URL")
    await take_back(probe, secure)
    if not secure.answer.is_success and _said(secure.answer) == _said(plain.answer):
        raise Undecided(f"the https URL is refused alike: {secure.answer.describe()}", answer=secure.answer)


async def _require_route(probe: Probe) -> None:
    if not await is_there(probe, _ROUTE):
        raise Undecided(f"undecided since HOOK-01 does not hold: there is no POST {WEBHOOKS}")


async def _post(probe: Probe, body: dict[str, Any], *, label: str) -> Made:
    """Ask for a webhook with the webhooks' own key, which has less to do, or where that may not, with the run's."""
    key = await webhook_key(probe)
    made = await post_webhook(probe, body, key=key, label=label)
    is_refused = made.answer.status in _NO_ACCESS and key != RUN_KEY
    return await post_webhook(probe, body, label=label) if is_refused else made


async def _expect_refused(probe: Probe, body: dict[str, Any], *, param: str) -> None:
    await _require_route(probe)
    made = await _post(probe, body, label=f"with {body}")
    await take_back(probe, made)
    expect_refusal(made.answer, 400, param=param, why=f"no valid {param}")


async def _expect_events_refused(probe: Probe, body: dict[str, Any]) -> None:
    await _require_route(probe)
    url, key = await _good_url(probe)
    made = await post_webhook(probe, {"url": url or NOBODYS_URL, **body}, key=key, label=f"with {body}")
    await take_back(probe, made)
    if url is None and made.answer.status == 400 and is_about_the_url(made.answer):
        raise Undecided(f"refused for its url: {made.answer.describe()}", answer=made.answer)
    expect_refusal(made.answer, 400, param="events", why="no valid events")


async def _good_url(probe: Probe) -> tuple[str | None, str | None]:
    """Return the URL of an endpoint that the target takes, or None where there is none, and the key to use."""
    try:
        done = await experiment(probe)
    except (LeftOut, Undecided):
        return None, RUN_KEY
    found = done.reception
    return found.url_of(found.new_token()) if done.is_subscribed else None, done.key


def _said(answer: Answer) -> tuple[object, ...]:
    error = read_error(answer) or {}
    return answer.status, error.get("code"), str(error.get("message")).replace("http:", "https:")
