"""Examine a target as the doctor does: what stands in the way first, then what seems to be there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.contract.completions import CHAT
from assisters_verify.contract.models import DOCUMENTED_CHAT, MODELS
from assisters_verify.contract.soundings import Chart, Echo, Sound, read_models, sound_out
from assisters_verify.doctor import Finding, Mark, Visitor
from assisters_verify.doctor.looks import (
    look_at_clock,
    look_at_latency,
    look_at_limits,
    look_at_receiver,
    look_at_tls,
)
from assisters_verify.doctor.visitor import TooManyRequests
from assisters_verify.settings import RunSettings
from assisters_verify.wire import NoAnswer, Wire

MOST_MODELS = 12
_UNAUTHORIZED = 401
_REFUSED = frozenset({401, 403})
_SAMPLES = 3


@dataclass(slots=True, kw_only=True)
class Examination:
    """What was found out, and what it cost: `spent` counts requests, tokens and bytes. `shown` are secrets that the
    target showed, which nobody is to see."""

    findings: list[Finding] = field(default_factory=list)
    models: Chart = field(default_factory=Chart)
    echoes: list[Echo] = field(default_factory=list)
    spent: dict[str, int] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set, repr=False)

    def note(self, topic: str, text: str, mark: Mark = Mark.WELL, remedy: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(topic=topic, text=text, mark=mark, remedy=remedy))


async def examine(settings: RunSettings) -> Examination:
    """Look at the target of these settings, which has a base URL and a key."""
    target, chart = settings.target, Examination()
    base_url, api_key = target.base_url, settings.secrets.api_key
    assert base_url is not None
    assert api_key is not None
    chart.note("reach", f"{base_url} speaks HTTP")
    chart.findings.append(await look_at_tls(base_url, target.ca_file))
    async with Wire(str(base_url), ca_file=target.ca_file) as wire:
        # The first request was the look whether anything speaks HTTP there.
        visitor = Visitor(wire=wire, api_key=api_key.get_secret_value(), timeout_s=target.timeout_s, requests=1)
        try:
            async with asyncio.timeout(target.deadline_s):
                await _question(visitor, chart)
        except TimeoutError:
            text = f"not all of it came within the deadline of {target.deadline_s:g} s"
            chart.note("answers", text, Mark.TROUBLE, "Is the target fast enough? Or set `deadline_s`, or --timeout.")
        except NoAnswer as problem:
            chart.note("answers", f"a request got none: {problem}", Mark.TROUBLE, "Is the target up, and fast enough?")
        except TooManyRequests:
            remedy = "Wait a minute, or take a key that nobody else uses."
            chart.note("rate limit", "the key has used up its limit (429)", Mark.TROUBLE, remedy)
        chart.findings.append(await look_at_receiver(target.webhook, base_url))
    names = ("requests", "tokens", "bytes_sent", "bytes_received")
    chart.spent = {name: getattr(visitor, name) for name in names}
    chart.shown = visitor.shown
    return chart


async def _question(visitor: Visitor, chart: Examination) -> None:
    keyless = await visitor.ask("GET", MODELS, has_key=False)
    answers = [await visitor.ask("GET", MODELS) for _ in range(_SAMPLES)]
    last = answers[-1]
    is_let_in = _note_key(chart, keyless.status, last.status, last.describe())
    chart.findings.append(look_at_clock(last.headers.get("date")))
    chart.findings.append(look_at_limits(last.headers))
    samples: dict[str, list[float]] = {f"GET {MODELS}": [answer.total_s for answer in answers]}
    if is_let_in:
        chart.models = Chart(listed=read_models(last))
        _note_models(chart, last.describe())
        chart.echoes = await sound_out(visitor.ask, chart.models)
        _note_areas(chart)
        chat = await visitor.ask("POST", CHAT, _small_chat(chart.models))
        samples["a short completion"] = [chat.total_s]
    chart.findings.append(look_at_latency(samples))


def _small_chat(models: Chart) -> dict[str, Any]:
    model = models.choose("chat", DOCUMENTED_CHAT)
    return {"model": model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}


def _note_key(chart: Examination, keyless: int, keyed: int, described: str) -> bool:
    if keyed in _REFUSED:
        remedy = "Is it the key of this target? A run would find nothing but refusals."
        chart.note("key", f"refused: {described}", Mark.TROUBLE, remedy)
        return False
    if keyless != _UNAUTHORIZED:
        chart.note("key", f"let in; but without a key the answer is {keyless}, not 401", Mark.NOTE)
    else:
        chart.note("key", "let in with it, refused with 401 without")
    return True


def _note_models(chart: Examination, described: str) -> None:
    listed = chart.models.listed
    if not listed:
        remedy = "Name models in the target file (`models`); the list is what most checks begin with."
        chart.note("models", f"no list of models: {described}", Mark.NOTE, remedy)
        return
    said = [f"{name} ({', '.join(claims) or 'claims nothing'})" for name, claims in listed.items()]
    more = f" and {len(said) - MOST_MODELS} more" if len(said) > MOST_MODELS else ""
    chart.note("models", "; ".join(said[:MOST_MODELS]) + more)


def _note_areas(chart: Examination) -> None:
    heard = {sound: [echo for echo in chart.echoes if echo.sound is sound] for sound in Sound}
    chart.note("areas", f"seem to be there: {areas_of(heard[Sound.THERE]) or 'none'}")
    for echo in heard[Sound.MISSING]:
        chart.note(echo.area, f"not there: {echo.seen}", Mark.NOTE)
    for echo in heard[Sound.UNCLEAR]:
        chart.note(echo.area, f"not clear: {echo.seen}", Mark.NOTE)


def areas_of(echoes: Sequence[Echo]) -> str:
    """Return the areas in a row."""
    return ", ".join(echo.area for echo in echoes)
