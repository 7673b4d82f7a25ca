"""One experiment for all checks of webhooks: subscribe in several ways, complete a few chats, and see what comes."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import read_error
from assisters_verify.contract.models import UNKNOWN_MODEL, embeddings_model
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.contract.webhooks import (
    COMPLETION,
    FAILURE,
    Made,
    post_webhook,
    secrets_in,
    take_back,
    webhook_key,
)
from assisters_verify.contract.webhooks_events import told_of, untold
from assisters_verify.contract.webhooks_reception import (
    Echo,
    Reception,
    echo_another,
    echo_json,
    echo_nothing,
    open_second,
    reception,
)
from assisters_verify.judgement import Judgement
from assisters_verify.probe import RUN_KEY, Probe
from assisters_verify.receiver import Visit

BOTH: Final = (COMPLETION, FAILURE)
SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "both": BOTH,
    "other_way": (FAILURE, COMPLETION),
    "completions": (COMPLETION,),
    "failures": (FAILURE,),
}
WRONG_ECHOES: dict[str, Echo] = {"another_token": echo_another, "not_found": echo_nothing}
COMPLETIONS: Final = 3
DELIVERY_S: Final = 15.0
_WARM_UPS = 2
_WARM_UP_S = 10.0
_CHALLENGE_S = 15.0
_LATER_CHALLENGE_S = 5.0
# What must not come gets this long to come.
_QUIET_S = 4.0
_NO_ACCESS = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A subscription, or an attempt at one. `visits` are what came to its endpoint while the experiment ran."""

    events: tuple[str, ...]
    token: str
    made: Made
    reception: Reception
    visits: tuple[Visit, ...] = ()
    is_challenged: bool = False

    @property
    def answer(self) -> Answer:
        """The answer to its creation."""
        return self.made.answer

    @property
    def secrets(self) -> list[str]:
        """What may be the shared secret, as the answer shows it."""
        try:
            return secrets_in(self.answer.document) if self.answer.is_success else []
        except NotJson:
            return []

    def seen(self) -> "Hook":
        """Return the same with what has come by now."""
        return Hook(
            events=self.events,
            token=self.token,
            made=self.made,
            reception=self.reception,
            visits=self.reception.visits_at(self.token),
            is_challenged=self.is_challenged,
        )


@dataclass(slots=True, kw_only=True)
class Experiment:
    """What was done and seen. `hooks` are by the names of SUBSCRIPTIONS: `both` is always there, the others where it
    was created; `wrong` by those of WRONG_ECHOES. `completions` are answers that succeeded after the first event had
    come, or a bounded time had passed without one; `already` is how many visits each subscription had before them,
    and `untold` how many of them no event told it of."""

    key: str | None
    reception: Reception
    hooks: dict[str, Hook] = field(default_factory=dict)
    wrong: dict[str, Hook] = field(default_factory=dict)
    completions: list[Answer] = field(default_factory=list)
    warm_ups: list[Answer] = field(default_factory=list)
    already: dict[str, int] = field(default_factory=dict)
    untold: dict[str, int] = field(default_factory=dict)
    arrivals: tuple[Visit, ...] = ()

    @property
    def is_subscribed(self) -> bool:
        """Whether the documented request created a webhook."""
        return self.hooks["both"].answer.is_success

    @property
    def is_told_by_id(self) -> bool:
        """Whether events have the ids that the answers to completions show."""
        visits = self.reception.visits_at(self.hooks["both"].token)
        return bool(told_of(visits, [*self.warm_ups, *self.completions]))

    def count_untold(self, name: str) -> int:
        """Return how many of the completions a subscription has not been told of by now."""
        since = self.reception.visits_at(self.hooks[name].token)[self.already.get(name, 0) :]
        return untold(since, self.completions, is_by_id=self.is_told_by_id)


async def experiment(probe: Probe) -> Experiment:
    """Return the experiment, done once in a run. Raises LeftOut and Undecided where nothing can be received."""
    done: Experiment = await probe.fact("webhook experiment", _run)
    return done


async def subscribe(
    probe: Probe, found: Reception, events: tuple[str, ...], *, key: str | None, label: str = ""
) -> Hook:
    """Ask for a webhook at an endpoint of its own."""
    token = found.new_token()
    body = {"url": found.url_of(token), "events": list(events)}
    made = await post_webhook(probe, body, key=key, label=label)
    return Hook(events=events, token=token, made=made, reception=found)


async def complete_with(probe: Probe, key: str | None) -> Answer:
    """Complete a short chat with this key, and return the answer, whatever it is."""
    return await probe.post(CHAT, await chat_body(probe), key=key, label="to cause an event")


async def _run(probe: Probe) -> Experiment:
    found = await reception(probe)
    state = Experiment(key=await webhook_key(probe), reception=found)
    try:
        await _subscribe_first(probe, state)
        if state.is_subscribed:
            await _subscribe_others(probe, state)
            await _warm_up(probe, state)
            await _complete(probe, state)
    finally:
        for hook in (*state.hooks.values(), *state.wrong.values()):
            await take_back(probe, hook.made)
    state.hooks = {name: hook.seen() for name, hook in state.hooks.items()}
    state.wrong = {name: hook.seen() for name, hook in state.wrong.items()}
    state.arrivals = tuple(found.receiver.visits)
    return state


