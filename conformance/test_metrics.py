"""Metrics: readable by a machine, on latency and errors, moved by traffic, and without keys."""

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.leaks import expect_no_key, own_keys
from assisters_verify.contract.metrics import METRICS, Metrics, Subject, expect_metrics
from assisters_verify.contract.models import MODELS, UNKNOWN_MODEL
from assisters_verify.contract.routes import is_missing
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import Broken, NotApplicable, NotThere, Undecided
from assisters_verify.probe import Probe

_FORMS = {
    "json": "application/json",
    "prometheus": "text/plain; version=0.0.4",
    "openmetrics": "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5",
}
# Figures may be gathered every few seconds only.
_PAUSES_S = (0.3, 0.7, 1.5, 2.5, 5.0)


@clause("METRIC-01", needs=["AUTH-01"])
async def test_metrics_can_be_parsed(probe: Probe) -> None:
    """Whatever form the target chooses, a machine can read it."""
    answer = await probe.get(METRICS)
    if is_missing(answer):
        raise NotThere(f"GET {METRICS} is not there: {answer.describe()}", answer=answer)
    expect_metrics(answer)


@clause("METRIC-01", needs=["AUTH-01"])
@pytest.mark.parametrize("form", list(_FORMS))
async def test_metrics_can_be_parsed_in_any_form_that_comes(probe: Probe, form: str) -> None:
    """A client that asks for one form gets one that can be read, unless the target has only another."""
    answer = await probe.get(METRICS, headers=[("Accept", _FORMS[form])], label=f"with Accept: {_FORMS[form]}")
    if answer.status == 406 or is_missing(answer):
        raise NotApplicable(f"the target has no metrics as {form}")
    expect_metrics(answer)


@clause("METRIC-02", needs=["METRIC-01"])
async def test_metrics_cover_latency(probe: Probe) -> None:
    """A figure has a name that speaks of how long requests take."""
    _expect_covered(await _metrics_after_traffic(probe), Subject.LATENCY)


@clause("METRIC-03", needs=["METRIC-01"])
async def test_metrics_cover_errors(probe: Probe) -> None:
    """A figure has a name that speaks of errors, or of requests by their status."""
    _expect_covered(await _metrics_after_traffic(probe), Subject.ERRORS)


@clause("METRIC-04", needs=["METRIC-01"])
async def test_metrics_move_with_traffic(probe: Probe) -> None:
    """After some more requests, one of them refused, some figure is another."""
    before = (await _read(probe)).moving
    await _make_traffic(probe)
    after = await ask_until(lambda: _read(probe), lambda found: found.moving != before, pauses_s=_PAUSES_S)
    if after.moving == before:
        received = f"the same {len(before)} after {sum(_PAUSES_S):g} s"
        raise Broken(expected="figures that move with traffic", received=received, answer=after.answer)


@clause("METRIC-05", needs=["METRIC-01"], is_last=True)
async def test_no_metric_holds_a_key(probe: Probe) -> None:
    """Figures may be kept by key, but not under the key itself."""
    await _read(probe)
    keys = own_keys(probe)
    for answer in [seen for seen in probe.session.seen if seen.path.startswith(METRICS)]:
        if answer.is_success:
            expect_no_key(answer, keys)


async def _metrics_after_traffic(probe: Probe) -> Metrics:
    """Return the metrics after a completion and an error, waited for until they cover both."""

    async def find(finder: Probe) -> Metrics:
        await _make_traffic(finder)
        return await ask_until(lambda: _read(finder), lambda found: all(map(found.covers, Subject)), pauses_s=_PAUSES_S)

    metrics: Metrics = await probe.fact("metrics after traffic", find)
    return metrics


async def _make_traffic(probe: Probe) -> None:
    body = await chat_body(probe)
    await probe.post(CHAT, body)
    await probe.post(CHAT, {**body, "model": UNKNOWN_MODEL})
    await probe.get(MODELS)


async def _read(probe: Probe) -> Metrics:
    return expect_metrics(await probe.get(METRICS))


def _expect_covered(metrics: Metrics, subject: Subject) -> None:
    if metrics.covers(subject):
        return
    if metrics.names(subject):
        raise Undecided(f"there is a word on {subject}, but no figure after traffic", answer=metrics.answer)
    names = ", ".join(metrics.all_names)[:300] or "none"
    raise Broken(expected=f"a figure on {subject}", received=f"figures named {names}", answer=metrics.answer)
