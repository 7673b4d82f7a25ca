"""Faults of the list of models."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer, EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    CHAT,
    EACH,
    EMBEDDINGS,
    FIRST_REFUSAL,
    MODELS,
    change,
    drop,
    on_answer,
    on_success,
    put,
)
from assisters_verify.reference.models import CATALOGUE, Model
from assisters_verify.reference.problems import bad_request, inference_failed, model_not_found
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="models")
_LAST = CATALOGUE[1].id
_EMBEDDING = CATALOGUE[2].id


def _with_supports(model_id: str, *supports: str) -> tuple[Model, ...]:
    """Return the catalogue with other claims of one model."""
    return tuple(replace(model, supports=supports) if model.id == model_id else model for model in CATALOGUE)


def _refuse_model(route: str, model_id: str, error: Callable[[], Exception]) -> Callable[[Call, Any], Any]:
    """Return a request edit that refuses a listed model on a route."""

    def check(call: Call, value: Any) -> Any:
        if call.route == route and isinstance(value, dict) and value.get("model") == model_id:
            raise error()
        return value

    return check


def _at_times(edit: Callable[[Any], Any]) -> Callable[[Call, Reply], Reply]:
    """Return an edit of the models in every other list, the first one left out."""

    def edit_reply(call: Call, reply: Reply) -> Reply:
        if call.route != MODELS or not isinstance(reply, Answer) or reply.status >= FIRST_REFUSAL:
            return reply
        count = call.services.scratch["lists"] = call.services.scratch.get("lists", 0) + 1
        return reply if count % 2 else on_success(MODELS, change(edit, "models"))(call, reply)

    return edit_reply


def _forget_reasoning(call: Call, reply: Reply) -> Reply:
    """Answer for one model without its reasoning."""
    if call.route != CHAT or _LAST.encode() not in call.body:
        return reply
    if isinstance(reply, EventStream):
        return replace(reply, frames=tuple(frame for frame in reply.frames if not _carries_reasoning(frame.data)))
    return on_success(CHAT, drop("choices", EACH, "message", "reasoning"))(call, reply)


def _carries_reasoning(data: Any) -> bool:
    choices: list[Any] = data.get("choices") or [] if isinstance(data, dict) else []
    return any("reasoning" in choice["delta"] for choice in choices)


def _last_entry(edit: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    """Return an edit of the last model alone: what is checked on the first is not always true of all."""

    def edit_payload(payload: Any) -> Any:
        edit(payload["models"][-1])
        return payload

    return edit_payload


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="models_stand_under_data",
        clause="MODEL-01",
        title="The list stands under `data`, as in other APIs.",
        reply=on_success(MODELS, lambda payload: {"object": "list", "data": payload["models"]}),
    ),
    _fault(
        name="models_come_as_bare_list",
        clause="MODEL-01",
        title="The answer is the list itself.",
        reply=on_success(MODELS, lambda payload: payload["models"]),
    ),
    _fault(
        name="models_are_empty",
        clause="MODEL-01",
        title="The list is empty.",
        reply=on_success(MODELS, lambda _payload: {"models": []}),
    ),
    _fault(
        name="models_are_a_mapping",
        clause="MODEL-01",
        title="`models` maps ids to models.",
        reply=on_success(MODELS, change(lambda models: {model["id"]: model for model in models}, "models")),
    ),
    _fault(
        name="models_are_a_mapping_at_times",
        clause="MODEL-01",
        title="In every other list `models` maps ids to models.",
        reply=_at_times(lambda models: {model["id"]: model for model in models}),
    ),
    _fault(
        name="models_are_bare_ids",
        clause="MODEL-01",
        title="`models` lists ids instead of objects.",
        reply=on_success(MODELS, change(lambda models: [model["id"] for model in models], "models")),
    ),
    _fault(
        name="models_answer_is_503",
        clause="MODEL-01",
        title="The list comes with an error status: 503, though it is there.",
        reply=on_answer(MODELS, lambda answer: replace(answer, status=503)),
    ),
    _fault(
        name="last_model_lacks_id",
        clause="MODEL-02",
        title="The last model has no `id`.",
        reply=on_success(MODELS, _last_entry(drop("id"))),
    ),
    _fault(
        name="last_model_has_empty_id",
        clause="MODEL-02",
        title="The last model's `id` is an empty text.",
        reply=on_success(MODELS, _last_entry(put("", "id"))),
    ),
    _fault(
        name="model_ids_are_numbers",
        clause="MODEL-02",
        title="Each `id` is a number.",
        reply=on_success(MODELS, change(hash, "models", EACH, "id")),
    ),
    _fault(
        name="last_model_lacks_name",
        clause="MODEL-02",
        title="The last model has no `name`.",
        reply=on_success(MODELS, _last_entry(drop("name"))),
    ),
    _fault(
        name="model_names_are_null",
        clause="MODEL-02",
        title="Each `name` is null.",
        reply=on_success(MODELS, put(None, "models", EACH, "name")),
    ),
    _fault(
        name="model_names_are_empty",
        clause="MODEL-02",
        title="Each `name` is an empty text.",
        reply=on_success(MODELS, put("", "models", EACH, "name")),
    ),
    _fault(
        name="last_model_lacks_max_tokens",
        clause="MODEL-03",
        title="The last model has no `max_tokens`.",
        reply=on_success(MODELS, _last_entry(drop("max_tokens"))),
    ),
    _fault(
        name="model_max_tokens_is_text",
        clause="MODEL-03",
        title="Each `max_tokens` is a text.",
        reply=on_success(MODELS, change(str, "models", EACH, "max_tokens")),
    ),
    _fault(
        name="model_max_tokens_is_zero",
        clause="MODEL-03",
        title="The last model's `max_tokens` is 0.",
        reply=on_success(MODELS, _last_entry(put(0, "max_tokens"))),
    ),
    _fault(
        name="model_max_tokens_is_negative",
        clause="MODEL-03",
        title="The last model's `max_tokens` is -1, for without bound.",
        reply=on_success(MODELS, _last_entry(put(-1, "max_tokens"))),
    ),
    _fault(
        name="model_max_tokens_is_null",
        clause="MODEL-03",
        title="The last model's `max_tokens` is null.",
        reply=on_success(MODELS, _last_entry(put(None, "max_tokens"))),
    ),
    _fault(
        name="model_max_tokens_is_boolean",
        clause="MODEL-03",
        title="The last model's `max_tokens` is true.",
        reply=on_success(MODELS, _last_entry(put(True, "max_tokens"))),
    ),
    _fault(
        name="last_model_lacks_supports",
        clause="MODEL-04",
        title="The last model has no `supports`.",
        reply=on_success(MODELS, _last_entry(drop("supports"))),
    ),
    _fault(
        name="supports_is_a_text",
        clause="MODEL-04",
        title="`supports` is one text with commas.",
        reply=on_success(MODELS, change(",".join, "models", EACH, "supports")),
    ),
    _fault(
        name="supports_is_a_mapping",
        clause="MODEL-04",
        title="`supports` maps abilities to true.",
        reply=on_success(MODELS, change(lambda names: dict.fromkeys(names, True), "models", EACH, "supports")),
    ),
    _fault(
        name="supports_holds_null",
        clause="MODEL-04",
        title="`supports` holds a null beside the texts.",
        reply=on_success(MODELS, _last_entry(change(lambda names: [*names, None], "supports"))),
    ),
    _fault(
        name="model_is_listed_twice",
        clause="MODEL-05",
        title="One model is listed twice.",
        reply=on_success(MODELS, change(lambda models: [*models, models[0]], "models")),
    ),
    _fault(
        name="model_is_listed_twice_at_times",
        clause="MODEL-05",
        title="In every other list one model stands twice.",
        reply=_at_times(lambda models: [*models, models[0]]),
    ),
    _fault(
        name="listed_chat_model_is_unknown",
        clause="MODEL-06",
        title="A listed chat model is refused with 404.",
        request=_refuse_model(CHAT, _LAST, model_not_found),
    ),
    _fault(
        name="listed_chat_model_fails",
        clause="MODEL-06",
        title="A listed chat model fails each time.",
        request=_refuse_model(CHAT, _LAST, inference_failed),
    ),
    _fault(
        name="embedding_model_claims_chat",
        clause="MODEL-06",
        title="The embedding model lists `chat`, and refuses it.",
        choices={"models.catalogue": _with_supports(_EMBEDDING, "embeddings", "chat")},
        request=_refuse_model(
            CHAT, _EMBEDDING, partial(bad_request, "This model does not support chat.", param="model")
        ),
    ),
    _fault(
        name="chat_model_claims_embeddings",
        clause="MODEL-07",
        title="A chat model lists `embeddings`, and refuses them.",
        choices={"models.catalogue": _with_supports(_LAST, "chat", "reasoning", "tools", "embeddings")},
        request=_refuse_model(
            EMBEDDINGS, _LAST, partial(bad_request, "This model does not support embeddings.", param="model")
        ),
    ),
    _fault(
        name="claimed_reasoning_is_missing",
        clause="MODEL-08",
        title="A model that lists `reasoning` answers without it.",
        reply=_forget_reasoning,
    ),
    _fault(
        name="claimed_reasoning_is_refused",
        clause="MODEL-08",
        title="A model that lists `reasoning` refuses the parameter.",
        request=lambda call, value: (
            _refuse_model(CHAT, _LAST, partial(bad_request, "This model does not reason.", param="reasoning"))(
                call, value
            )
            if isinstance(value, dict) and value.get("reasoning")
            else value
        ),
    ),
    _fault(
        name="models_say_plain_text",
        clause="MODEL-11",
        title="The list of models is JSON, but says text/plain.",
        reply=on_answer(MODELS, lambda answer: replace(answer, content_type="text/plain")),
    ),
    _fault(
        name="list_of_models_changes",
        clause="MODEL-09",
        title="Every other list lacks a model.",
        reply=_at_times(lambda models: models[:-1]),
    ),
)
