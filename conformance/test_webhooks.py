"""Webhooks: the endpoint is verified, subscribed events are delivered once, signed, and to nobody else."""

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.routes import WEBHOOKS, is_missing
from assisters_verify.contract.streams import expect_stream
from assisters_verify.contract.webhooks import COMPLETION, NOBODYS_URL, post_webhook, take_back
from assisters_verify.contract.webhooks_events import expect_event, read_event, repeated, shown_id, told_of
from assisters_verify.contract.webhooks_experiment import (
    BOTH,
    COMPLETIONS,
    DELIVERY_S,
    SUBSCRIPTIONS,
    WRONG_ECHOES,
    Experiment,
    Hook,
    complete_with,
    experiment,
    is_about_the_url,
    subscribe,
)
from assisters_verify.contract.webhooks_reception import VERIFY_PATH, Reception, is_reached_from_here
from assisters_verify.contract.webhooks_signing import expect_bound_signatures, expect_signed
from assisters_verify.judgement import Broken, LeftOut, NotApplicable, NotThere, Undecided
from assisters_verify.probe import Probe
from assisters_verify.receiver import Visit

_CHALLENGE_S = 5.0
_AGAIN_S = 15.0
_FAILURE = 500
# A sender that waits this long for an answer may take the endpoint for dead.
_LAG_S = 1.0

each_subscriber = pytest.mark.parametrize(
    "name", [name for name, events in SUBSCRIPTIONS.items() if COMPLETION in events]
)


@clause("HOOK-01", needs=["AUTH-01"])
async def test_webhook_is_created(probe: Probe) -> None:
    """The documented request: a URL and two events."""
    try:
        done = await experiment(probe)
    except LeftOut as judgement:
        await _expect_created_for_nobody(probe, BOTH, judgement)
        return
    answer = done.hooks["both"].answer
    if is_missing(answer):
        raise NotThere(f"there is no POST {WEBHOOKS}: {answer.describe()}", answer=answer)
    if answer.is_success:
        return
    if answer.status in {401, 403}:
        raise Undecided(f"the key is not let in: {answer.describe()}", answer=answer)
    if done.arrivals and not done.reception.challenges():
        raise Undecided("refused, since the endpoint is not verified as documented (HOOK-02)", answer=answer)
    if answer.status < 500 and not done.arrivals and is_about_the_url(answer):
        remedy = "give one that it takes as `webhook.receiver_url` in a target file"
        raise Undecided(f"the target refuses the receiver's URL, {done.reception.base}; {remedy}", answer=answer)
    raise Broken(expected="2xx", received=answer.describe(), answer=answer)


@clause("HOOK-01", needs=["AUTH-01"])
@pytest.mark.parametrize("name", [name for name in SUBSCRIPTIONS if name != "both"])
async def test_webhook_for_one_event_is_created(probe: Probe, name: str) -> None:
    """Each of the documented events can be subscribed to by itself."""
    try:
        hook = await _subscribed(probe, name)
    except LeftOut as judgement:
        await _expect_created_for_nobody(probe, SUBSCRIPTIONS[name], judgement)
        return
    if not hook.answer.is_success:
        raise Broken(expected="2xx", received=hook.answer.describe(), answer=hook.answer)


@clause("HOOK-02")
async def test_endpoint_is_challenged(probe: Probe) -> None:
    """During the creation or after it, a GET comes to /webhooks/verify, with a token in the query."""
    done = await _done(probe)
    challenges = done.reception.challenges()
    done.reception.cite(probe, *challenges[:1])
    if challenges:
        return
    refused = done.hooks["both"].answer
    if not refused.is_success and not done.arrivals:
        raise Undecided(f"no webhook was created: {refused.describe()}", answer=refused)
    if done.reception.is_public and not done.arrivals and not await is_reached_from_here(probe, done.reception):
        raise Undecided("not even a request of the suite's own comes in through `webhook.receiver_url`")
    done.reception.cite(probe, *done.arrivals[:1])
    came = ", ".join(f"{visit.request.method} {visit.request.target}"[:80] for visit in done.arrivals[:2])
    received = came or f"nothing (can the target reach {done.reception.base}?)"
    raise Broken(expected=f"GET {VERIFY_PATH} with a token in the query", received=received)


