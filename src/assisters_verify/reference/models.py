"""The model catalogue, and the route that lists it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.problems import bad_request, model_not_found

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model, as the list shows it."""

    id: str
    name: str
    max_tokens: int
    supports: tuple[str, ...]

    def describe(self) -> dict[str, Any]:
        """Return the documented four fields."""
        return {
            "id": self.id,
            "name": self.name,
            "max_tokens": self.max_tokens,
            "supports": list(self.supports),
        }


CATALOGUE = (
    Model(id="gpt-4.1-mini", name="GPT-4.1 Mini", max_tokens=128_000, supports=("chat", "embeddings", "reasoning")),
    Model(id="gpt-4.1-ultra", name="GPT-4.1 Ultra", max_tokens=256_000, supports=("chat", "reasoning", "tools")),
    Model(id="text-embedding-3-small", name="Text Embedding 3 Small", max_tokens=8192, supports=("embeddings",)),
    Model(id="gpt-4.1-nano", name="GPT-4.1 Nano", max_tokens=32_000, supports=("chat",)),
)


def find_by_id(models: tuple[Model, ...], model_id: str) -> Model | None:
    """Return the model of exactly that id."""
    return next((model for model in models if model.id == model_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPolicy:
    """The choices the models are made of."""

    catalogue: tuple[Model, ...] = CATALOGUE
    find: Callable[[tuple[Model, ...], str], Model | None] = find_by_id


async def list_models(call: "Call") -> Answer:
    """GET /v1/models."""
    return Answer(payload={"models": [model.describe() for model in call.behaviour.models.catalogue]})


def require_model(body: dict[str, Any]) -> str:
    """Return the body's model id.

    Raises:
        ApiError: 400, where it is missing or no string.
    """
    model_id = body.get("model")
    if model_id is None:
        raise bad_request("Missing model parameter.", param="model", code="missing_parameter")
    if not isinstance(model_id, str):
        raise bad_request("model must be a string.", param="model")
    return model_id


def find_model(call: "Call", model_id: str, *, ability: str | None = None) -> Model:
    """Return the model.

    Raises:
        ApiError: 404 for an unknown one, 400 for one that lacks the ability.
    """
    policy = call.behaviour.models
    model = policy.find(policy.catalogue, model_id)
    if model is None:
        raise model_not_found()
    if ability is not None and ability not in model.supports:
        raise bad_request(f"This model does not support {ability}.", param="model", code="model_not_supported")
    return model
