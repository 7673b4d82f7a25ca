"""Understand a JSON Schema: follow its references, join its parts, tell its type, check a value."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing.exceptions import Unresolvable

Schema = dict[str, Any]

_STRICTEST = {
    "minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max, "minProperties": max,
    "maximum": min, "exclusiveMaximum": min, "maxLength": min, "maxItems": min, "maxProperties": min,
}  # fmt: skip
_TYPE_OF_KEYWORD = {
    "properties": "object", "required": "object", "additionalProperties": "object", "minProperties": "object",
    "items": "array", "prefixItems": "array", "minItems": "array", "uniqueItems": "array", "contains": "array",
    "pattern": "string", "minLength": "string", "maxLength": "string", "format": "string",
    "minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
    "multipleOf": "number",
}  # fmt: skip


def is_valid(value: Any, schema: Any, root: Schema) -> bool:
    """Tell whether the value fits; a schema that cannot be read fits anything."""
    if isinstance(schema, bool):
        return schema
    anchors = {key: root[key] for key in ("$defs", "definitions") if key in root}
    try:
        validator = Draft202012Validator({**anchors, **schema}, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return bool(validator.is_valid(value))
    except (SchemaError, ValidationError, Unresolvable, RecursionError, TypeError, ValueError):
        return True


def resolve(schema: Any, root: Schema) -> Schema:
    """Return the schema with its own ``$ref`` and ``allOf`` joined in."""
    if not isinstance(schema, dict):
        return {}
    joined = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
    if isinstance(schema.get("$ref"), str):
        joined = merge(resolve(_look_up(schema["$ref"], root, schema), root), joined)
    for part in schema.get("allOf") or ():
        joined = merge(joined, resolve(part, root))
    return joined


def merge(first: Schema, second: Schema) -> Schema:
    """Return a schema that asks for what both ask for."""
    joined = dict(first)
    for key, value in second.items():
        if key not in joined:
            joined[key] = value
        elif key in _STRICTEST:
            joined[key] = _STRICTEST[key](joined[key], value)
        elif key == "required":
            joined[key] = list(dict.fromkeys([*joined[key], *value]))
        elif key == "properties":
            joined[key] = {**joined[key], **{name: _both(joined[key].get(name), part) for name, part in value.items()}}
        elif key == "enum":
            joined[key] = [choice for choice in joined[key] if choice in value]
        elif key == "type":
            joined[key] = _narrow(joined[key], value)
        else:
            joined[key] = value
    return joined


def type_of(schema: Schema, variant: int = 0) -> str:
    """Return the type to make; of several the first that is not null, or a later one for a later variant."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [name for name in kind if name != "null"] or ["null"]
        kind = kinds[variant % len(kinds)]
    if isinstance(kind, str):
        return kind
    return next((_TYPE_OF_KEYWORD[key] for key in schema if key in _TYPE_OF_KEYWORD), "string")


def _look_up(pointer: str, root: Schema, origin: Schema) -> Any:
    if not pointer.startswith("#"):
        return {}
    target: Any = root
    for part in pointer[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        target = target.get(key) if isinstance(target, dict) else None
    # A reference to itself describes nothing.
    return {} if target is origin else target


def _both(first: Any, second: Any) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        return {"allOf": [first, second]}
    return second if first is None else first


def _narrow(first: Any, second: Any) -> Any:
    ones, others = ([kind] if isinstance(kind, str) else kind for kind in (first, second))
    common = [kind for kind in ones if kind in others or (kind == "integer" and "number" in others)]
    if not common and "integer" in others and "number" in ones:
        common = ["integer"]
    return common or first