@clause("HOOK-03")
@pytest.mark.parametrize("answers", list(WRONG_ECHOES))
async def test_endpoint_that_fails_the_challenge_gets_no_events(probe: Probe, answers: str) -> None:
    """Another token, or a 404, is no token given back; the endpoint beside it, which gives it back, gets events."""
    done = await _delivered(probe)
    hook = done.wrong.get(answers)
    if hook is None:
        raise Undecided("the public receiver was not verified for each webhook, so it cannot fail for one")
    events = _events_at(hook)
    if not events:
        return
    if done.reception.is_public and not hook.is_challenged:
        raise Undecided("the endpoint was not challenged: its host had been verified before")
    hook.reception.cite(probe, *hook.reception.challenges()[:1], events[0])
    said = "no challenge" if not hook.is_challenged else f"a challenge answered with {answers}"
    raise Broken(expected="no event", received=f"{_shown(events[0])} after {said}")


@clause("HOOK-04")
@each_subscriber
async def test_event_is_delivered(probe: Probe, name: str) -> None:
    """Each chat completion is told of by a POST, soon after it happened."""
    done = await _done(probe)
    hook = await _subscribed(probe, name)
    if not hook.answer.is_success:
        raise Undecided(f"no webhook was created: {hook.answer.describe()}", answer=hook.answer)
    if not done.completions:
        raise Undecided("there was no chat completion to tell of")
    if not done.untold[name]:
        done.reception.cite(probe, *hook.visits[-COMPLETIONS:])
        return
    if not done.reception.challenges():
        raise Undecided("the endpoint could not be verified (HOOK-02)")
    done.reception.cite(probe, *hook.visits[:3])
    told = len(done.completions) - done.untold[name]
    other = next((f"; a {visit.request.method} came" for visit in hook.visits if visit.request.method != "POST"), "")
    raise Broken(
        expected=f"a POST for each of {len(done.completions)} chat completions within {DELIVERY_S:g} s",
        received=f"{told}{other}",
        where=f"subscribed to {', '.join(hook.events)}",
    )


@clause("HOOK-05")
@each_subscriber
async def test_payload_has_the_documented_form(probe: Probe, name: str) -> None:
    """`event` is the event's name, and `data` has `id` and `status`."""
    done, hook = await _told(probe, name)
    for visit in _events_at(hook):
        try:
            expect_event(visit, BOTH)
        except Broken:
            done.reception.cite(probe, visit)
            raise
    done.reception.cite(probe, hook.visits[-1])


@clause("HOOK-06")
@pytest.mark.parametrize("name", list(SUBSCRIPTIONS))
async def test_nothing_but_the_subscribed_events_is_delivered(probe: Probe, name: str) -> None:
    """While chats are completed, texts embedded and requests refused, each endpoint hears of its own events alone."""
    done, hook = await _delivered(probe), await _subscribed(probe, name)
    for visit in _events_at(hook):
        event = read_event(visit)
        if event.name is not None and event.name not in hook.events:
            done.reception.cite(probe, visit)
            raise Broken(expected=f"{', '.join(hook.events)} alone", received=_shown(visit))
        if event.name is None and COMPLETION not in hook.events:
            done.reception.cite(probe, visit)
            raise Broken(expected="nothing while no model failed", received=_shown(visit))


@clause("HOOK-07")
@each_subscriber
async def test_delivery_is_signed(probe: Probe, name: str) -> None:
    """Whoever holds the shared secret can verify that the raw body comes from the API."""
    done, hook = await _told(probe, name)
    expect_signed(probe, done, hook)


@clause("HOOK-08")
async def test_signature_depends_on_body_and_secret(probe: Probe) -> None:
    """Two different bodies never carry the same signature, and another body or another secret does not verify."""
    expect_bound_signatures(probe, await _delivered(probe))


@clause("HOOK-13")
async def test_failed_delivery_is_tried_again(probe: Probe) -> None:
    """An endpoint that answers 500 once gets the same event a second time."""
    done = await _delivered(probe)
    found = done.reception
    challenged = len(found.challenges())
    hook = await subscribe(probe, found, (COMPLETION,), key=done.key, label="for an endpoint that fails once")
    if not hook.answer.is_success:
        raise Undecided(f"no webhook was created: {hook.answer.describe()}", answer=hook.answer)
    # From now on, that is: what others did may have been told of already.
    found.failures[hook.token] = [_FAILURE]
    try:
        if challenged:
            await found.receiver.wait_until(lambda: len(found.challenges()) > challenged, timeout_s=_CHALLENGE_S)
        for _ in range(2):
            await complete_with(probe, done.key)
            if await found.receiver.wait_until(lambda: bool(_failed_at(found, hook.token)), timeout_s=DELIVERY_S):
                break
        else:
            raise Undecided("no event came to the endpoint that was to fail")
        (failed,) = _failed_at(found, hook.token)
        is_repeated = await found.receiver.wait_until(
            lambda: any(_is_again(visit, failed) for visit in found.visits_at(hook.token)), timeout_s=_AGAIN_S
        )
    finally:
        await take_back(probe, hook.made)
    found.cite(probe, failed, *found.visits_at(hook.token)[-1:])
    if not is_repeated:
        raise Broken(expected=f"the same event again within {_AGAIN_S:g} s of a 500", received="nothing")


