"""Deletion of stored data on a customer's wish."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.problems import not_found

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call


def owns(call: "Call", completion_id: str) -> bool:
    """Tell whether the completion is there and belongs to the caller's account."""
    return call.services.completions.get(completion_id) == call.customer.account


def erase(call: "Call", completion_id: str) -> None:
    """Forget the completion, and the stored answers that would show it again."""
    call.services.completions.pop(completion_id, None)
    call.services.idempotency.forget_completion(completion_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPolicy:
    """The choices deletion is made of."""

    owns: Callable[["Call", str], bool] = owns
    erase: Callable[["Call", str], None] = erase


async def delete_data(call: "Call") -> Answer:
    """DELETE /v1/data/{id}: forget a completion."""
    policy, completion_id = call.behaviour.data, call.path_params["id"]
    if not policy.owns(call, completion_id):
        raise not_found("No data with this id.", param="id", code="data_not_found")
    policy.erase(call, completion_id)
    return Answer(payload={"id": completion_id, "object": "data", "deleted": True})
