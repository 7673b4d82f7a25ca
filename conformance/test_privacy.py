"""Privacy: with `mask: true` no personal data of the prompt stands anywhere in the answer."""

from typing import Any

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, chat_body, complete, expect_completion
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.masked_places import PLACES, look
from assisters_verify.contract.masking import expect_all_masked, repeat, require_shown, texts_in
from assisters_verify.contract.personal_data import Kind, draw_one, find_data, is_repeated_around, write_letter
from assisters_verify.contract.repeating import require_repeating
from assisters_verify.contract.streams import stream
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import fresh_hex

_TRIES = 3
_PLAIN_TEXT = (
    "42 small boats wait in the harbour with 350 boxes on board, and the quick brown fox jumps over 7 lazy dogs."
)
_each_place = pytest.mark.parametrize("place", list(PLACES))


@clause("PRIV-01", needs=["CHAT-02"])
async def test_mask_is_answered(probe: Probe) -> None:
    """A request with `mask: true` is a request like any other."""
    await complete(probe, mask=True, label="with mask: true")


@clause("PRIV-01", needs=["CHAT-02", "STREAM-02"])
async def test_mask_is_answered_in_a_stream(probe: Probe) -> None:
    """Streamed, too."""
    found = await stream(probe, mask=True, label="with stream: true and mask: true")
    if not found.text.strip():
        raise Broken(expected="content", received=f"{len(found.chunks)} events without any", answer=found.answer)


@clause("PRIV-02", needs=["PRIV-01"])
async def test_no_email_address_is_repeated(probe: Probe) -> None:
    """Simple ones, with a plus, at subdomains, in capitals; the first of a text and all the others."""
    await expect_all_masked(probe, Kind.EMAIL)


@clause("PRIV-02", needs=["PRIV-01"])
@_each_place
async def test_no_email_address_stands_elsewhere(probe: Probe, place: str) -> None:
    """Wherever in the prompt it came from, and wherever in the answer it could go."""
    await _expect_masked_in(probe, place, Kind.EMAIL)


@clause("PRIV-03", needs=["PRIV-01"])
async def test_no_phone_number_is_repeated(probe: Probe) -> None:
    """With brackets, dashes, dots and country codes."""
    await expect_all_masked(probe, Kind.PHONE)


@clause("PRIV-03", needs=["PRIV-01"])
@_each_place
async def test_no_phone_number_stands_elsewhere(probe: Probe, place: str) -> None:
    """Wherever in the prompt it came from, and wherever in the answer it could go."""
    await _expect_masked_in(probe, place, Kind.PHONE)


@clause("PRIV-04", needs=["PRIV-01"])
async def test_no_social_security_number_is_repeated(probe: Probe) -> None:
    """As it is written on the card."""
    await expect_all_masked(probe, Kind.SSN)


@clause("PRIV-04", needs=["PRIV-01"])
@_each_place
async def test_no_social_security_number_stands_elsewhere(probe: Probe, place: str) -> None:
    """Wherever in the prompt it came from, and wherever in the answer it could go."""
    await _expect_masked_in(probe, place, Kind.SSN)


@clause("PRIV-05", needs=["PRIV-01"])
async def test_no_card_number_is_repeated(probe: Probe) -> None:
    """Spaced, dashed and bare."""
    await expect_all_masked(probe, Kind.CARD)


@clause("PRIV-05", needs=["PRIV-01"])
@_each_place
async def test_no_card_number_stands_elsewhere(probe: Probe, place: str) -> None:
    """Wherever in the prompt it came from, and wherever in the answer it could go."""
    await _expect_masked_in(probe, place, Kind.CARD)


@clause("PRIV-06", needs=["PRIV-01", "STREAM-01"])
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
async def test_nothing_is_repeated_in_a_stream(probe: Probe, kind: Kind) -> None:
    """Neither in a single piece, nor in what the pieces join to."""
    await expect_all_masked(probe, kind, is_stream=True)


