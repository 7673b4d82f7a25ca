"""Faults of redaction."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.chat.request import ChatRequest, read_chat_request
from assisters_verify.reference.edits import CHAT, content_of, on_body, with_content
from assisters_verify.reference.model.masking import MASKS, mask_all
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="privacy")


def _masks(mask: Callable[[str], str]) -> dict[str, object]:
    return {"chat.mask_prompt": mask, "chat.mask_answer": mask}


def masks_without(*names: str) -> Callable[[str], str]:
    """Return a mask that leaves some kinds of data in."""

    def mask(text: str) -> str:
        for name, mask_one in MASKS.items():
            if name not in names:
                text = mask_one(text)
        return text

    return mask


def _plain_digits_alone(text: str) -> str:
    """Know a card number only when its digits stand together."""
    words = [MASKS["card"](word) for word in text.split(" ")]
    return masks_without("card", "phone")(" ".join(words))


def _national_phones_alone(text: str) -> str:
    """Know a telephone number only without a country code."""
    words = text.split(" ")
    if not any(word.startswith("+") for word in words):
        return mask_all(text)
    return masks_without("phone")(text)


def _coerces(matches: Callable[[Any], bool], *, value: bool | None) -> Callable[..., Any]:
    return on_body(CHAT, lambda body: {**body, "mask": value} if matches(body.get("mask")) else body)


def _refuse_mask(body: dict[str, Any]) -> Any:
    if body.get("mask"):
        raise bad_request("Unknown parameter: mask.", param="mask")
    return body


def _break_mask(body: dict[str, Any]) -> Any:
    if body.get("mask"):
        raise internal_error()
    return body


def _forget_mask_of_streams(body: dict[str, Any]) -> ChatRequest:
    request = read_chat_request(body)
    return replace(request, wants_mask=request.wants_mask and not request.is_streamed)


def _mask_pieces(call: Call, reply: Reply) -> Reply:
    """Redact each piece of a stream alone."""
    if not isinstance(reply, EventStream) or b'"mask":true' not in call.body.replace(b" ", b""):
        return reply
    frames = [
        with_content(frame, mask_all(content_of(frame))) if content_of(frame) else frame for frame in reply.frames
    ]
    return replace(reply, frames=tuple(frames))


def _mask_unless_told(body: dict[str, Any]) -> ChatRequest:
    return replace(read_chat_request(body), wants_mask=True)


def _keep(pattern: str) -> Callable[[str], str]:
    """Return a mask that leaves in what matches."""
    kept = re.compile(pattern)

    def mask(text: str) -> str:
        words = dict(enumerate(kept.findall(text)))
        for number, word in words.items():
            text = text.replace(word, f"\x00{number:c}\x00")
        text = mask_all(text)
        for number, word in words.items():
            text = text.replace(f"\x00{number:c}\x00", word)
        return text

    return mask


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="mask_is_refused",
        clause="PRIV-01",
        title="`mask: true` is refused.",
        request=on_body(CHAT, _refuse_mask),
    ),
    _fault(
        name="mask_breaks_server",
        clause="PRIV-01",
        title="`mask: true` ends in 500.",
        request=on_body(CHAT, _break_mask),
    ),
    _fault(
        name="emails_are_not_masked",
        clause="PRIV-02",
        title="E-mail addresses are not redacted.",
        choices=_masks(masks_without("email")),
    ),
    _fault(
        name="unusual_emails_are_not_masked",
        clause="PRIV-02",
        title="E-mail addresses with a plus or a subdomain are not redacted.",
        choices=_masks(_keep(r"[\w.]+\+[\w.]+@[\w.]+|[\w.]+@\w+\.\w+\.\w+")),
    ),
    _fault(
        name="phones_are_not_masked",
        clause="PRIV-03",
        title="Phone numbers are not redacted.",
        choices=_masks(masks_without("phone")),
    ),
    _fault(
        name="international_phones_are_not_masked",
        clause="PRIV-03",
        title="Phone numbers with a country code are not redacted.",
        choices=_masks(_national_phones_alone),
    ),
    _fault(
        name="social_security_numbers_are_not_masked",
        clause="PRIV-04",
        title="Social security numbers are not redacted.",
        choices=_masks(masks_without("ssn", "phone")),
    ),
    _fault(
        name="cards_are_not_masked",
        clause="PRIV-05",
        title="Card numbers are not redacted.",
        choices=_masks(masks_without("card", "phone")),
    ),
    _fault(
        name="spaced_cards_are_not_masked",
        clause="PRIV-05",
        title="Card numbers in groups are not redacted.",
        choices=_masks(_plain_digits_alone),
    ),
    _fault(
        name="streams_are_not_masked",
        clause="PRIV-06",
        title="Streamed answers are not redacted.",
        choices={"chat.read_request": _forget_mask_of_streams},
    ),
    _fault(
        name="streams_are_masked_by_chunk",
        clause="PRIV-06",
        title="Each chunk of a stream is redacted alone, so what two chunks share stays.",
        choices={"chat.read_request": _forget_mask_of_streams},
        reply=_mask_pieces,
    ),
    _fault(
        name="mask_as_text_is_accepted",
        clause="PRIV-07",
        title="`mask` as a text counts as true.",
        request=_coerces(lambda value: isinstance(value, str), value=True),
    ),
    _fault(
        name="mask_as_number_is_accepted",
        clause="PRIV-07",
        title="`mask` as a number counts as true.",
        request=_coerces(lambda value: isinstance(value, int) and not isinstance(value, bool), value=True),
    ),
    _fault(
        name="mask_as_object_is_ignored",
        clause="PRIV-07",
        title="`mask` as an object or a list is ignored.",
        request=_coerces(lambda value: isinstance(value, dict | list), value=None),
    ),
    _fault(
        name="mask_false_masks",
        clause="PRIV-08",
        title="`mask: false` redacts too.",
        choices={"chat.read_request": _mask_unless_told},
    ),
    _fault(
        name="rare_forms_are_not_masked",
        clause="PRIV-09",
        title="Bare phone numbers, social security numbers with spaces and cards of 15 digits are not redacted.",
        choices=_masks(_keep(r"(?<![\d+])\d{10}(?!\d)|\d{3} \d{2} \d{4}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}")),
    ),
    _fault(
        name="mask_redacts_every_number",
        clause="PRIV-10",
        title="With `mask: true` every number is redacted.",
        choices=_masks(lambda text: re.sub(r"\d+", "[NUMBER]", mask_all(text))),
    ),
)
