"""Readings of the model itself: random, slow, terse, wilful, and failing at times."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zlib import crc32

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, EACH, EMBEDDINGS, change, on_success
from assisters_verify.reference.model.composing import compose, find_results, shorten
from assisters_verify.reference.model.conversation import Draft, Question
from assisters_verify.reference.model.masking import mask_all
from assisters_verify.reference.model.prose import write_words
from assisters_verify.reference.model.text import cut_tokens
from assisters_verify.reference.problems import inference_failed
from assisters_verify.reference.variations import Reading

_SLOW_LATENCY_S = 0.4
_SLOW_GAP_S = 0.01
_TERSE_WORDS = 3
_OWN_WORDS = 30
_FAILS_EACH = 9
_INTRICATE = frozenset({"$ref", "pattern", "anyOf", "oneOf", "allOf"})


def _composes(write: Callable[[Question], Draft]) -> dict[str, object]:
    return {"chat.compose": write}


def _nonce_of(question: Question) -> int:
    return crc32(question.nonce.encode())


def _vary(question: Question) -> Draft:
    """Answer the same question otherwise each time."""
    return compose(replace(question, seed=_nonce_of(question)))


def _write_own_words(question: Question) -> Draft:
    """Never repeat, count or obey: write about something else."""
    draft = compose(question)
    if draft.content is None or find_results(question):
        return draft
    text = write_words(_OWN_WORDS, prompt=question.prompt, seed=question.seed)
    content, is_cut = cut_tokens(text, question.max_tokens)
    return replace(draft, content=content, finish_reason="length" if is_cut else "stop")


def _chat_around(question: Question) -> Draft:
    """Wrap what was asked for in politeness."""
    draft = compose(replace(question, max_tokens=None))
    if draft.content is None:
        return draft
    content, is_cut = cut_tokens(f'Sure! Here it is: "{draft.content}" Anything else?', question.max_tokens)
    return replace(draft, content=content, finish_reason="length" if is_cut else "stop")


def _call_nothing(question: Question) -> Draft:
    return compose(replace(question, tools=()))


def _call_at_times(question: Question) -> Draft:
    return compose(question) if _nonce_of(question) % 2 else _call_nothing(question)


def _miss_intricacies(question: Question) -> Draft:
    """Fill in parameters as if they had no patterns, references and alternatives."""
    tools = tuple(replace(tool, parameters=_without_intricacies(tool.parameters)) for tool in question.tools)
    return compose(replace(question, tools=tools))


def _without_intricacies(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _without_intricacies(part) for name, part in schema.items() if name not in _INTRICATE}
    return [_without_intricacies(part) for part in schema] if isinstance(schema, list) else schema


def _call_one_at_a_time(question: Question) -> Draft:
    draft = compose(question)
    return replace(draft, calls=draft.calls[:1])


def _slow_down(call: Call, reply: Reply) -> Reply:
    if call.route not in {CHAT, EMBEDDINGS}:
        return reply
    if isinstance(reply, Answer):
        return replace(reply, delay_s=_SLOW_LATENCY_S)
    return replace(reply, latency_s=_SLOW_LATENCY_S, gap_s=_SLOW_GAP_S)


def _fail_at_times(call: Call, value: Any) -> Any:
    """Fail every ninth run of a model."""
    if call.route in {CHAT, EMBEDDINGS}:
        count = call.services.scratch["runs"] = call.services.scratch.get("runs", 0) + 1
        if count % _FAILS_EACH == 0:
            raise inference_failed()
    return value


def _mask_with(sign: str) -> dict[str, object]:
    """Redact with another mark."""

    def mask(text: str) -> str:
        for word in ("[EMAIL]", "[CARD]", "[SSN]", "[PHONE]"):
            text = text.replace(word, sign)
        return text

    return {
        "chat.mask_prompt": lambda text: mask(mask_all(text)),
        "chat.mask_answer": lambda text: mask(mask_all(text)),
    }


READINGS: tuple[Reading, ...] = (
    Reading(
        name="model_is_random",
        title="The model answers otherwise each time.",
        choices=_composes(_vary),
    ),
    Reading(
        name="model_is_slow",
        title="The model takes its time.",
        reply=_slow_down,
    ),
    Reading(
        name="model_is_terse",
        title="The model says three words at most.",
        choices=_composes(lambda question: shorten(compose(question), _TERSE_WORDS)),
    ),
    Reading(
        name="model_does_not_repeat",
        title="The model never repeats what it is told to.",
        choices=_composes(_write_own_words),
    ),
    Reading(
        name="model_is_chatty",
        title="The model wraps what is asked for in politeness.",
        choices=_composes(_chat_around),
    ),
    Reading(
        name="model_misses_intricacies",
        title="The model calls tools as if their parameters had no patterns, references and alternatives.",
        choices=_composes(_miss_intricacies),
    ),
    Reading(
        name="model_calls_no_tools",
        title="The model never calls a tool.",
        choices=_composes(_call_nothing),
    ),
    Reading(
        name="model_calls_tools_at_times",
        title="The model calls a tool every other time.",
        choices=_composes(_call_at_times),
    ),
    Reading(
        name="model_calls_one_tool_at_a_time",
        title="The model makes one call in an answer.",
        choices=_composes(_call_one_at_a_time),
    ),
    Reading(
        name="model_fails_at_times",
        title="Every ninth run of a model ends in 500.",
        request=_fail_at_times,
    ),
    Reading(
        name="tool_messages_are_not_matched",
        title="A tool message need not answer a call.",
        choices={"chat.check_results": lambda _messages: None},
    ),
    Reading(
        name="tool_calls_have_empty_content",
        title="With a tool call the content is an empty text.",
        reply=on_success(CHAT, change(lambda content: content or "", "choices", EACH, "message", "content")),
    ),
    Reading(
        name="mask_is_stars",
        title="Personal data is redacted with stars.",
        choices=_mask_with("***"),
    ),
    Reading(
        name="mask_is_nothing",
        title="Personal data is cut out.",
        choices=_mask_with(""),
    ),
)
