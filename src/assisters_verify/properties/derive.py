"""Derive what may be asked of an operation: the open request, the accepted one, and documents to draw from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from assisters_verify.properties.contract import Contract, Operation

ACCEPTED = "x-accepted-by-all"
_JSON = "application/json"
JSON_HEADERS = (("content-type", _JSON),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestShape:
    """What is known of an operation's requests.

    `body` is the schema of what a server may accept, `accepted` of what every server accepts; both None without a body.
    `query` holds the documented values, and `path` is filled in and percent-encoded.
    `fixed` holds what the caller gave for fields and parameters, by name.
    """

    operation: Operation
    body: Mapping[str, Any] | None
    accepted: Mapping[str, Any] | None
    query: Mapping[str, str]
    path: str
    fixed: Mapping[str, Any]

    def target(self, **query: str) -> str:
        """Return path and query, with these values in place of the documented ones."""
        values = {**self.query, **query}
        return f"{self.path}?{urlencode(values, quote_via=quote)}" if values else self.path


def derive_shape(contract: Contract, operation: Operation, fixed: Mapping[str, Any]) -> RequestShape:
    """Return the shape of an operation's requests, with these values for the fields and parameters of these names.

    Raises ValueError where a path parameter has no value, where no request is sure to be accepted, or where a name is
    that of no field and no parameter.
    """
    media = _json_media(contract, operation)
    body = None if media is None else contract.resolve(media["schema"])
    parameters = {parameter["name"] for parameter in operation.parameters if parameter["in"] in {"path", "query"}}
    names = parameters | set((body or {}).get("properties", ()))
    if unknown := fixed.keys() - names:
        raise ValueError(f"{operation.name} has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(names))}")
    return RequestShape(
        operation=operation,
        body=body,
        accepted=None if media is None else _accepted(contract, operation, media, fixed),
        query=_documented_query(operation, fixed),
        path=_fill_path(operation, fixed),
        fixed=fixed,
    )


def derive_document(contract: Contract, shape: RequestShape, *, is_accepted_only: bool) -> dict[str, Any]:
    """Return an OpenAPI document of this operation alone, without credentials, headers and examples of bodies."""
    operation = shape.operation
    schema = shape.accepted if is_accepted_only else shape.body
    definition: dict[str, Any] = {
        "parameters": [parameter for parameter in operation.parameters if parameter["in"] == "query"],
        "responses": {"200": {"description": "Success"}},
    }
    if schema is not None:
        definition["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
    return {
        "openapi": contract.spec["openapi"],
        "info": {"title": operation.name, "version": "1"},
        "paths": {shape.path: {operation.method.lower(): definition}},
        "components": {"schemas": contract.spec.get("components", {}).get("schemas", {})},
    }


def _json_media(contract: Contract, operation: Operation) -> Mapping[str, Any] | None:
    if "requestBody" not in operation.definition:
        return None
    content = contract.resolve(operation.definition["requestBody"])["content"]
    media: Mapping[str, Any] | None = content.get(_JSON)
    return media


def _accepted(
    contract: Contract, operation: Operation, media: Mapping[str, Any], fixed: Mapping[str, Any]
) -> Mapping[str, Any]:
    if ACCEPTED not in media:
        raise ValueError(f"{operation.name} has no {ACCEPTED}, so no request is sure to be accepted")
    schema = contract.resolve(media[ACCEPTED])
    fields = contract.resolve(media["schema"]).get("properties", {})
    constants = {name: {"const": value} for name, value in fixed.items() if name in fields}
    return {
        **schema,
        "properties": {**schema.get("properties", {}), **constants},
        "required": sorted({*schema.get("required", ()), *constants}),
    }


def _documented_query(operation: Operation, fixed: Mapping[str, Any]) -> dict[str, str]:
    values = {
        parameter["name"]: fixed.get(parameter["name"], parameter.get("example"))
        for parameter in operation.parameters
        if parameter["in"] == "query"
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _fill_path(operation: Operation, fixed: Mapping[str, Any]) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            name = parameter["name"]
            if name not in fixed:
                raise ValueError(f"{operation.name} needs a value for {name}: give it in `fixed`")
            path = path.replace(f"{{{name}}}", quote(str(fixed[name]), safe=""))
    return path