_NO_BOOLEANS: list[Any] = ["true", "yes", "false", "", 1, 0, 0.5, [True], {"email": True}]


@clause("PRIV-07", needs=["CHAT-01"])
@pytest.mark.parametrize("value", _NO_BOOLEANS, ids=repr)
async def test_mask_that_is_no_boolean_is_refused(probe: Probe, value: Any) -> None:
    """True or false: 400 for anything else, since a client that asks for a mask must not get an open answer."""
    answer = await probe.post(CHAT, await chat_body(probe, mask=value), label=f"with mask {value!r}")
    expect_refusal(answer, 400, param="mask", why="mask not a boolean")


@clause("PRIV-07", needs=["CHAT-01", "STREAM-01"])
@pytest.mark.parametrize("value", ["true", 1], ids=repr)
async def test_streamed_request_is_checked_as_well(probe: Probe, value: Any) -> None:
    """With `stream: true` the refusal is the same, and plain."""
    body = await chat_body(probe, mask=value, stream=True)
    answer = await probe.post(CHAT, body, is_stream=True, label=f"with stream: true and mask {value!r}")
    expect_refusal(answer, 400, param="mask", why="mask not a boolean")


@clause("PRIV-08", needs=["CHAT-01"])
async def test_mask_false_masks_nothing(probe: Probe) -> None:
    """A text that comes back with `mask: false` comes back with its personal data."""
    data = [draw_one(kind) for kind in Kind]
    letter = write_letter(data)
    left, blanked = data, 0
    for _ in range(_TRIES):
        answer = await repeat(probe, letter, mask=False, label="with mask: false, to repeat a text")
        shown = find_data(data, texts_in(answer))
        left = [datum for datum in left if datum not in shown]
        if not left:
            return
        blanked += is_repeated_around(data, letter, expect_completion(answer))
    if blanked < _TRIES:  # the model may have left them out
        await require_shown(probe, data)
    received = f"{_TRIES} answers without the {' and '.join(datum.kind for datum in left)}"
    raise Broken(expected="the text left as it is", received=received, answer=answer)


@clause("PRIV-09", needs=["PRIV-01"])
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
async def test_rare_forms_are_masked(probe: Probe, kind: Kind) -> None:
    """What only few write so: a phone number of bare digits, a social security number with spaces, and the like."""
    await expect_all_masked(probe, kind, forms="rare")


@clause("PRIV-10", needs=["PRIV-01"])
async def test_other_text_is_left_alone(probe: Probe) -> None:
    """A sentence about nobody comes back with `mask: true` as it does without."""
    text = f"{_PLAIN_TEXT} {_word()} {_word()}"
    for _ in range(_TRIES):
        answer = await repeat(probe, text, mask=True, label="with mask: true, to repeat a text about nobody")
        if text in expect_completion(answer):
            return
    await require_repeating(probe)
    control = await repeat(probe, text, label="without mask, to repeat a text about nobody")
    if text not in expect_completion(control):
        raise Undecided("without mask the model does not repeat the text either", answer=control)
    received = f"{expect_completion(answer)[:160]!r}, {_TRIES} times"
    raise Broken(expected="a text without personal data as it is", received=received, answer=answer)


async def _expect_masked_in(probe: Probe, place: str, kind: Kind) -> None:
    finding = await look(probe, place)
    for datum, answer in finding.leaks:
        if datum.kind is kind:
            received = f"{datum.text!r} in the answer"
            raise Broken(expected=f"no {kind} of the prompt ({place})", received=received, answer=answer)
    if kind not in [datum.kind for datum in finding.shown]:
        raise NotApplicable(f"without mask the {kind} is not in the answer either ({place})", answer=finding.control)


def _word() -> str:
    """Return a new word of letters alone, which no mask takes for a number."""
    return "".join(chr(ord("a") + int(sign, 16)) for sign in fresh_hex(8))