async def _subscribe_first(probe: Probe, state: Experiment) -> None:
    """Send the documented request. How the token is to be given back is not documented: as a text, or else as JSON."""
    found = state.reception
    hook = await subscribe(probe, found, BOTH, key=state.key)
    if hook.answer.status in _NO_ACCESS and state.key != RUN_KEY:
        state.key = RUN_KEY
        hook = await subscribe(probe, found, BOTH, key=state.key)
    if not hook.answer.is_success and found.challenges():
        found.echo = echo_json
        hook = await subscribe(probe, found, BOTH, key=state.key, label="the challenge answered in JSON")
    state.hooks["both"] = hook
    if hook.answer.is_success:
        await found.receiver.wait_until(lambda: bool(found.challenges()), timeout_s=_CHALLENGE_S)


async def _subscribe_others(probe: Probe, state: Experiment) -> None:
    found = state.reception
    before = len(found.challenges())
    names = [name for name in SUBSCRIPTIONS if name not in state.hooks]
    hooks = await asyncio.gather(*(subscribe(probe, found, SUBSCRIPTIONS[name], key=state.key) for name in names))
    state.hooks.update(zip(names, hooks, strict=True))
    made = sum(hook.answer.is_success for hook in hooks)
    # Where the first was not challenged, there is nothing to wait for.
    is_settled = not before or await found.receiver.wait_until(
        lambda: len(found.challenges()) >= before + made, timeout_s=_LATER_CHALLENGE_S
    )
    if found.is_public and not is_settled:
        return  # a late challenge of a right endpoint would be answered wrongly
    for name, echo in WRONG_ECHOES.items():
        state.wrong[name] = await _subscribe_wrongly(probe, state, echo, label=f"for an endpoint that answers {name}")


async def _subscribe_wrongly(probe: Probe, state: Experiment, echo: Echo, *, label: str) -> Hook:
    """Subscribe an endpoint that does not give the token back: on a port of its own, so that no other is affected; of
    a public one, whose address is the only one, while no other is challenged."""
    found = state.reception
    if not found.is_public:
        found = await open_second(probe, found, echo)
    with found.answering(echo):
        before = len(found.challenges())
        hook = await subscribe(probe, found, (COMPLETION,), key=state.key, label=label)
        is_awaited = bool(state.reception.challenges())
        is_challenged = await found.receiver.wait_until(
            lambda: len(found.challenges()) > before, timeout_s=_LATER_CHALLENGE_S if is_awaited else 0.0
        )
    return Hook(events=hook.events, token=hook.token, made=hook.made, reception=found, is_challenged=is_challenged)


async def _warm_up(probe: Probe, state: Experiment) -> None:
    """Complete chats until the first event comes: whether an endpoint was accepted is nowhere to be seen."""
    if await _is_told(probe, state, tries=_WARM_UPS):
        return
    found = state.reception
    if found.challenges() and found.echo is not echo_json:
        found.echo = echo_json
        before = len(found.challenges())
        hook = await subscribe(probe, found, BOTH, key=state.key, label="the challenge answered in JSON")
        if not hook.answer.is_success:
            return
        await take_back(probe, state.hooks["both"].made)
        state.hooks["both"] = hook
        await found.receiver.wait_until(lambda: len(found.challenges()) > before, timeout_s=_LATER_CHALLENGE_S)
        if await _is_told(probe, state, tries=1):
            for name in [name for name in state.hooks if name != "both"]:
                await take_back(probe, state.hooks.pop(name).made)
            await _subscribe_others(probe, state)


async def _is_told(probe: Probe, state: Experiment, *, tries: int) -> bool:
    receiver = state.reception.receiver
    for _ in range(tries):
        state.warm_ups.append(await complete_with(probe, state.key))
        if await receiver.wait_until(partial(_is_anything_at, state, "both", "completions"), timeout_s=_WARM_UP_S):
            return True
    return False


def _is_anything_at(state: Experiment, *names: str) -> bool:
    return any(state.reception.visits_at(state.hooks[name].token) for name in names)


async def _complete(probe: Probe, state: Experiment) -> None:
    """Complete a few chats side by side, beside other calls that nobody subscribed to, and wait for what must come and
    for what must not."""
    receiver = state.reception.receiver
    state.already = {name: len(state.reception.visits_at(hook.token)) for name, hook in state.hooks.items()}
    answers = await asyncio.gather(
        *(complete_with(probe, state.key) for _ in range(COMPLETIONS)), _stir(probe, state.key)
    )
    state.completions = [answer for answer in answers if answer is not None and answer.is_success]
    is_expected = _is_anything_at(state, "both", "completions")
    await receiver.wait_until(partial(_is_all_told, state), timeout_s=DELIVERY_S if is_expected else 0.0)
    await asyncio.sleep(_QUIET_S)
    state.untold = {name: state.count_untold(name) for name in _subscribers(state)}


def _is_all_told(state: Experiment) -> bool:
    return all(state.count_untold(name) == 0 for name in _subscribers(state))


def _subscribers(state: Experiment) -> list[str]:
    return [name for name, hook in state.hooks.items() if COMPLETION in hook.events and hook.answer.is_success]


async def _stir(probe: Probe, key: str | None) -> None:
    """Make calls that are no chat completions; how they end does not matter."""
    try:
        model = await embeddings_model(probe)
        await probe.post(EMBEDDINGS, {"model": model, "input": "hello"}, key=key, label="which is no chat completion")
        body = await chat_body(probe, model=UNKNOWN_MODEL)
        await probe.post(CHAT, body, key=key, label="which cannot be completed")
    except Judgement:
        return


def is_about_the_url(answer: Answer) -> bool:
    """Tell whether a refusal is about where the endpoint is, which a target may choose."""
    error = read_error(answer) or {}
    words = ("url", "https", "loopback", "localhost", "private", "address", "endpoint", "host", "reach")
    said = " ".join(str(error.get(name, "")) for name in ("param", "code", "message")).lower()
    return any(word in said for word in words)