@clause("HOOK-14")
@each_subscriber
async def test_event_is_delivered_once(probe: Probe, name: str) -> None:
    """An endpoint that accepts an event does not get it a second time."""
    done, hook = await _told(probe, name)
    # Where events can be told apart, those of other checks' calls are left to them.
    own = told_of(hook.visits, [*done.warm_ups, *done.completions]) if done.is_told_by_id else hook.visits
    ids = {read_event(visit).id for visit in own if read_event(visit).name == COMPLETION}
    if len(ids - {None}) < len(done.completions):
        raise Undecided(f"{len(done.completions)} completions have {len(ids - {None})} ids, so none can be recognised")
    again = repeated(own)
    if not again:
        return
    if done.reception.receiver.worst_lag_s > _LAG_S:
        lag = done.reception.receiver.worst_lag_s
        raise Undecided(f"the receiver was held up for {lag:.1f} s, so a second delivery may have had its reason")
    done.reception.cite(probe, *again[0][:3])
    raise Broken(
        expected="each event once", received=f"{len(again[0])} times {_shown(again[0][0])}, accepted each time"
    )


@clause("HOOK-16")
async def test_event_has_the_id_of_the_completion(probe: Probe) -> None:
    """Where the answer to a completion shows an id, the event that tells of it has the same."""
    done = await _delivered(probe)
    if not any(shown_id(answer) for answer in done.completions):
        raise NotApplicable("the answers to completions show no id")
    visits = done.hooks["both"].visits
    done.reception.cite(probe, *visits[-1:])
    # Where events are late, they may still be those of what other checks completed.
    told = told_of(visits, [*done.completions, *probe.session.seen])
    if not told:
        ids = " ".join(str(read_event(visit).id) for visit in visits[-COMPLETIONS:])
        expected = " ".join(str(shown_id(answer)) for answer in done.completions)
        raise Broken(expected=f"events of {expected}", received=ids, answer=done.completions[-1])


@clause("HOOK-04", needs=["STREAM-02"])
async def test_streamed_completion_is_told_of(probe: Probe) -> None:
    """A completion that is streamed happens as well, and is told of once it is over.

    An event counts as its own unless it has the id of a plain completion. Where none comes, a plain completion
    afterwards tells whether events come at all, or are only late.
    """
    done = await _delivered(probe)
    found, hook = done.reception, await _subscribe_again(probe, done, label="before a completion is streamed")

    def is_told() -> bool:
        plain = told_of(found.visits_at(hook.token), probe.session.seen)
        others = [visit for visit in found.visits_at(hook.token) if visit not in plain]
        return any(visit.request.method == "POST" and read_event(visit).name == COMPLETION for visit in others)

    try:
        body = await chat_body(probe, stream=True)
        streamed = expect_stream(await probe.post(CHAT, body, key=done.key, is_stream=True, label="to cause an event"))
        if streamed.answer.broken_off:
            raise Undecided(f"the stream did not end: {streamed.answer.broken_off}", answer=streamed.answer)
        if await found.receiver.wait_until(is_told, timeout_s=DELIVERY_S):
            return
        plain = await complete_with(probe, done.key)
        is_plain_told = await found.receiver.wait_until(
            lambda: bool(told_of(found.visits_at(hook.token), [plain])), timeout_s=DELIVERY_S
        )
    finally:
        await take_back(probe, hook.made)
    if is_told():
        return
    if not is_plain_told:
        raise Undecided("this endpoint was told of a plain completion no more than of a streamed one")
    raise Broken(expected="an event for a streamed completion", received="none", answer=streamed.answer)


