"""Judge a recorded answer by the schema that the contract has for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from assisters_verify.properties.contract import Contract, Operation
from assisters_verify.properties.violations import find_violations

EVENT_STREAM = "text/event-stream"
_MAX_REPORTED = 10


def judge_schema(spec: Mapping[str, Any], operation: str, *, status: int, content_type: str, body: Any) -> list[str]:
    """Return how an answer breaks the contract, each in words with a JSON pointer; nothing where it keeps it.

    `operation` is "POST /v1/embeddings" as the contract writes it. `content_type` may have parameters, and is empty
    where none was sent. `body` is the parsed JSON; for an event stream the list of its events' data; for other text
    the text. Raises ValueError for an operation that the contract does not have.
    """
    contract = Contract(spec)
    response = _find_response(contract, contract.operation(operation), status)
    if isinstance(response, str):
        return [response]
    content = response.get("content")
    if content is None:
        return []
    media_type = _find_media_type(content, content_type)
    if media_type is None:
        received = content_type or "none"
        return [f"content type: expected {' or '.join(content)}, received {received} (with status {status})"]
    schema = content[media_type].get("schema", {})
    if media_type == EVENT_STREAM:
        return _judge_events(contract, schema, body)[:_MAX_REPORTED]
    return [str(violation) for violation in find_violations(contract.validator(schema), body)][:_MAX_REPORTED]


def _judge_events(contract: Contract, schema: Mapping[str, Any], events: Sequence[str]) -> list[str]:
    validator = contract.validator(schema)
    return [
        f"event {index} {violation}"
        for index, data in enumerate(events)
        for violation in find_violations(validator, {"data": data})
    ]


def _find_response(contract: Contract, operation: Operation, status: int) -> Mapping[str, Any] | str:
    """Return the response that describes this status best, or why there is none."""
    responses = operation.definition["responses"]
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in responses:
            return contract.resolve(responses[key])
    return f"status: expected {' or '.join(responses)}, received {status}"


def _find_media_type(content: Mapping[str, Any], content_type: str) -> str | None:
    essence = content_type.partition(";")[0].strip().lower()
    group = essence.partition("/")[0]
    candidates = (essence, f"{group}/*", "*/*")
    return next((candidate for candidate in candidates if candidate in content), None)
