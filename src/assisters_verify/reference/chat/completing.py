"""POST /v1/chat/completions: from the request to a whole answer or a stream."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.chat.messages import check_results
from assisters_verify.reference.chat.request import ChatRequest, read_chat_request
from assisters_verify.reference.chat.writing import Completion, write_stream, write_whole
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Draft, Message, Question
from assisters_verify.reference.model.masking import mask_all
from assisters_verify.reference.model.text import count_tokens
from assisters_verify.reference.models import find_model
from assisters_verify.reference.problems import inference_failed

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

# A prompt that holds this makes the model fail, as the documentation says models do.
FAILURE_MARKER = "[[model-failure]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPolicy:
    """The choices chat completions are made of."""

    read_request: Callable[[dict[str, Any]], ChatRequest] = read_chat_request
    check_results: Callable[[tuple[Message, ...]], None] = check_results
    compose: Callable[[Question], Draft] = compose
    mask_prompt: Callable[[str], str] = mask_all
    mask_answer: Callable[[str], str] = mask_all
    is_streamed: Callable[[ChatRequest], bool] = lambda request: request.is_streamed


async def complete_chat(call: "Call") -> Reply:
    """Answer a chat completion."""
    policy = call.behaviour.chat
    request = policy.read_request(call.json_object())
    policy.check_results(request.messages)
    model = find_model(call, request.model, ability="chat")
    completion_id = call.services.make_id("chat")
    wants_reasoning = request.wants_reasoning and "reasoning" in model.supports
    question = ask(call, request, nonce=completion_id, wants_reasoning=wants_reasoning)
    if FAILURE_MARKER in question.prompt:
        _announce(call, "model.failed", completion_id, "failed")
        raise inference_failed()
    await call.wait_for_latency()
    draft = policy.compose(question)
    if request.wants_mask:
        draft = mask_draft(draft, policy.mask_answer)
    completion = Completion(
        id=completion_id,
        created_at=int(time.time()),
        model=request.model,
        draft=draft,
        prompt_tokens=sum(count_tokens(message.text) for message in question.messages),
    )
    call.services.remember_completion(completion_id, call.customer.account)
    return write_reply(call, request, completion)


def ask(call: "Call", request: ChatRequest, *, nonce: str, wants_reasoning: bool) -> Question:
    """Return what the model is asked; with ``mask`` it never sees what is to be redacted."""
    messages = request.messages
    if request.wants_mask:
        messages = tuple(_mask_message(message, call.behaviour.chat.mask_prompt) for message in messages)
    return Question(
        messages=messages,
        tools=request.tools,
        tool_choice=request.tool_choice,
        wants_reasoning=wants_reasoning,
        is_streamed=request.is_streamed,
        max_tokens=request.max_tokens,
        tokens=call.services.options.tokens,
        seed=call.services.options.seed,
        nonce=nonce,
    )


def mask_draft(draft: Draft, mask: Callable[[str], str]) -> Draft:
    """Return the draft without personal data in text, reasoning or arguments."""
    return replace(
        draft,
        content=None if draft.content is None else mask(draft.content),
        reasoning=None if draft.reasoning is None else mask(draft.reasoning),
        calls=tuple(replace(call, arguments=mask(call.arguments)) for call in draft.calls),
    )


def _mask_message(message: Message, mask: Callable[[str], str]) -> Message:
    return replace(message, text=mask(message.text))


def write_reply(call: "Call", request: ChatRequest, completion: Completion) -> Reply:
    """Return the completion in the form the client asked for; the event goes out once it has been sent."""
    options = call.services.options
    after = (lambda: _announce(call, "chat.completion", completion.id, "completed"),)
    if call.behaviour.chat.is_streamed(request):
        return write_stream(
            completion,
            wants_usage=request.wants_usage,
            policy=call.behaviour.streaming,
            latency_s=options.latency_s,
            gap_s=options.token_gap_s,
            after=after,
        )
    return Answer(payload=write_whole(completion), after=after)


def _announce(call: "Call", event: str, completion_id: str, status: str) -> None:
    call.services.webhooks.announce(call, event, {"id": completion_id, "status": status})