@clause("HOOK-17")
async def test_nothing_of_another_customer_is_delivered(probe: Probe) -> None:
    """While another customer completes a chat, and then the subscriber does, the endpoint hears of its own alone."""
    second = probe.settings.secrets.second_api_key
    if second is None:
        raise LeftOut("another customer's key is needed: set ASSISTERS_SECOND_API_KEY")
    done = await _delivered(probe)
    if not done.is_told_by_id:
        raise Undecided("events do not show by an id which completion they tell of")
    found, hook = done.reception, await _subscribe_again(probe, done, label="beside another customer")
    try:
        theirs = await complete_with(probe, second.get_secret_value())
        own = await complete_with(probe, done.key)
        is_told = await found.receiver.wait_until(
            lambda: bool(told_of(found.visits_at(hook.token), [own])), timeout_s=DELIVERY_S
        )
    finally:
        await take_back(probe, hook.made)
    told = told_of(found.visits_at(hook.token), [theirs])
    if told:
        found.cite(probe, told[0])
        raise Broken(expected="nothing of another customer", received=_shown(told[0]), answer=theirs)
    if not is_told or shown_id(theirs) is None:
        raise Undecided("no event told of the subscriber's own completion, or the other one shows no id", answer=own)


async def _subscribe_again(probe: Probe, done: Experiment, *, label: str) -> Hook:
    """Subscribe one more endpoint to completions, and wait until it is challenged, if any is."""
    found, challenged = done.reception, len(done.reception.challenges())
    hook = await subscribe(probe, found, (COMPLETION,), key=done.key, label=label)
    if not hook.answer.is_success:
        raise Undecided(f"no webhook was created: {hook.answer.describe()}", answer=hook.answer)
    if challenged:
        await found.receiver.wait_until(lambda: len(found.challenges()) > challenged, timeout_s=_CHALLENGE_S)
    return hook


async def _done(probe: Probe) -> Experiment:
    """Return the experiment; where the route is not there, HOOK-01 alone says so."""
    done = await experiment(probe)
    answer = done.hooks["both"].answer
    if is_missing(answer):
        raise Undecided(f"undecided since HOOK-01 does not hold: there is no POST {WEBHOOKS}", answer=answer)
    return done


async def _delivered(probe: Probe) -> Experiment:
    """Return the experiment where events came at all, which HOOK-04 judges."""
    done = await _done(probe)
    answer = done.hooks["both"].answer
    if not answer.is_success:
        raise Undecided(f"no webhook was created: {answer.describe()}", answer=answer)
    if not any(_posts_at(done.hooks[name]) for name in ("both", "completions") if name in done.hooks):
        raise Undecided("no event was delivered by POST (HOOK-04)")
    return done


async def _told(probe: Probe, name: str) -> tuple[Experiment, Hook]:
    """Return the experiment and a subscription that got events."""
    done, hook = await _delivered(probe), await _subscribed(probe, name)
    if not _posts_at(hook):
        raise Undecided(f"no event was delivered to {' and '.join(hook.events)} (HOOK-04)")
    return done, hook


async def _subscribed(probe: Probe, name: str) -> Hook:
    done = await _done(probe)
    if name not in done.hooks:
        raise Undecided(f"no webhook was created: {done.hooks['both'].answer.describe()}")
    return done.hooks[name]


async def _expect_created_for_nobody(probe: Probe, events: tuple[str, ...], judgement: LeftOut) -> None:
    """Judge the creation without a receiver: an endpoint that cannot be verified may be accepted or refused."""
    made = await post_webhook(
        probe, {"url": NOBODYS_URL, "events": list(events)}, label="for an address that nobody has"
    )
    await take_back(probe, made)
    if is_missing(made.answer):
        raise NotThere(f"there is no POST {WEBHOOKS}: {made.answer.describe()}", answer=made.answer)
    if not made.answer.is_success:
        raise judgement


def _events_at(hook: Hook) -> list[Visit]:
    """Return what came to an endpoint, without what is about the webhook itself."""
    return [visit for visit in _posts_at(hook) if not read_event(visit).is_about_the_webhook]


def _posts_at(hook: Hook) -> list[Visit]:
    return [visit for visit in hook.visits if visit.request.method == "POST"]


def _failed_at(found: Reception, token: str) -> list[Visit]:
    return [visit for visit in found.visits_at(token) if visit.response.status == _FAILURE]


def _is_again(visit: Visit, failed: Visit) -> bool:
    event = read_event(failed)
    if visit.number <= failed.number:
        return False
    return visit.request.body == failed.request.body or (event.id is not None and read_event(visit) == event)


def _shown(visit: Visit) -> str:
    body = " ".join(visit.request.body[:400].decode("utf-8", "replace").split())
    return f"{visit.request.method} {body[:160]}"
